"""What is left of a configuration when all that a disagreement does not need is taken out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from named_audit.model.matchlist import MatchList
from named_audit.release import Release
from tests.bind_server import ZONE_FILE, running_named
from tests.comparing import Disagreement, Evaluator, Reading, ask
from tests.match_list_cases import parse
from tests.transfer_cases import Case, Layout


def smallest(case: Case, found: Disagreement, evaluator: Evaluator, release: Release, directory: Path) -> str:
    """A configuration with one zone that still shows a disagreement, as small as leaving elements out makes it."""
    layout = case.layout
    text = case.zones[found.request.zone]
    if text is None:
        # Which level decides may be what the disagreement is about, so it stays as it is.
        return layout.conf({found.request.zone: None})
    alone = layout._replace(has_view=False, of_view=None, of_options=None)
    shown = False
    for number in range(200):
        candidates = list(_smaller(text, layout)) if number else [text]
        zones: dict[str, str | None] = {f"z{place}.example": each for place, each in enumerate(candidates)}
        requests = tuple(found.request._replace(zone=zone) for zone in zones)
        tried = Case(alone, zones, requests, ())
        with running_named(
            directory / f"smaller{number}", alone.conf(zones), files={"zone.db": ZONE_FILE}
        ) as server:
            served = ask(server, requests)
        said = Reading(tried, release).predict(requests, evaluator)
        still = [
            candidate
            for candidate, answer, answers in zip(candidates, served, said, strict=True)
            if set(answers) != {answer}
        ]
        if not still:
            break
        text = still[0]
        shown = True
    if not shown:
        return layout.conf({found.request.zone: text})
    kept = _reachable(text, layout)
    return alone._replace(acls={name: layout.acls[name] for name in kept}).conf({found.request.zone: text})


def _smaller(text: str, layout: Layout) -> Iterator[str]:
    """The list without one of its elements, for each on any level; then with an acl written out in its place."""
    spans = list(_spans(parse(text)))
    for start, end, _ in spans:
        yield text[:start] + text[text.index(";", end) + 1 :].lstrip()
    for start, end, name in spans:
        if name is not None:
            sign = re.match(r"!?\s*", text[start:end])
            assert sign is not None
            yield text[:start] + sign[0] + layout.acls[name.lower()] + text[end:]


def _spans(match_list: MatchList) -> Iterator[tuple[int, int, str | None]]:
    """Start and end of each element on any level, larger ones first, and the name if it is an acl's."""
    for element in match_list.elements:
        yield element.start, element.end, str(element.value) if element.kind == "acl" else None
        if isinstance(element.value, MatchList):
            yield from _spans(element.value)


def _reachable(text: str, layout: Layout) -> list[str]:
    """The acls that a list needs, in the order of their definition."""
    needed: set[str] = set()
    waiting = [text]
    while waiting:
        for _, _, name in _spans(parse(waiting.pop())):
            if name is not None and name.lower() not in needed:
                needed.add(name.lower())
                waiting.append(layout.acls[name.lower()])
    return [name for name in layout.acls if name in needed]
