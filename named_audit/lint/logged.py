"""What a configuration has to say about a line of named's log: the statement that decided it, and what to write instead."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

from named_audit.lint.corrections import list_head, names
from named_audit.lint.log_reading import LogEntry
from named_audit.model.config import Config, Key, View, Zone
from named_audit.model.matchlist import address_text, parse_address, parse_match_list
from named_audit.model.names import BUILT_IN_KEYS, canonical
from named_audit.model.references import references
from named_audit.policy.answers import CLOSED_LINES, OPEN_LINES
from named_audit.policy.inbound import PULLING, Source
from named_audit.policy.matchlist import build
from named_audit.policy.peers import Peers
from named_audit.policy.question import Judge, Request, Step
from named_audit.policy.survey import Survey
from named_audit.syntax.shorten import shorten
from named_audit.syntax.source import Span
from named_audit.syntax.tree import Statement
from named_audit.syntax.words import Group, split

_MOST = 8
"""How many zones, keys or servers an answer names."""

_COMMENT = re.compile(r"//|#|/\*|\n")


class Answer(NamedTuple):
    """What decides. `at` is the deciding statement (None: there is none); `write` are statements to write there."""

    verdict: str
    at: Span | None = None
    steps: tuple[Step, ...] = ()
    depends: tuple[str, ...] = ()
    write: tuple[str, ...] = ()


class LogJudge:
    """Asks one configuration about lines of a log."""

    def __init__(self, survey: Survey) -> None:
        self._survey = survey
        self._config: Config = survey.config
        self._judge = Judge(survey.config, survey.interfaces)
        self._peers = Peers(survey.config)
        self._asked: Mapping[str, Callable[[LogEntry], Answer | None]] = {
            "transfer": self._transfer,
            "query": self._query,
            "cache": self._cache,
            "update": self._update,
            "unsigned-updates": self._unsigned_updates,
            "notify-from": self._notify_from,
            "held": self._held,
            "key": self._key,
            "primary": self._primary,
            "notify-to": self._notify_to,
            "zone": self._zone_of,
            "control": self._control,
            "place": self._place,
        }

    def answer(self, entry: LogEntry) -> Answer | None:
        """What the configuration says about a line; None if it has no say."""
        ask = self._asked.get(entry.line.asks)
        return ask(entry) if ask is not None else None

    # What is asked for in the log, found in the configuration.

    def _view(self, entry: LogEntry) -> View | None:
        name = entry.fields.get("view")
        return next((view for view in self._config.views if name is not None and view.name == name), None)

    def _zones(self, entry: LogEntry) -> list[Zone]:
        """The zones of the line's name, in its view if it names one; an `in-view` zone is where it points."""
        name = entry.fields.get("zone")
        if name is None:
            return []
        low, view = canonical(name), entry.fields.get("view")
        return [
            zone
            for zone in self._config.zones
            if zone.canonical == low
            and zone.in_view is None
            and (view is None or zone.view.name in (None, view))
        ]

    def _no_zone(self, entry: LogEntry) -> Answer:
        name = entry.fields.get("zone")
        if name is None:
            return Answer("the line does not name a zone, so that nothing here can be found for it")
        everywhere = [zone for zone in self._config.zones if zone.canonical == canonical(name)]
        if everywhere:
            views = names(dict.fromkeys(f"view {zone.view.name}" for zone in everywhere))
            return Answer(
                f"the zone {name} is in {views}, not in view {entry.fields.get('view')}",
                everywhere[0].statement.name_span,
            )
        near = difflib.get_close_matches(
            canonical(name), list(dict.fromkeys(zone.canonical for zone in self._config.zones))[:20_000], n=2
        )
        hint = f"; there is {' and '.join(near)}" if near else ""
        unseen = ", in what was read" if self._config.unseen else ""
        return Answer(f"there is no zone {name}{unseen}{hint}")

    def _request(self, entry: LogEntry) -> Request | None:
        peer = entry.fields.get("peer")
        parsed = parse_address(peer) if peer is not None else None
        if parsed is None:
            return None
        key = entry.fields.get("key")
        return Request(parsed[1], parsed[0], canonical(key) if key is not None else None)

    def _weighed(
        self, statement: Statement, request: Request, what: str, level: str, write: tuple[str, ...] = ()
    ) -> Answer:
        weighed = self._judge.weigh(statement, request)
        word = "admits" if weighed.allowed else "does not admit"
        verdict = f"the {statement.name} of the {level} decides, and {word} this client"
        if weighed.allowed:
            verdict += f": {what} is not for this list, or named runs an older configuration"
        return Answer(
            verdict, statement.name_span, weighed.steps, weighed.depends, () if weighed.allowed else write
        )

    # Transfers.

    def _transfer(self, entry: LogEntry) -> Answer | None:
        request = self._request(entry)
        zones = self._zones(entry)
        if request is None:
            return (
                Answer("the line does not say who asked: give the whole line, from `client` on")
                if zones
                else self._no_zone(entry)
            )
        if not zones:
            return self._no_zone(entry)
        denied = entry.line.id == "transfer-denied"
        view = self._view(entry)
        verdict = self._judge.decide(zones[0].name, request, view)
        statement = verdict.setting.statement
        at = statement.name_span if statement is not None else zones[0].statement.name_span
        if statement is not None:
            said = f"the allow-transfer of the {verdict.setting.level} decides"
        elif verdict.view is None:
            said = "no list decides"
        else:
            said = "no allow-transfer applies, the default decides"
        if verdict.releases is not None:
            said += f" (open on BIND {OPEN_LINES[0]} to {OPEN_LINES[-1]}, closed from {CLOSED_LINES[0]} on)"
        elif verdict.served == denied:
            now = "would serve this request" if denied else "would refuse this request"
            said += f", and this configuration {now}: named runs another one (rndc reconfig), or it depends on what is below"
        else:
            said += f": {'served' if verdict.served else 'refused'}"
        write = self._admitting(statement, zones[0], request) if denied and not verdict.served else ()
        if denied and verdict.releases is not None:
            write = self._admitting(None, zones[0], request)
        return Answer(said, at, verdict.trace, verdict.depends, write)

    def _admitting(self, statement: Statement | None, zone: Zone, request: Request) -> tuple[str, ...]:
        """The list that admits this client by its key, as far as its elements can be told in a line."""
        key = request.signer
        if key is None:
            key = self._peers.key_of(request.family, request.address, zone.view)
            key = canonical(key) if key is not None else None
        element = f'key "{key}"' if key is not None and _is_plain(key) else 'key "<its key>"'
        if statement is None:
            return (f"allow-transfer {{ {element}; }};",)
        group = next((piece for piece in statement.pieces if isinstance(piece, Group)), None)
        if group is None:
            return ()
        text = statement.text
        old = [text[each.start : each.end].rstrip("; \t\r\n") for each in group.elements]
        if any(_COMMENT.search(each) for each in (*old, text[: group.start])):
            return ()
        old = [each for each in old if each.lower() != "none"]
        signed = request._replace(signer=key)
        for listed in ((*old, element), (element, *old)):
            if key is None or self._admits(listed, signed):
                head = list_head(statement)
                return (f"{head} {{ {' '.join(f'{each};' for each in listed)} }};",)
        return ()

    def _admits(self, elements: tuple[str, ...], request: Request) -> bool:
        group = split("{ " + " ".join(f"{each};" for each in elements) + " }")[0]
        if not isinstance(group, Group):
            return False
        acl = build(parse_match_list(group), self._survey.lists.lookup)
        return acl.addresses(request.signer, "elsewhere").holds(request.address, request.family)

    def _held(self, entry: LogEntry) -> Answer | None:
        """Why a request for a zone found none: where it lands, and where the zone is."""
        zones = [
            zone for zone in self._config.zones if zone.canonical == canonical(entry.fields.get("zone", ""))
        ]
        if not zones:
            return self._no_zone(entry)
        request = self._request(entry)
        named = self._view(entry)
        if request is None:
            return Answer("the zone is here", zones[0].statement.name_span)
        verdict = self._judge.decide(zones[0].name, request, None)
        steps = tuple(step for step in verdict.trace if "view" in step.element or "zone" in step.element)
        landed = named or verdict.view
        inside = [zone for zone in zones if landed is not None and zone.view is landed]
        if inside:
            type_ = self._config.zone_type(inside[0]) or "no type"
            said = f"the zone is here, as {type_}"
            if type_ in PULLING:
                said += ": not loaded yet, or expired (look for `expired` and `Transfer status`)"
            elif type_ in ("primary",):
                said += ": it is not loaded (look for `not loaded due to errors`), or named runs an older configuration"
            return Answer(said, inside[0].statement.name_span, steps)
        where = "no view" if landed is None else f"view {landed.name}"
        views = names(dict.fromkeys(f"view {zone.view.name}" for zone in zones))
        return Answer(
            f"the request lands in {where}; the zone is in {views}", zones[0].statement.name_span, steps
        )

    # Queries and updates.

    def _query(self, entry: LogEntry) -> Answer | None:
        zones, request = self._zones(entry), self._request(entry)
        if not zones:
            # The name that is asked for lies below the zone's.
            zones = self._around(entry)
        if not zones:
            return self._no_zone(entry)
        setting = self._config.effective(zones[0], "allow-query")
        if setting.statement is None:
            return Answer(
                "no allow-query applies: anyone may ask for this zone", zones[0].statement.name_span
            )
        if request is None:
            return Answer(f"the allow-query of the {setting.level} decides", setting.statement.name_span)
        return self._weighed(setting.statement, request, "what was denied", setting.level)

    def _around(self, entry: LogEntry) -> list[Zone]:
        labels = canonical(entry.fields.get("zone", "")).split(".")
        for count in range(1, len(labels)):
            name = ".".join(labels[count:])
            found = [zone for zone in self._config.zones if zone.canonical == name and zone.in_view is None]
            if found:
                view = entry.fields.get("view")
                return [zone for zone in found if view is None or zone.view.name in (None, view)]
        return []

    def _cache(self, entry: LogEntry) -> Answer | None:
        views = [self._view(entry) or self._config.views[0]]
        request = self._request(entry)
        # Each of the three stands in for the others, in this order (Administrator Reference Manual, allow-query-cache).
        for name in ("allow-query-cache", "allow-recursion", "allow-query"):
            setting = self._config.view_setting(views[0], name)
            if setting.statement is not None and request is not None:
                return self._weighed(setting.statement, request, "what was denied", setting.level)
        return Answer(
            "no allow-query-cache, allow-recursion or allow-query applies: localhost and localnets alone may ask the cache"
        )

    def _update(self, entry: LogEntry) -> Answer | None:
        zones, request = self._zones(entry), self._request(entry)
        if not zones:
            return self._no_zone(entry)
        zone = zones[0]
        if "forwarding" in entry.fields:
            setting = self._config.effective(zone, "allow-update-forwarding")
            default = "no allow-update-forwarding applies: a secondary passes no update on"
        else:
            policy = zone.level.statements.get("update-policy")
            if policy is not None:
                return self._update_policy(policy, entry)
            setting = self._config.effective(zone, "allow-update")
            default = "no allow-update and no update-policy applies: nobody may change the zone"
        if setting.statement is None:
            key = entry.fields.get("key")
            grantee = f'"{key}"' if key is not None and _is_plain(key) else "<its key>"
            write = (f"update-policy {{ grant {grantee} name <name> <types>; }};",)
            return Answer(
                default, zone.statement.name_span, write=() if "forwarding" in entry.fields else write
            )
        if request is None:
            return Answer(
                f"the {setting.statement.name} of the {setting.level} decides", setting.statement.name_span
            )
        return self._weighed(setting.statement, request, "the denial", setting.level)

    def _update_policy(self, policy: Statement, entry: LogEntry) -> Answer:
        key = entry.fields.get("key")
        if key is None:
            said = "the zone has an update-policy: an unsigned update is always denied"
        else:
            said = (
                f"the zone's update-policy decides what key {key} may change: no grant fits the name and type"
            )
        group = next((piece for piece in policy.pieces if isinstance(piece, Group)), None)
        steps = []
        for element in group.elements[:_MOST] if group is not None else ():
            identity = element.pieces[1].value if len(element.pieces) > 1 else ""
            fits = key is not None and canonical(identity) in (canonical(key), "*")
            span = policy.locate(element.start, element.end)
            steps.append(
                Step(
                    span,
                    " ".join(span.text.rstrip("; ").split()),
                    "for this key" if fits else "for somebody else",
                )
            )
        return Answer(said, policy.name_span, tuple(steps))

    def _unsigned_updates(self, entry: LogEntry) -> Answer | None:
        zones = self._zones(entry)
        if not zones:
            return self._no_zone(entry)
        setting = self._config.effective(zones[0], "allow-update")
        if setting.statement is None:
            return Answer(
                "no allow-update applies here: named runs another configuration", zones[0].statement.name_span
            )
        statement = setting.statement
        acl = self._survey.lists.acl(statement)
        steps = tuple(
            Step(
                statement.locate(element.start, element.end),
                _element_text(statement, element.start, element.end),
                f"admits {share.words()}, unsigned",
            )
            for element, share in acl.shares(None, "elsewhere")
        )
        keys = " ".join(f'key "{key}";' for key in acl.signers if _is_plain(key)) or 'key "<its key>";'
        return Answer(
            f"the allow-update of the {setting.level} admits unsigned updates",
            statement.name_span,
            steps,
            write=(f"allow-update {{ {keys} }};",),
        )

    # NOTIFY.

    def _notify_from(self, entry: LogEntry) -> Answer | None:
        zones, request = self._zones(entry), self._request(entry)
        if not zones:
            return self._no_zone(entry)
        zone = zones[0]
        senders = self._survey.inbound.senders(zone)
        if senders is None:
            type_ = self._config.zone_type(zone) or "no type"
            return Answer(
                f"the zone is {type_} here: it has no primaries and takes no NOTIFY", zone.statement.name_span
            )
        plan = self._survey.inbound.plan(zone)
        listed = plan.primaries.statement
        at = listed.name_span if listed is not None else zone.statement.name_span
        steps = [
            Step(
                source.server.entry.span,
                source.request.text,
                "a primary: its NOTIFY is taken, whatever signs it",
            )
            for source in plan.sources[:_MOST]
        ]
        if request is None:
            return Answer(f"{len(plan.sources)} primaries are listed", at, tuple(steps))
        depends: tuple[str, ...] = ()
        signer = request.signer
        taken = senders.primaries.holds(request.address, request.family)
        allow = senders.setting.statement
        if allow is not None and not taken:
            weighed = self._judge.weigh(allow, request)
            taken, depends = weighed.allowed, weighed.depends
            steps += [
                Step(allow.name_span, "allow-notify", "asked where the sender is no primary"),
                *(step._replace(depth=step.depth + 1) for step in weighed.steps),
            ]
        peer = address_text(request.address, request.family)
        if taken:
            said = (
                f"{peer} may send NOTIFY for this zone"
                if entry.line.id != "notify-refused"
                else (
                    f"{peer} may send NOTIFY for this zone here: named runs another configuration (rndc reconfig)"
                )
            )
            return Answer(said, at, tuple(steps), depends)
        missing = "primaries does not list it" + (
            ", and allow-notify does not admit it" if allow is not None else ""
        )
        write: tuple[str, ...] = (
            f'allow-notify {{ key "{signer}"; }};'
            if signer is not None and _is_plain(signer)
            else f"allow-notify {{ {peer}; }};",
        )
        if len(plan.sources) == 1:
            write = (
                *write,
                f"on the primary: notify-source{'-v6' if ':' in plan.sources[0].request.text else ''} {plan.sources[0].request.text};",
            )
        return Answer(f"{peer} is no primary of this zone: {missing}", at, tuple(steps), depends, write)

    def _notify_to(self, entry: LogEntry) -> Answer | None:
        zones, request = self._zones(entry), self._request(entry)
        if not zones:
            return self._no_zone(entry)
        plan = self._survey.notifier.plan(zones[0])
        also = plan.also_notify.statement
        told = [
            target
            for target in plan.targets
            if request is None
            or (target.server.family, target.server.address) == (request.family, request.address)
        ]
        steps = []
        for target in told[:_MOST]:
            sent = target.sent
            words = f"told at port {sent.port}" + (
                f" over {sent.transport}" if sent.transport != "udp" else ""
            )
            words += (
                f", signed with key {sent.key} (from the {'entry' if target.signed_by == 'entry' else 'server block'})"
                if sent.key
                else ", unsigned"
            )
            if target.undefined_key is not None:
                words += f"; its key {target.undefined_key} is not defined"
            if target.unsent is not None:
                words += f"; nothing is sent: {target.unsent}"
            steps.append(Step(target.server.entry.span, target.server.address_text, words))
        if steps:
            return Answer(
                "also-notify names it" if request is not None else "also-notify decides",
                also.name_span if also is not None else None,
                tuple(steps),
            )
        if plan.told_by_ns:
            where = "also-notify does not name it: " if request is not None and also is not None else ""
            return Answer(
                f"{where}the servers of the zone's NS records are told (notify {plan.mode})",
                zones[0].statement.name_span,
            )
        return Answer(
            f"nothing here sends it a NOTIFY (notify {plan.mode}): named runs another configuration",
            zones[0].statement.name_span,
        )

    # Keys.

    def _key(self, entry: LogEntry) -> Answer | None:
        name = entry.fields.get("key")
        if name is None:
            return None
        low = canonical(name)
        view = entry.fields.get("view")
        found = [key for key in self._config.all_keys if key.canonical == low]
        steps = [self._key_step(key) for key in found[:_MOST]]
        steps += self._uses(low)
        request = self._request(entry)
        if request is not None:
            steps += self._expected(request, low)
        if not found:
            if low in BUILT_IN_KEYS:
                return Answer(f"named makes key {name} by itself (update-policy local)", None, tuple(steps))
            near = difflib.get_close_matches(
                low, list(dict.fromkeys(key.canonical for key in self._config.all_keys))[:20_000], n=2
            )
            hint = f"; there is {' and '.join(near)}" if near else ""
            unseen = " in what was read" if self._config.unseen else ""
            write = (f'key "{low}" {{ algorithm hmac-sha256; secret "..."; }};',) if _is_plain(low) else ()
            return Answer(
                f"no key of the name {name} is defined{unseen}{hint}", None, tuple(steps), write=write
            )
        said = f"key {name} is defined here"
        if view is not None and not any(key.view in (None, view) for key in found):
            said = f"key {name} is defined in {names(dict.fromkeys(f'view {key.view}' for key in found))}, not in view {view}"
        elif entry.line.id == "tsig-badkey":
            said += f" with {names(dict.fromkeys(key.algorithm or 'no algorithm' for key in found))}: the other side uses another algorithm"
            if any(key.view is not None for key in found):
                said += ", the request lands in another view"
            said += ", or named runs an older configuration"
        elif entry.line.id == "tsig-badsig" and len(found) > 1:
            said += f" {len(found)} times"
        return Answer(said, found[0].name_span, tuple(steps))

    def _key_step(self, key: Key) -> Step:
        where = "" if key.view is None else f", in view {key.view}"
        return Step(key.name_span, f'key "{key.name}"', f"{key.algorithm or 'no algorithm'}{where}")

    def _uses(self, name: str) -> Iterator[Step]:
        found = [
            reference for reference in references(self._config, "key") if canonical(reference.name) == name
        ]
        for reference in found[:_MOST]:
            yield Step(reference.span, reference.statement.name, "names this key")

    def _expected(self, request: Request, name: str) -> Iterator[Step]:
        """What this server itself uses towards the client: people give both directions one key."""
        for view in self._config.views:
            key = self._peers.key_of(request.family, request.address, view)
            if key is not None and canonical(key) != name:
                span = self._config.key_ring(view)[canonical(key)].name_span
                yield Step(span, f'key "{key}"', "what this server itself uses towards that address")
                return

    # The other way: where zones come from.

    def _primary(self, entry: LogEntry) -> Answer | None:
        zones, request = self._zones(entry), self._request(entry)
        if not zones:
            return self._no_zone(entry)
        zone = zones[0]
        if self._config.zone_type(zone) not in PULLING:
            type_ = self._config.zone_type(zone) or "no type"
            return Answer(
                f"the zone is {type_} here and is not taken from anybody: named runs another configuration",
                zone.statement.name_span,
            )
        plan = self._survey.inbound.plan(zone)
        listed = plan.primaries.statement
        at = listed.name_span if listed is not None else zone.statement.name_span
        chosen = [
            source
            for source in plan.sources
            if request is None
            or (source.request.family, source.request.address) == (request.family, request.address)
        ]
        port = entry.fields.get("port")
        if len(chosen) > 1 and port is not None:
            chosen = [source for source in chosen if str(source.request.port) == port] or chosen
        steps = [
            Step(source.server.entry.span, source.request.text, _asked_words(source))
            for source in chosen[:_MOST]
        ]
        steps += [
            Step(undefined.span, undefined.text, "a list that is not defined")
            for undefined in plan.undefined_lists[:_MOST]
        ]
        if not chosen:
            where = (
                "primaries does not list this address: named runs another configuration"
                if request is not None
                else "it names no primary"
            )
            return Answer(where, at, tuple(steps))
        write = []
        key = chosen[0].key
        if (
            entry.word("why") in ("REFUSED",)
            or entry.fields.get("rcode") == "REFUSED"
            or entry.line.id in ("transfer-failed", "transfer-status")
        ):
            if key is not None and _is_plain(key) and not chosen[0].skipped:
                write = [f'on the primary: allow-transfer {{ key "{key}"; }};']
            elif key is None and entry.word("why") == "REFUSED":
                write = [
                    f"primaries {{ {chosen[0].request.text} key <name>; }};",
                    'on the primary: allow-transfer { key "<name>"; };',
                ]
        if entry.word("why") == "success":
            write = []
        said = "primaries lists it" if request is not None else "primaries decides"
        return Answer(said, at, tuple(steps), write=tuple(write))

    def _zone_of(self, entry: LogEntry) -> Answer | None:
        zones = self._zones(entry)
        if not zones:
            return self._no_zone(entry)
        file = zones[0].level.statements.get("file")
        steps = (
            () if file is None else (Step(file.span, "file", _element_text(file, 4, len(file.text)).strip()),)
        )
        type_ = self._config.zone_type(zones[0]) or "no type"
        return Answer(f"the zone is here, as {type_}", zones[0].statement.name_span, steps)

    def _control(self, entry: LogEntry) -> Answer | None:
        if not self._config.controls:
            return Answer(
                "there is no controls statement: named listens on 127.0.0.1 and ::1, port 953, with the key of rndc.key"
            )
        steps = []
        for statement in self._config.controls:
            for piece in statement.pieces:
                for element in piece.elements if isinstance(piece, Group) else ():
                    span = statement.locate(element.start, element.end)
                    steps.append(
                        Step(span, _element_text(statement, element.start, element.end), "a channel")
                    )
        return Answer(
            "controls decides who may speak to named",
            self._config.controls[0].name_span,
            tuple(steps[:_MOST]),
        )

    def _place(self, entry: LogEntry) -> Answer | None:
        """The line of a file that named complains of."""
        file, line = entry.fields["file"], entry.fields["line"]
        number = int(line) if len(line) < 8 else 0
        name = file.rsplit("/", 1)[-1]
        for source in self._config.tree.sources:
            same = source.path == file or source.real_path == file or source.path.rsplit("/", 1)[-1] == name
            if same and 1 <= number <= len(source.line_starts):
                start, end = source.line_bounds(number)
                return Answer(
                    "this is the line",
                    Span(source, start, end),
                    (Step(Span(source, start, end), f"line {number}", source.text[start:end].strip()),),
                )
        return Answer("that file is not among those that were read")


def _asked_words(source: Source) -> str:
    request = source.request
    over = {(True, True): " over verified TLS", (True, False): " over unverified TLS"}.get(
        (request.transport == "tls", request.verified), ""
    )
    if source.skipped:
        return f"never asked: its key {source.key} is not defined where the zone stands"
    proof = (
        "unsigned"
        if source.key is None
        else f"signed with key {source.key} (from the {'entry' if source.signed_by == 'entry' else 'server block'})"
    )
    return f"asked at port {request.port}{over}, {proof}"


def _element_text(statement: Statement, start: int, end: int) -> str:
    return shorten(" ".join(statement.locate(start, end).text.rstrip("; \t\r\n").split()), 120)


def _is_plain(name: str) -> bool:
    return re.fullmatch(r"[A-Za-z0-9._-]{1,255}", name) is not None
