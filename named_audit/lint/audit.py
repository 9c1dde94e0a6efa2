"""One root under audit: the answers that rules ask for, each worked out once."""

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

from named_audit.lint.contract import Finding, Scope, Severity
from named_audit.model.config import Config, Key, Reference, View, Zone
from named_audit.model.lookalike import lookalike
from named_audit.model.matchlist import MatchList
from named_audit.model.references import references, zones_by_view
from named_audit.model.serverlist import Server
from named_audit.policy.access import Access
from named_audit.policy.acl_uses import AclUses
from named_audit.policy.faults import Fault, find_faults
from named_audit.policy.inbound import InboundPlan, NotifySenders, Source
from named_audit.policy.notify import NotifyPlan, NotifyTarget, Target
from named_audit.policy.override import Outer, behind
from named_audit.policy.peers import Peers
from named_audit.policy.runtime_zones import RuntimeZones, runtime_zones
from named_audit.policy.survey import Survey, Surveyed
from named_audit.policy.tls import TlsClient, tls_clients
from named_audit.policy.transfer import (
    STOCK_ZONES,
    TransferPolicy,
    has_no_content,
    open_by_default,
    transfer_policies,
)
from named_audit.policy.updates import UpdateAccess, update_accesses
from named_audit.policy.zone_content import Contents, OwnAddresses, ZoneContent, own_addresses
from named_audit.release import Release
from named_audit.syntax.shorten import shorten
from named_audit.syntax.source import Problem, Span, problem_at
from named_audit.syntax.tree import Statement
from named_audit.syntax.words import fold

if TYPE_CHECKING:
    from named_audit.lint.checkconf import Message
    from named_audit.lint.files import Files
    from named_audit.model.zone_data import Times, ZoneReader

HARMLESS_INCLUDES = ("/etc/crypto-policies/back-ends/bind.config",)
"""Red Hat's stock named.conf includes this one in `options`; it holds disabled algorithms and digests only."""

RAW_BLOCKS = frozenset({"dyndb", "plugin", "dlz"})
"""Statements whose blocks BIND hands to a driver as they stand."""


class Pulled(NamedTuple):
    """A zone that is fetched from primaries. `runtime` says what brings it in, if it is not in the file.

    `alike` is the same number for all zones whose primaries are asked in the same way.
    """

    zone: Zone
    sources: tuple[Source, ...]
    runtime: RuntimeZones | None
    alike: int

    @property
    def scopes(self) -> tuple[Scope, ...]:
        """The zone as a finding names it, if it is in the file."""
        return () if self.runtime is not None else (scope(self.zone),)


class Audit:
    """A configuration and the policies worked out from it."""

    def __init__(
        self,
        config: Config,
        *,
        fragment: bool = False,
        survey: Survey | None = None,
        zone_data: "ZoneReader | None" = None,
    ) -> None:
        self.config = config
        self._contents = Contents(config, zone_data)
        config.fragment = fragment
        self.fragment = fragment
        """A file judged without the root that includes it: what is around it is unknown."""
        self.survey = survey if survey is not None else Survey(config)
        self.lists = self.survey.lists
        self.peers = Peers(config)
        self.acl_uses = AclUses(config, self.lists)
        self._reach = self.survey.reach
        self._accesses = self.survey.accesses
        self._runtime: tuple[RuntimeZones, ...] | None = None
        self._policies: tuple[TransferPolicy, ...] | None = None
        self._policy_of: dict[int, TransferPolicy] | None = None
        self._notifier = self.survey.notifier
        self._inbound = self.survey.inbound
        self._pulled: tuple[Pulled, ...] | None = None
        self._tls_clients: tuple[TlsClient, ...] | None = None
        self._also_notify_users: Counter[int | None] | None = None
        self._followed: frozenset[int] | None = None
        self._entry_views: dict[Span, tuple[View, ...]] | None = None
        self._key_names: frozenset[str] | None = None
        self._references: dict[str, tuple[Reference, ...]] = {}
        self._faults: dict[int, tuple[Fault, ...]] = {}
        self._overridden: dict[int, Outer | None] = {}
        self._updates: tuple[UpdateAccess, ...] | None = None

        self.files: Files | None = None
        """What the machine says of the files; None where it is not theirs: a checkout's modes mean nothing."""
        self.now: float | None = None
        """The time of the audit, in seconds since 1970; None: not known, so that nothing is old."""
        self.heard: tuple[Message, ...] = ()
        """What named-checkconf says of this root and nothing else does; see `named_audit.lint.checkconf`."""
        self.heard_several = False
        """Whether a message must say whose it is: of several releases, or of another one than the assumed."""

    @property
    def release(self) -> Release | None:
        """The release that is assumed; None = unknown."""
        return self.config.release

    @property
    def policies(self) -> tuple[TransferPolicy, ...]:
        """The transfer policies of all zones, one per deciding statement and view.

        Where something that could hold an allow-transfer was not seen, zones that would fall back to the default
        are left out: nothing is known of them.
        """
        if self._policies is None:
            found = transfer_policies(
                self.config, self.config.zones, self.lists, self._reach, self._accesses, self.runtime
            )
            self._policies = tuple(policy for policy in found if self._known(policy))
        return self._policies

    @property
    def runtime(self) -> tuple[RuntimeZones, ...]:
        """What may bring in zones that are not in the file."""
        if self._runtime is None:
            self._runtime = runtime_zones(self.config, self._accesses)
        return self._runtime

    @property
    def updates(self) -> tuple[UpdateAccess, ...]:
        """Who may change zones by dynamic update, one for each deciding allow-update and view, as far as it is known.

        Where something nearer to a zone was not seen, it may hold a list of its own; a name that was not seen may
        stand for anybody.
        """
        if self._updates is None:
            found = update_accesses(self.config, self._accesses, self._reach)
            self._updates = tuple(known for each in found if (known := self._known_update(each)) is not None)
        return self._updates

    def _known_update(self, update: UpdateAccess) -> UpdateAccess | None:
        acl = update.access.acl
        if acl is not None and acl.undefined and self.config.unseen:
            return None
        if update.setting.level in ("zone", "template"):
            return update
        zones = tuple(zone for zone in update.zones if self.levels_seen(zone))
        return update._replace(zones=zones) if zones else None

    def policy_of(self, zone: Zone) -> TransferPolicy | None:
        """The policy of a zone; None for a type that is never transferred, or where it is not known."""
        if self._policy_of is None:
            self._policy_of = {id(member): policy for policy in self.policies for member in policy.zones}
        return self._policy_of.get(id(zone))

    def faults(self, policy: TransferPolicy) -> tuple[Fault, ...]:
        """What is wrong with the list of a policy as a list: see `named_audit.policy.faults`."""
        acl = policy.acl
        if acl is None:
            return ()
        known = self._faults.get(id(acl))
        if known is None:
            known = self._faults[id(acl)] = find_faults(acl.match_list, self.lists.lookup)
        return known

    def if_list(self, policy: TransferPolicy, match_list: MatchList) -> Access:
        """Who could take the zones of a policy if this list stood in the place of its own."""
        return self._accesses.instead(policy.access, match_list)

    def next_zone(self, statement: Statement | None, view: View) -> Access:
        """Who could take a new zone of a view if this allow-transfer, or without one the default, decided for it."""
        opened = statement is None and open_by_default(self.release) is not False
        return self._accesses.of(statement, opened, (view,))

    def overridden(self, policy: TransferPolicy) -> Outer | None:
        """What would decide for the zones of a policy without its own statement.

        None where nothing does that is known: the statement stands in the options, a farther level was not seen whole
        or cannot be judged, or (without a farther list) the release is not known.
        """
        if id(policy) not in self._overridden:
            self._overridden[id(policy)] = self._replaced_by(policy)
        return self._overridden[id(policy)]

    def notify(self, zone: Zone) -> NotifyPlan:
        """Whom the server tells of a new version of the zone."""
        return self._notifier.plan(zone)

    def also_notify_users(self, statement: Statement | None) -> int:
        """For how many zones an also-notify decides; None: how many have none at all."""
        if self._also_notify_users is None:
            found = (self.config.effective(zone, "also-notify").statement for zone in self.config.zones)
            self._also_notify_users = Counter(id(each) if each is not None else None for each in found)
        return self._also_notify_users[id(statement) if statement is not None else None]

    def notify_by_block(self, zone: Zone, target: Target) -> NotifyTarget:
        """What a server of also-notify would be sent if the `server` block of its address were looked at."""
        return self._notifier.by_block(zone, target)

    def content(self, zone: Zone) -> ZoneContent | None:
        """Who serves a zone by its own records; None where its file was not read, or may not be what is served."""
        return self._contents.of(zone)

    def own_addresses(self, zone: Zone) -> OwnAddresses:
        """The server's own addresses, as far as the configuration spells them out."""
        return own_addresses(self.config, zone, self.lists)

    def is_followed(self, statement: Statement) -> bool:
        """Whether any zone, of the file or of the run time, tells the servers of an also-notify."""
        if self._followed is None:
            zones = chain(self.config.zones, (each.member for each in self.runtime))
            plans = (self._notifier.plan(zone) for zone in zones)
            self._followed = frozenset(
                id(plan.also_notify.statement) for plan in plans if not plan.nobody_listed
            )
        return id(statement) in self._followed

    def inbound(self, zone: Zone) -> InboundPlan:
        """Where the zone's content comes from."""
        return self._inbound.plan(zone)

    def notify_senders(self, zone: Zone) -> NotifySenders | None:
        """Whose NOTIFY makes the zone look for a new version; None for a type that ignores every NOTIFY."""
        return self._inbound.senders(zone)

    def times(self, zone: Zone) -> "Times | None":
        """What the zone's own SOA record says to its secondaries; None where its file was not read."""
        content = self.content(zone)
        return content.times if content is not None else None

    @property
    def pulled(self) -> tuple[Pulled, ...]:
        """Every zone that is fetched from primaries, those that come at run time too."""
        if self._pulled is None:
            members = [(each.member, each) for each in self.runtime]
            every = chain(((zone, None) for zone in self.config.zones), members)
            plans = ((zone, self.inbound(zone), runtime) for zone, runtime in every)
            found = (Pulled(zone, plan.sources, runtime, plan.alike) for zone, plan, runtime in plans)
            self._pulled = tuple(each for each in found if each.sources)
        return self._pulled

    @property
    def tls_clients(self) -> tuple[TlsClient, ...]:
        """Every `tls` that primaries are asked through."""
        if self._tls_clients is None:
            self._tls_clients = tls_clients(self.config, ((each.zone, each.sources) for each in self.pulled))
        return self._tls_clients

    def servers(self, zone: Zone) -> tuple[Server, ...]:
        """The servers that a zone's primaries and also-notify name."""
        sources, targets = self.inbound(zone).sources, self.notify(zone).targets
        return (*(source.server for source in sources), *(target.server for target in targets))

    def entry_views(self, entry: Span) -> tuple[View, ...]:
        """The views whose zones ask or tell a server by this entry of a server list."""
        if self._entry_views is None:
            found: dict[Span, dict[int, View]] = {}
            for zone in self.config.zones:
                for server in self.servers(zone):
                    found.setdefault(server.entry.span, {})[id(zone.view)] = zone.view
            self._entry_views = {span: tuple(views.values()) for span, views in found.items()}
        return self._entry_views.get(entry, ())

    def one_key(self, name: str, views: Iterable[View]) -> bool:
        """Whether a key name (canonical) stands for one and the same defined key in all of some views."""
        keys = [self.key_ring(view).get(name) for view in views]
        return len(
            {(key.algorithm, key.secret) if key is not None else None for key in keys} - {None}
        ) == 1 and all(keys)

    def references(self, kind: str) -> tuple[Reference, ...]:
        """Every place that names a definition of a kind: "key", "acl", "server list", "tls"."""
        known = self._references.get(kind)
        if known is None:
            known = self._references[kind] = tuple(references(self.config, kind))
        return known

    def refused(self, rule: str) -> Iterator[Finding]:
        """What named refuses although it is understood, of one kind: the id of the rule that reports it."""
        for refusal in self.config.refused:
            if refusal.rule == rule:
                yield Finding(refusal.span, refusal.message, related=refusal.related)

    def checkconf(self, *, errors: bool) -> Iterator[Finding]:
        """The errors or the warnings of named-checkconf, if it was asked; those of one place together.

        What one of another line says, errors too, is for information only, and goes with the warnings.
        """
        if self.heard:
            from named_audit.lint.checkconf import by_place, finding_text

            own = [each for each in self.heard if each.error is errors and not each.foreign]
            for span, messages in by_place(own).items():
                yield Finding(span, finding_text(messages, several=self.heard_several))
            foreign = [each for each in self.heard if each.foreign and not errors]
            for span, messages in by_place(foreign).items():
                text = finding_text(messages, several=True)
                yield Finding(span, text, audience="pedantic", severity=Severity.INFO)

    def levels_seen(self, zone: Zone) -> bool:
        """Whether all of a zone's levels were seen whole."""
        if self.fragment:
            return False
        config = self.config
        unseen = self._unseen
        if not unseen:
            return True
        if config.options_statement is None:
            return False
        blocks = [zone.statement, config.options_statement]
        if zone.view.statement is not None:
            blocks.append(zone.view.statement)
        return not any(_inside(span, block) for span in unseen for block in blocks)

    @property
    def _unseen(self) -> tuple[Span, ...]:
        tree = self.config.tree
        spans = [span for span in (*tree.missing, *tree.external) if not _harmless(span)]
        for problem in self.config.problems:
            # A wrong argument hides no other statement; a wrong structure may.
            if problem.span is not None and problem.kind not in ("include", "argument"):
                spans.append(problem.span)
        return tuple(spans)

    def unjudged(self) -> tuple[Problem, ...]:
        """Transfer lists that cannot be judged: named refuses them, or what they name was not read.

        An element that names nothing matches nothing, so a denial would be lost without a word.
        """
        found: dict[Span, Problem] = {}
        sound: set[int] = set()
        everything = chain(self.survey.zones(), (each for _, each in self.survey.runtime()))
        for surveyed in everything:
            if surveyed.kind.number not in sound:
                problems = list(self._bad_list(surveyed))
                if not problems:
                    sound.add(surveyed.kind.number)
                for problem in problems:
                    if problem.span is not None:
                        found.setdefault(problem.span, problem)
        return (*self.config.doubts, *found.values(), *self._unresolved())

    def _bad_list(self, surveyed: Surveyed) -> Iterator[Problem]:
        """A list that cannot be judged although nobody has said so: it must not look sound."""
        access, statement = surveyed.kind.answers[0].access, surveyed.setting.statement
        acl = access.acl if access is not None else None
        if acl is None or statement is None or self.config.problems or self.config.doubts:
            return
        if acl.invalid:
            why = acl.invalid[0]
        elif acl.loops:
            why = f"acl {shorten(acl.loops[0])} contains itself"
        elif acl.undefined and not self.config.unseen:
            why = f"no acl {shorten(acl.undefined[0])} is defined"
            meant = lookalike(acl.undefined[0])
            why += f" ({meant.why})" if meant is not None else ""
        else:
            return
        message = f"this list cannot be judged, and named refuses it: {why}"
        yield problem_at("argument", message, statement.span)

    def _unresolved(self) -> Iterator[Problem]:
        """Names that lead nowhere although everything was read: named refuses the configuration."""
        if not self.config.partly_read:
            yield from self._unresolved_zones()

    def _unresolved_zones(self) -> Iterator[Problem]:
        config = self.config
        zones: dict[str, set[str]] | None = None
        for zone in config.zones:
            pointed = zone.in_view
            if pointed is not None:
                if zones is None:
                    zones = zones_by_view(config)
                if zone.canonical not in zones.get(pointed, ()):
                    message = (
                        f"view {shorten(pointed)} has no zone {shorten(zone.canonical)}: named refuses this"
                    )
                    yield problem_at("argument", message, zone.level.statements["in-view"].span)
            template = zone.template
            if template is not None and fold(template) not in config.templates and self._has_templates:
                message = f"no template {shorten(template)} is defined: named refuses this"
                yield problem_at("argument", message, zone.statement.name_span)

    @property
    def _has_templates(self) -> bool:
        """Whether the release looks a template up; an older one refuses the statement that names it."""
        return self.release is None or self.release.at_least(9, 21, 9)

    def _replaced_by(self, policy: TransferPolicy) -> Outer | None:
        if policy.statement is None or not policy.zones or not self.levels_seen(policy.zones[0]):
            return None
        setting = behind(self.config, policy.zones[0], policy.statement)
        opened = open_by_default(self.release)
        if setting is None or (setting.statement is None and opened is None):
            return None
        access = self._accesses.of(setting.statement, bool(opened), policy.views)
        acl = access.acl
        if acl is not None and (acl.undefined or acl.loops or acl.invalid):
            return None
        return Outer(setting, access)

    def _known(self, policy: TransferPolicy) -> bool:
        if policy.decided_by_default:
            return self.levels_seen(policy.zones[0] if policy.zones else policy.runtime[0].member)
        # A list that was not read may hold anything: what stands behind its denial may be denied or not.
        acl = policy.acl
        if acl is None or not acl.undefined or not self.config.unseen:
            return True
        match_list = policy.match_list
        return match_list is None or not _denies_unknown(match_list, frozenset(acl.undefined))

    def scopes(self, zones: Iterable[Zone]) -> tuple[Scope, ...]:
        """Zones as a finding names them."""
        return tuple(scope(zone) for zone in zones)

    def head(self, zone: Zone | None = None) -> Span:
        """Where what is absent is reported: the head of the options block, else of the first zone."""
        if self.config.options_statement is not None:
            return self.config.options_statement.name_span
        first = zone if zone is not None else next(iter(self.config.zones), None)
        if first is not None:
            return first.statement.name_span
        root = self.config.tree.root
        return Span(root, 0, 0)

    @property
    def key_names(self) -> frozenset[str]:
        """The canonical names of all keys, whatever their views."""
        if self._key_names is None:
            self._key_names = frozenset(key.canonical for key in self.config.all_keys)
        return self._key_names

    def key_ring(self, view: View) -> dict[str, Key]:
        """The keys of a view by canonical name, the global ones included."""
        return self.config.key_ring(view)

    def statements(self) -> Iterator[Statement]:
        """Every statement, wherever it stands, outer ones first; not what a driver's block holds: that is its own."""
        stack = [iter(self.config.tree.statements)]
        while stack:
            for statement in stack[-1]:
                yield statement
                if statement.name in RAW_BLOCKS:
                    continue
                if statement.type == "OPEN" or "{" in statement.first.text:
                    stack.append(iter(statement.children))
                    break
            else:
                stack.pop()


def scope(zone: Zone) -> Scope:
    """A zone as a finding names it; no name in the DNS is longer than 255 octets (RFC 1035 section 2.3.4)."""
    view = zone.view.name
    return Scope(zone.canonical[:255], view[:255] if view is not None else None)


def is_stock(zone: Zone) -> bool:
    """Whether the zone is one that distributions ship: localhost and its reverse zones, or one that is kept empty."""
    return zone.canonical in STOCK_ZONES or has_no_content(zone)


def _denies_unknown(match_list: MatchList, unknown: frozenset[str]) -> bool:
    """Whether a list denies, or nests, a name that is not known; an unknown name that only admits adds to the rest."""
    low = {fold(name) for name in unknown}
    for element in match_list.elements:
        if element.kind == "acl" and isinstance(element.value, str):
            if element.negated and fold(element.value) in low:
                return True
        elif isinstance(element.value, MatchList) and _names_any(element.value, low):
            return True
    return False


def _names_any(match_list: MatchList, names: set[str]) -> bool:
    return any(
        _names_any(element.value, names)
        if isinstance(element.value, MatchList)
        else element.kind == "acl" and isinstance(element.value, str) and fold(element.value) in names
        for element in match_list.elements
    )


def _harmless(span: Span) -> bool:
    """Whether an include that was not read is one whose content is known to bear on nothing here."""
    return any(f'"{path}"' in span.text for path in HARMLESS_INCLUDES)


def _inside(span: Span, block: Statement) -> bool:
    """Whether a place, or the chain of includes that leads to it, lies within a statement."""
    extent = block.span
    at: Span | None = span
    while at is not None:
        if at.source is extent.source and extent.start <= at.start <= extent.end:
            return True
        at = at.source.included_at
    return False
