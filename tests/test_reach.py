"""Which clients a zone's list ever sees: the choice of the view, held against a real named."""

from __future__ import annotations

from pathlib import Path

import dns.flags
import dns.message
import dns.query
import dns.rcode
import dns.rdatatype
import pytest

from tests.audit_cli import FINDINGS, check
from tests.bind_server import ZONE_FILE, options_block, running_named

RECURSIVE = (
    "view recursive {\n"
    "\tmatch-recursive-only yes;\n"
    '\tzone "a.example" { type primary; file "a"; allow-transfer { any; }; };\n'
    "};\n"
    "view rest {\n"
    '\tzone "a.example" { type primary; file "a"; allow-transfer { none; }; };\n'
    "};\n"
)


@pytest.mark.bind
def test_anybody_may_ask_for_recursion(tmp_path: Path) -> None:
    """`match-recursive-only` keeps out who does not set RD, and setting it is up to the client."""
    with running_named(tmp_path / "named", options_block() + RECURSIVE, files={"a": ZONE_FILE}) as named:
        answers = {}
        for flags in (0, dns.flags.RD):
            query = dns.message.make_query("a.example", dns.rdatatype.AXFR)
            query.flags = dns.flags.Flag(flags)
            # One message is enough: it says whether the zone is served.
            answers[flags] = dns.query.tcp(query, named.address, port=named.port, timeout=10).rcode()
    assert answers == {0: dns.rcode.REFUSED, dns.flags.RD: dns.rcode.NOERROR}

    ran = check("options { recursion no; };\n" + RECURSIVE, tmp_path)
    assert (ran.code, ran.found) == (FINDINGS, [("transfer-open", 4, 45)])
    (finding,) = ran.json["findings"]
    assert finding["message"] == "anyone can transfer a.example: this list asks for no key"
    assert finding["scopes"] == [{"zone": "a.example", "view": "recursive"}]
