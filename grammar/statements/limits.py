"""Find out which numbers named-checkconf takes, by trying them, and write limits.json.

Usage: python grammar/statements/limits.py

It asks the named-checkconf of this machine, so the catalogue's newest facts of that release line should be in place.
For the first number of each statement that takes one, the lowest and the highest that is accepted are found by
bisection, in the smallest configuration in which the statement may stand. Where the bounds depend on other statements
or arguments (DEPENDENT), they are left to named-checkconf.

limits.json: `tried` says which release was asked; `limits` is context -> statement -> [lowest, highest], only where
not every number of 32 bits (sizes: 64) is taken; a third number is one outside of the bounds that is taken too. `lines` holds what is known of other release lines, and is kept by
hand: context -> statement -> line -> [lowest, highest], or null for no limit.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent

AROUND = {
    "options": "options {{ {} }};",
    "view": 'view "v" {{ {} }};',
    "zone": 'zone "a.example" {{ type primary; file "a"; {} }};',
    "rate-limit": "options {{ rate-limit {{ {} }}; }};",
    "server": "server 192.0.2.1 {{ {} }};",
    "http": 'http "h" {{ endpoints {{ "/a"; }}; {} }};',
}
"""Context -> the smallest configuration around a statement of it."""

SECONDARY = 'zone "a.example" {{ type secondary; primaries {{ 192.0.2.1; }}; {} }};'

WRITTEN = {
    **{name: name + " port {} {{ any; }};" for name in ("listen-on", "listen-on-v6", "allow-transfer")},
    **{
        f"{kind}-per-second": f"{kind}-per-second {{}};"
        for kind in ("responses", "referrals", "nodata", "nxdomains", "errors", "all")
    },
}
"""Statements whose arguments are more than numbers."""

ALSO = {"max-rsa-exponent-size": 0}
"""Statements that take one number outside of their bounds."""

DEPENDENT = frozenset({"max-table-size", "min-table-size", "fstrm-set-input-queue-size"})
"""Statements whose numbers are bounded by others, or are not all that lie between two bounds."""

NUMBERS = {
    "<integer>": ("{}", 2**32 - 1),
    "<duration>": ("{}", 2**32 - 1),
    "<ttlval>": ("{}", 2**32 - 1),
    "<duration_or_unlimited>": ("{}", 2**32 - 1),
    "<percentage>": ("{}%", 2**32 - 1),
    "<size>": ("{}", 2**63),
    "<sizeval>": ("{}", 2**63),
}

TYPICAL = (30, 1, 10, 100, 1000, 3600, 512, 4096, 86400, 1 << 20, 604800, 65534, 0)
"""One of these is in bounds for every statement."""


def main() -> None:
    """Try every statement of the catalogue."""
    data = json.loads((HERE / "catalogue.json").read_text())
    version = (
        subprocess.run(["named-checkconf", "-v"], capture_output=True, text=True, check=True, timeout=30)
        .stdout.split("-")[0]
        .strip()
    )
    line = ".".join(version.split(".")[:2])
    bit = 1 << data["releases"].index(line)
    limits: dict[str, dict[str, list[int]]] = {}
    for context, around in AROUND.items():
        for name, forms in sorted(data["contexts"][context].items()):
            shapes = [data["shapes"][index] for index, bits in forms if bits & bit]
            for shape in shapes[:1]:
                found = _limits(context, name, shape, around)
                if found:
                    limits.setdefault(context, {})[name] = found
                    print(context, name, found, file=sys.stderr)
    path = HERE / "limits.json"
    lines = json.loads(path.read_text()).get("lines", {}) if path.exists() else {}
    rows = [
        f"{json.dumps(context)}:{{\n"
        + ",\n".join(f"{json.dumps(name)}:{json.dumps(found)}" for name, found in names.items())
        + "}"
        for context, names in limits.items()
    ]
    text = f'{{"tried":{json.dumps(version)},"limits":{{\n' + ",\n".join(rows)
    by_hand = ",\n".join(f"{json.dumps(context)}:{json.dumps(names)}" for context, names in lines.items())
    path.write_text(f'{text}}},\n"lines":{{\n{by_hand}}}}}\n')


def _limits(context: str, name: str, shape: list[Any], around: str) -> list[int] | None:
    type_ = _numeric(shape[0]) if shape else None
    written = WRITTEN.get(name)
    if name in DEPENDENT or (type_ is None and written is None):
        return None
    form, highest = NUMBERS[type_ or "<integer>"]
    form = written or f"{name} {form};"

    def text(value: int) -> str:
        return around.format(form.format(value))

    def secondary(value: int) -> str:
        return SECONDARY.format(form.format(value))

    for each in (text, secondary) if context == "zone" else (text,):
        found = _bounds(each, highest, ALSO.get(name))
        if found is not None:
            return found if found != [0, highest] else None
    return None


def _numeric(node: Any) -> str | None:
    """The type of a node that is one number, or a number among other choices."""
    if isinstance(node, str):
        return node if node in NUMBERS else None
    if node[0] in ("optional", "choice"):
        return next((part for part in node[1:] if isinstance(part, str) and part in NUMBERS), None)
    return None


def _bounds(text: Callable[[int], str], highest: int, also: int | None) -> list[int] | None:
    middle = next((value for value in TYPICAL if value != also and _takes(text(value))), None)
    if middle is None:
        return None
    low = 0 if also != 0 and _takes(text(0)) else _edge(text, 0, middle)
    # Some numbers wrap to negative ones, which are below every limit.
    tops = [top for top in (highest, 2**31 - 1) if top > middle and not _takes(text(top))]
    high = _edge(text, min(tops), middle) if tops else highest
    return [low, high] if also is None else [low, high, also]


def _edge(text: Callable[[int], str], bad: int, good: int) -> int:
    """The accepted number next to a refused one, between the two."""
    while abs(bad - good) > 1:
        middle = (bad + good) // 2
        if _takes(text(middle)):
            good = middle
        else:
            bad = middle
    return good


def _takes(text: str) -> bool:
    with tempfile.NamedTemporaryFile("w", suffix=".conf") as file:
        file.write(re.sub(r"\{\{|\}\}", lambda found: found[0][0], text))
        file.flush()
        ran = subprocess.run(["named-checkconf", file.name], capture_output=True, timeout=30, check=False)
    return ran.returncode == 0


if __name__ == "__main__":
    main()
