"""The answers of one kind of zone as rows for people: who, on what proof, which element says so."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from named_audit.model.config import Config
from named_audit.model.matchlist import condition_words
from named_audit.model.names import BUILT_IN_KEYS
from named_audit.policy.access import Access
from named_audit.policy.addresses import LOOPBACK, AddressSet
from named_audit.policy.answers import Answer
from named_audit.policy.difference import target_order
from named_audit.policy.inbound import InboundPlan
from named_audit.policy.interfaces import Interfaces
from named_audit.policy.matchlist import Locality
from named_audit.policy.notify import NotifyPlan, NotifyTarget
from named_audit.report.shown import shown
from named_audit.syntax.words import fold

NOBODY = "no one"


class Row(NamedTuple):
    """One row. `line` counts from the line on which the deciding statement begins; None: no element decides."""

    who: str
    proof: str
    line: int | None
    element: str


def access_rows(answer: Answer, config: Config, interfaces: Interfaces | None) -> tuple[Row, ...]:
    """What one answer says, in the order of signers, then of the list's elements."""
    access = answer.access
    if access is None:
        what = (
            f"a {answer.type} zone is never handed out"
            if answer.type
            else "a zone without a type is not served"
        )
        return (Row(NOBODY, "", None, what),)
    rows = tuple(_rows(access, answer, config, interfaces))
    if rows:
        return rows
    if not access.listened_to:
        return (Row(NOBODY, "", None, "the server does not listen where the list lets clients in"),)
    return (Row(NOBODY, "", None, _closed(answer)),)


def _closed(answer: Answer) -> str:
    if answer.setting.statement is not None:
        return ""
    return "a mirror's own allow-transfer alone counts" if answer.setting.level == "mirror" else "the default"


def _rows(access: Access, answer: Answer, config: Config, interfaces: Interfaces | None) -> Iterator[Row]:
    for signer in (None, *access.signers):
        yield from _signer_rows(signer, access, answer, config, interfaces)


def _signer_rows(
    signer: str | None, access: Access, answer: Answer, config: Config, interfaces: Interfaces | None
) -> Iterator[Row]:
    if signer is None:
        proof = "no key"
    else:
        proof = f"key {shown(signer)}"
        if signer not in config.key_ring(answer.view) and signer not in BUILT_IN_KEYS and not config.unseen:
            yield Row(NOBODY, proof, None, "no such key is defined here")
            return
    for place, words in _PLACES:
        known = _said_before(access, signer, place)
        for element, share in _shares(access, signer, place):
            unsigned = access.addresses(None, place) if signer is not None else AddressSet.nothing()
            found = share - known - unsigned
            if interfaces is not None:
                found = found & _within(interfaces, place)
            if found:
                # What is left over is said in one row above.
                rest = bool(unsigned) and found | unsigned == AddressSet.everything()
                who = "anyone else" if rest else _who(found, place, words)
                yield _row(who, proof, answer, element, config)
        lost = (access.addresses(signer, "elsewhere") - access.addresses(signer, place)) - LOOPBACK
        if place != "elsewhere" and lost and signer is None:
            yield Row(
                f"not {words}", proof, None, f"refused although {lost.words()} would be served elsewhere"
            )
    if signer is not None:
        refused = access.addresses(None, "elsewhere") - access.addresses(signer, "elsewhere")
        if refused:
            yield Row(f"not {refused.words()}", proof, None, "refused with this key, served without it")
    yield from _conditional(signer, proof, access)


def _conditional(signer: str | None, proof: str, access: Access) -> Iterator[Row]:
    for condition in access.geoip:
        case = frozenset({condition})
        with_it, without = access.addresses(signer, "elsewhere", case), access.addresses(signer, "elsewhere")
        name = shown(condition_words(condition))
        if with_it - without:
            yield Row((with_it - without).words(), proof, None, f"where {name} holds")
        if without - with_it:
            yield Row(f"not {(without - with_it).words()}", proof, None, f"where {name} holds")


_PLACES: tuple[tuple[Locality, str], ...] = (
    ("elsewhere", ""),
    ("localnets", "hosts on the server's networks"),
    ("localhost", "the server itself"),
)


def _said_before(access: Access, signer: str | None, place: Locality) -> AddressSet:
    if place == "elsewhere":
        return AddressSet.nothing()
    known = access.addresses(signer, "elsewhere")
    return known if place == "localnets" else known | access.addresses(signer, "localnets")


def _within(interfaces: Interfaces, place: Locality) -> AddressSet:
    if place == "localhost":
        return interfaces.own
    near = interfaces.networks - interfaces.own
    return near if place == "localnets" else ~interfaces.networks - interfaces.own


def _who(found: AddressSet, place: Locality, words: str) -> str:
    if place == "elsewhere" or found <= LOOPBACK:
        return found.words()
    # What is left out of "everybody on the networks" was said in the row before.
    return words if found.share(4) > 0.5 or found.share(6) > 0.5 else f"{found.words()}, of {words}"


def _shares(access: Access, signer: str | None, place: Locality) -> Iterator[tuple[object, AddressSet]]:
    if access.acl is None:
        yield None, access.addresses(signer, place)
        return
    # After blackhole, the choice of the view, and what no client has (IPv4-mapped addresses).
    served = access.addresses(signer, place)
    for element, share in access.acl.shares(signer, place):
        yield element, share & served


def _row(who: str, proof: str, answer: Answer, element: object, config: Config) -> Row:
    statement = answer.setting.statement
    if element is None or statement is None:
        return Row(who, proof, None, "the default")
    start, end, kind, value = element.start, element.end, element.kind, element.value  # type: ignore[attr-defined]
    text = statement.text
    words = shown(" ".join(text[start:end].rstrip(";").split()))
    if len(words) > 60:
        words = words[:57] + "..."
    if kind == "acl":
        definition = config.acls.get(fold(str(value)))
        if definition is not None:
            span = definition.span
            words += f" (acl at {shown(span.source.path)}:{span.begin.line})"
    return Row(who, proof, text.count("\n", 0, start), words)


def transport_words(access: Access) -> str:
    """What else a client has to meet: "over TLS, port 853, with a client certificate"."""
    parts = []
    if access.transport is not None:
        parts.append("over TLS" if access.transport == "tls" else f"over {access.transport.upper()}")
    if access.port is not None:
        parts.append(f"to port {access.port}")
    if access.needs_client_certificate():
        parts.append("with a certificate of the listener's ca-file")
    return ", ".join(parts)


def notify_words(plan: NotifyPlan) -> str:
    """Whom the server tells, in one line; empty where a zone's type tells nobody."""
    told = [target_words(target) for target in sorted(plan.sends, key=target_order)]
    unknown = [shown(each) for each in plan.unknown]
    if plan.told_by_ns and plan.ns is None:
        unknown.append("the servers in its NS records")
    parts = []
    if told:
        more = f" and {len(told) - 8} more" if len(told) > 8 else ""
        parts.append(f"{', '.join(told[:8])}{more}")
    if plan.told_by_ns and unknown:
        parts.append(f"the servers of its NS records (not known: {'; '.join(unknown)})")
    elif unknown:
        parts.append(f"perhaps others ({'; '.join(unknown)})")
    return "; ".join(parts) if parts else f"{NOBODY} (notify {plan.mode})"


def target_words(target: NotifyTarget) -> str:
    """One NOTIFY: "192.0.2.53 port 5353 with key k from 192.0.2.1"."""
    words = [shown(target.text)]
    if target.port != (853 if target.transport == "tls" else 53):
        words.append(f"port {target.port}")
    if target.transport != "udp":
        words.append(f"over {target.transport.upper()}")
    words.append(f"with key {shown(target.key)}" if target.key is not None else "unsigned")
    if target.source_text is not None:
        words.append(f"from {target.source_text}")
    return " ".join(words)


def inbound_words(plan: InboundPlan) -> str:
    """Where the content comes from, in one line; empty for a zone that is not transferred in."""
    parts = []
    for source in plan.sources:
        request = source.request
        words = [request.text]
        if request.port != (853 if request.transport == "tls" else 53):
            words.append(f"port {request.port}")
        if request.transport == "tls":
            words.append("over verified TLS" if request.verified else "over unverified TLS")
        if source.skipped:
            words.append(f"never asked: no key {shown(source.key or '')} here")
        else:
            words.append(f"with key {shown(source.key)}" if source.key is not None else "unsigned")
        parts.append(" ".join(words))
    parts += [
        f"the list {shown(entry.text)} (not defined in what was read)" for entry in plan.undefined_lists
    ]
    if plan.built_in:
        parts.append("the root servers that named brings along")
    return ", ".join(parts)
