"""`who` as CSV: the sheet to hand to a provider who is to be a secondary."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator

from named_audit.model.config import Config
from named_audit.model.matchlist import address_text
from named_audit.policy.addresses import BITS, LOOPBACK, AddressSet
from named_audit.policy.interfaces import Interfaces
from named_audit.policy.notify import NotifyPlan
from named_audit.policy.survey import Survey, Surveyed
from named_audit.report.shown import shown

COLUMNS = ("zone", "view", "primary", "notify source", "secondaries", "key name", "algorithm", "releases")
"""`releases` is empty where a row holds for all (or for the chosen one)."""


class WhoCsv:
    """Renders zones of one survey: a row for each zone and each proof that lets somebody in."""

    def __init__(self, survey: Survey) -> None:
        self._survey = survey

    def zones(self, zones: Iterable[Surveyed]) -> Iterator[str]:
        """Lines of CSV (RFC 4180, with LF), without the header."""
        for surveyed in zones:
            for row in _rows(surveyed, self._survey.config, self._survey.interfaces):
                yield line(row)


def line(cells: Iterable[str]) -> str:
    """One line of CSV. A cell that a spreadsheet would take for a formula gets an apostrophe in front."""
    out = io.StringIO()
    safe = [f"'{cell}" if cell.startswith(("=", "+", "-", "@")) else cell for cell in cells]
    csv.writer(out, lineterminator="\n").writerow(safe)
    return out.getvalue()


def _rows(surveyed: Surveyed, config: Config, interfaces: Interfaces | None) -> Iterator[tuple[str, ...]]:
    zone = surveyed.zone
    plan = surveyed.notify
    sources = [
        address_text(each.address, family)
        for family, each in zip((4, 6), plan.sources, strict=True)
        if each.address
    ]
    own = _single(interfaces.own - LOOPBACK) if interfaces is not None else sources
    head = (shown(zone.canonical), shown(zone.view.name or ""), " ".join(own), " ".join(sources))
    ring = config.key_ring(zone.view)
    for answer in surveyed.kind.answers:
        access = answer.access
        if access is None:
            continue
        releases = " ".join(answer.releases or ())
        written = False
        for signer in (None, *access.signers):
            found = access.addresses(None) if signer is None else access.gained_by_key(signer)
            if not found - LOOPBACK:
                continue
            told = _told(plan, signer)
            key = ring.get(signer) if signer is not None else None
            secondaries = told or ([] if signer is not None and found.share(4) == 1 else [_listed(found)])
            algorithm = shown((key.algorithm or "").lower()) if key else ""
            written = True
            yield (*head, " ".join(secondaries), shown(signer or ""), algorithm, releases)
        if not written:
            yield (*head, "", "", "", releases)


def _listed(found: AddressSet) -> str:
    """Every address and network of a set; of one that is nearly everything, those that are left out."""
    if found.share(4) > 0.5 and found.share(6) > 0.5:
        left_out = _cidrs(~found)
        return f"anyone except {' '.join(left_out)}" if left_out else "anyone"
    return " ".join(_cidrs(found))


def _cidrs(found: AddressSet) -> list[str]:
    return [
        address_text(each.network, each.family) if each.length == BITS[each.family] else each.text
        for each in found.prefixes()
    ]


def _told(plan: NotifyPlan, signer: str | None) -> list[str]:
    """The servers that are told with this key."""
    return sorted({target.text for target in plan.sends if target.key == signer})


def _single(addresses: AddressSet) -> list[str]:
    return [
        address_text(prefix.network, prefix.family)
        for prefix in addresses.prefixes()
        if prefix.length == BITS[prefix.family]
    ]
