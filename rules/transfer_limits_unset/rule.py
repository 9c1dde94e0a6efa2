"""How many transfers run at a time is left to BIND's defaults, or is more than checklists allow.

`transfers-in` and `transfers-out` (10 each), `transfers-per-ns` (2), and `transfers` in the `server` blocks of
primaries.

## Why it matters

Many zones that change at once, or peers that ask at once, take up connections and memory. The defaults are moderate.
The DISA STIG wants them said, and no more than 3 towards one server. A request over `transfers-out` is refused
(`AXFR request denied: quota reached`); what this server would fetch over its own limits waits (`zone transfer deferred due
to quota`).

## How to fix it

    options {
        transfers-in 10;
        transfers-out 10;
        transfers-per-ns 2;
    };

    server 192.0.2.1 { transfers 2; };

What runs now: `rndc status` (xfers running, xfers deferred).

## Not reported

Limits that nothing here meets: those for fetching where no zone is fetched, that for serving where nobody else may
take a zone. `server` blocks of servers that are no primaries. Configurations of which a part was not read.

## References

STIG V-207549 to V-207551, V-207559; V-272364 to V-272367.
"""

from collections.abc import Iterator

from named_audit.lint.audit import Audit, is_stock
from named_audit.lint.contract import Change, Finding, Fix, Rule, Severity
from named_audit.lint.corrections import names
from named_audit.model.config import Config, ServerBlock, Setting
from named_audit.model.names import number_as_c

RULE = Rule(
    severity=Severity.INFO,
    audience="auditor",
    since="0.1.0",
    cwe=("CWE-770",),
    references=(
        "STIG V-207549",
        "STIG V-207550",
        "STIG V-207551",
        "STIG V-207559",
        "STIG V-272364",
        "STIG V-272365",
        "STIG V-272366",
        "STIG V-272367",
    ),
    needs_whole=True,
    fix="unsafe",
)

_DEFAULTS = {"transfers-in": 10, "transfers-out": 10, "transfers-per-ns": 2}
_MOST_PER_SERVER = 3


def check_config(config: Config, audit: Audit) -> Iterator[Finding]:
    """Report what the options and the server blocks of primaries leave open."""
    if config.unseen:
        return
    relevant = ["transfers-in", "transfers-per-ns"] if audit.pulled else []
    if any(
        policy.keys or policy.unsigned_off_host or policy.on_link_unsigned
        for policy in audit.policies
        if not policy.access.only_on_loopback()
        if not all(is_stock(zone) for zone in policy.zones) or policy.runtime
    ):
        relevant.append("transfers-out")
    missing = [name for name in _DEFAULTS if name in relevant and name not in config.options.statements]
    if missing:
        options = config.options_statement
        values = {"limits": [(name, _DEFAULTS[name]) for name in missing]}
        title = "say what holds anyway"
        yield Finding(
            at=audit.head(),
            message=f"{names(missing)} {'is' if len(missing) == 1 else 'are'} not set: BIND's defaults hold "
            f"({', '.join(str(_DEFAULTS[name]) for name in missing)})",
            fixes=(
                Fix(title, (Change("inside", options.span, "limits", values),), "display")
                if options is not None
                else Fix(title, (), "display", values),
            ),
        )
    per_server = config.options.statements.get("transfers-per-ns")
    if (
        per_server is not None
        and "transfers-per-ns" in relevant
        and _number(Setting(per_server, "options")) > _MOST_PER_SERVER
    ):
        yield Finding(
            at=per_server.span,
            message=f"BIND runs up to {_number(Setting(per_server, 'options'))} transfers from one primary at a time; checklists allow "
            f"{_MOST_PER_SERVER}",
            fixes=(
                Fix(
                    "allow fewer",
                    (Change("replace", per_server.span, "limits", {"limits": [("transfers-per-ns", 3)]}),),
                    "unsafe",
                ),
            ),
        )
    yield from _servers(config, audit)


def _servers(config: Config, audit: Audit) -> Iterator[Finding]:
    seen: dict[int, ServerBlock] = {}
    for pulled in audit.pulled:
        for source in pulled.sources:
            block = config.server_for(pulled.zone.view, source.server.family, source.server.address)
            if block is not None:
                seen[id(block)] = block
    allowed = min(
        _number(Setting(config.options.statements.get("transfers-per-ns"), "options")), _MOST_PER_SERVER
    )
    for block in seen.values():
        own = block.statements.get("transfers")
        values = {"limits": [("transfers", allowed)]}
        if own is None:
            yield Finding(
                at=block.statement.name_span,
                message=f"this server block of a primary has no transfers: transfers-per-ns ({allowed}) holds",
                fixes=(
                    Fix(
                        "say what holds anyway",
                        (Change("inside", block.statement.span, "limits", values),),
                        "display",
                    ),
                ),
            )
        elif _number(Setting(own, "server")) > _MOST_PER_SERVER:
            yield Finding(
                at=own.span,
                message=f"BIND runs up to {_number(Setting(own, 'server'))} transfers from this primary at a time; checklists allow "
                f"{_MOST_PER_SERVER}",
                fixes=(Fix("allow fewer", (Change("replace", own.span, "limits", values),), "unsafe"),),
            )


def _number(setting: Setting) -> int:
    """The value of a limit; the default of transfers-per-ns where it is not set or no number."""
    word = setting.word
    number = number_as_c(word) if word is not None else None
    return 2 if number is None else number
