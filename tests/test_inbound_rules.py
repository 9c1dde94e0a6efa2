"""Rules of incoming transfers, of NOTIFY and of views: what their examples alone cannot show."""

from __future__ import annotations

from pathlib import Path

import pytest

from named_audit.cli.examples import read_example
from named_audit.cli.session import Request, Session
from named_audit.host import MemoryHost
from named_audit.lint.book import Choice, rule_id
from named_audit.lint.contract import Reported, Span
from named_audit.release import parse_release
from named_audit.syntax.locate import ReadOptions
from tests.audit_cli import check
from tests.conftest import ROOT

UNREAD = '\ninclude "/nowhere/more.conf";\n'


def findings(example: str, more: str = "") -> tuple[Reported, ...]:
    """What the rule in whose folder an example is finds there, with more text behind it."""
    path = ROOT / "rules" / example
    folder = ROOT / "rules" / example.split("/")[0]
    read = read_example(path)
    files = {f"/x/{path.name}": (read.text + more).encode()}
    for extra in folder.glob("extra/*"):
        files[f"/x/extra/{extra.name}"] = extra.read_bytes()
    release = read.conditions.get("bind-version")
    session = Session(
        MemoryHost(files, cwd="/x"),
        Request(
            (f"/x/{path.name}",),
            ReadOptions(parse_release(release) if release else None),
            Choice((rule_id(str(folder)),), (), "auditor"),
            mode="root",
        ),
    )
    return session.run().outcome.findings


def line(span: Span) -> int:
    return span.source.text.count("\n", 0, span.start) + 1


@pytest.mark.parametrize(
    ("rule", "found"),
    [
        ("blackholed_peer", 1),
        ("inbound_alternate_source", 0),
        ("inbound_dead_primary", 2),
        ("inbound_key_hidden", 0),
        ("inbound_tls_without_key", 0),
        ("inbound_unlimited", 0),
        ("inbound_unsigned", 0),
        ("notify_global_list", 1),
        ("notify_in_allow_notify", 1),
        ("notify_incomplete", 0),
        ("notify_nobody", 1),
        ("notify_ns_refused", 0),
        ("notify_ns_unsigned", 0),
        ("notify_sender_redundant", 0),
        ("notify_server_block_ignored", 0),
        ("notify_skips_primary", 0),
        ("notify_without_transfer", 1),
        ("view_in_view_list_ignored", 1),
        ("view_opened_by_key", 0),
        ("view_unreachable_with_key", 0),
    ],
)
def test_what_was_not_read_may_say_otherwise(rule: str, found: int) -> None:
    assert len(findings(f"{rule}/bad.conf", UNREAD)) == found


def test_zones_that_were_not_read_may_follow_a_list() -> None:
    found = findings("notify_nobody/more/idle_list.conf", UNREAD)
    shown = [(line(each.at), tuple(line(other.span) for other in each.related)) for each in found]
    assert shown == [(4, (11,)), (16, (15,))]


@pytest.mark.parametrize("element", ["nowhere", "{ 192.0.2.9; nowhere; }"])
def test_a_name_that_was_not_read_may_spare_the_peer(element: str, tmp_path: Path) -> None:
    text = (
        f"options {{ blackhole {{ !{element}; 10.0.0.0/8; }}; }};\n"
        'zone "a.example" { type secondary; file "a"; primaries { 10.0.0.1; }; };\n'
    )
    found = {
        unread: check(text + unread, tmp_path, "--select", "blackholed-peer").json["findings"]
        for unread in (UNREAD, "")
    }
    assert {unread: len(each) for unread, each in found.items()} == {UNREAD: 0, "": 1}
