"""The zones of one transfer policy by whom a finding about them concerns."""

from collections.abc import Iterator
from typing import NamedTuple

from named_audit.lint.audit import Audit, is_stock
from named_audit.lint.contract import Audience, Fix, Related, Scope, Severity
from named_audit.lint.corrections import zone_names
from named_audit.model.config import Zone
from named_audit.policy.runtime_zones import RuntimeZones
from named_audit.policy.transfer import PUBLIC_ZONES, TransferPolicy


class Exposed(NamedTuple):
    """Zones of one policy that are reported together.

    `quiet`: everybody has them (the stock zones), or no other machine can connect to the server. That is for
    auditors to know and for nobody to correct.
    """

    zones: tuple[Zone, ...]
    runtime: tuple[RuntimeZones, ...]
    quiet: bool

    @property
    def words(self) -> str:
        """The zones in a sentence."""
        found = [zone_names(self.zones)] if self.zones else []
        # One cause per view at most is worth telling apart here; all of them are among the related places.
        found += dict.fromkeys(each.words for each in self.runtime[:2])
        return " and ".join(found)

    @property
    def audience(self) -> Audience | None:
        """The audience, where it is narrower than the rule's."""
        return "auditor" if self.quiet else None

    def severity(self, severity: Severity) -> Severity:
        """What becomes of a severity for these zones."""
        if self.quiet:
            return Severity.INFO
        if not self.zones and all(each.conditional for each in self.runtime):
            return min(severity, Severity.MEDIUM)
        return severity

    @property
    def related(self) -> tuple[Related, ...]:
        """The places that bring zones in."""
        return tuple(Related(each.span, "brings in zones that are not in the file") for each in self.runtime)

    def scopes(self, audit: Audit) -> tuple[Scope, ...]:
        """The zones of the file, as a finding names them."""
        return audit.scopes(self.zones)

    def fix(self, fix: Fix) -> Fix:
        """A correction for these zones: none is applied for zones that are quiet."""
        return fix._replace(grade="display") if self.quiet else fix


def exposed(policy: TransferPolicy) -> Iterator[Exposed]:
    """The zones of a policy without those that their operators publish, in at most two groups."""
    zones = [zone for zone in policy.zones if zone.canonical not in PUBLIC_ZONES]
    unreachable = policy.access.only_on_loopback()
    ours = tuple(zone for zone in zones if not is_stock(zone))
    if ours or policy.runtime:
        yield Exposed(ours, policy.runtime, unreachable)
    stock = tuple(zone for zone in zones if is_stock(zone))
    if stock:
        yield Exposed(stock, (), quiet=True)
