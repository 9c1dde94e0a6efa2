"""Findings about open zones say what the zone is for, and which statement only seems to close it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.audit_cli import check

OPTIONS = """\
options {
    allow-transfer { none; };
    response-policy { zone "rpz.example" policy given; };
    catalog-zones { zone "catalog.example" default-primaries { 192.0.2.1; }; };
};
"""
RPZ = (3, "a response policy zone: a transfer gives the whole block list away, whatever allow-query says")
CATALOG = (4, "a catalog zone: a transfer names all zones of its consumers")
QUERY = (6, "this does not guard transfers: BIND asks allow-query for other queries only")


@pytest.mark.parametrize(
    ("zone", "notes"),
    [
        ('zone "RPZ.example." { type primary; file "a"; %s };', [RPZ]),
        ('zone "rpz.example" { type primary; file "a"; allow-query { none; }; %s };', [RPZ, QUERY]),
        ('zone "catalog.example" { type secondary; primaries { 192.0.2.1; }; file "a"; %s };', [CATALOG]),
        ('zone "a.example" { type primary; file "a"; allow-query { 10.0.0.0/8; }; %s };', [QUERY]),
        ('zone "a.example" { type primary; file "a"; allow-query { 0.0.0.0/1; }; %s };', []),
        ('zone "a.example" { type primary; file "a"; allow-query { any; }; %s };', []),
        ('zone "a.example" { type primary; file "a"; %s };', []),
    ],
)
def test_what_an_open_zone_is_for(zone: str, notes: list[tuple[int, str]], tmp_path: Path) -> None:
    ran = check(OPTIONS + zone % "allow-transfer { any; };" + "\n", tmp_path, "--select", "transfer-open")
    (finding,) = ran.json["findings"]
    said = [(note["start"]["line"], note["message"]) for note in finding["related"]]
    # Without another statement the zone's own one decides, and what it replaces is said first.
    assert said[1:] == notes


def test_the_default_too(tmp_path: Path) -> None:
    text = 'options {\n    allow-query { localnets; };\n};\nzone "a.example" { type primary; file "a"; };\n'
    ran = check(text, tmp_path, "--bind-version", "9.18", "--select", "transfer-open-by-default")
    (finding,) = ran.json["findings"]
    assert [(note["start"]["line"], note["message"]) for note in finding["related"]][1:] == [(2, QUERY[1])]
