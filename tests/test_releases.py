"""What a release warns of, drops or has no more: against named-checkconf 9.18, and as a report before an upgrade."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from named_audit.catalogue.data import all_contexts
from named_audit.catalogue.lifecycle import life, limited_names, standing
from named_audit.catalogue.replacements import replacement
from named_audit.release import LINES, parse_release
from tests.audit_cli import USAGE, run
from tests.verdicts import judge, recorded

WARNS_OF_RELEASE = r"deprecated|obsolete|not recommended|default changed|experimental"
ANCHOR = '{ "a.example" 257 3 8 "AwEAAaz/"; }'
BLOCKS = ("options", "view", "zone", "server", "dnssec-policy")
"""The blocks that hold statements which are gone or going, but for those of a block that is gone as a whole."""

ARGUMENTS = {
    **dict.fromkeys(("acache-cleaning-interval", "cleaning-interval", "heartbeat-interval"), "60"),
    **dict.fromkeys(
        (
            *("acache-enable", "allow-v6-synthesis", "deallocate-on-exit", "fake-iquery", "fetch-glue"),
            *("geoip-use-ecs", "glue-cache", "has-old-clients", "host-statistics", "maintain-ixfr-base"),
            *("multiple-cnames", "rfc2308-type1", "request-sit", "root-delegation-only", "support-ixfr"),
            *("suppress-initial-notify", "treat-cr-as-space", "use-alt-transfer-source", "use-id-pool"),
            *("use-ixfr", "use-queryport-pool", "dialup"),
            *("dnssec-enable", "dnssec-dnskey-kskonly", "dnssec-secure-to-insecure", "update-check-ksk"),
            *("delegation-only", "filter-aaaa-on-v4", "filter-aaaa-on-v6", "dnsrps-enable", "inline-signing"),
        ),
        "yes",
    ),
    **dict.fromkeys(("coresize", "datasize", "files", "stacksize"), "1000"),
    **dict.fromkeys(
        ("host-statistics-max", "max-ixfr-log-size", "min-roots", "serial-queries", "statistics-interval"),
        "5",
    ),
    **dict.fromkeys(
        ("nosit-udp-size", "max-acache-size", "max-zone-ttl", "parent-registration-delay"), "3600"
    ),
    **dict.fromkeys(("queryport-pool-ports", "queryport-pool-updateinterval", "reserved-sockets"), "512"),
    **dict.fromkeys(("resolver-nonbackoff-tries", "resolver-retry-interval", "sig-validity-interval"), "30"),
    **dict.fromkeys(("bindkeys-file", "cache-file", "ixfr-base", "ixfr-tmp-file", "lock-file"), '"x"'),
    **dict.fromkeys(("named-xfer", "random-device", "dnsrps-library"), '"x"'),
    **dict.fromkeys(("sortlist", "topology", "keep-response-order", "filter-aaaa"), "{ any; }"),
    **dict.fromkeys(
        ("avoid-v4-udp-ports", "avoid-v6-udp-ports", "use-v4-udp-ports", "use-v6-udp-ports"), "{ 1024; }"
    ),
    **dict.fromkeys(("tkey-domain", "tkey-gssapi-credential"), '"a.example"'),
    "additional-from-auth": "no",
    "additional-from-cache": "no",
    "alt-transfer-source": "192.0.2.1",
    "alt-transfer-source-v6": "2001:db8::1",
    "auto-dnssec": "maintain",
    "dnskey-sig-validity": "5",
    "dnsrps-options": "{ x; }",
    "dnssec-lookaside": "auto",
    "dnssec-must-be-secure": "a.example yes",
    "dnssec-update-mode": "maintain",
    "dscp": "4",
    "lwres": "{ }",
    "managed-keys": ANCHOR.replace("257", "initial-key 257"),
    "pubkey": '257 3 8 "AwEAAaz/"',
    "sit-secret": '"00112233445566778899aabbccddeeff"',
    "tkey-dhkey": '"a.example" 5',
    "trusted-keys": ANCHOR,
}
"""Statement -> arguments that the releases take which have it."""

ADVISED = {
    *("additional-from-auth", "additional-from-cache", "auto-dnssec", "dnskey-sig-validity"),
    *("dnssec-dnskey-kskonly", "dnssec-secure-to-insecure", "dnssec-update-mode", "filter-aaaa"),
    *("filter-aaaa-on-v4", "filter-aaaa-on-v6", "inline-signing", "max-zone-ttl", "sig-validity-interval"),
    *("tkey-domain", "tkey-gssapi-credential", "update-check-ksk"),
}
"""Statements whose replacement takes thought, so that nothing is corrected by itself."""


def going() -> dict[str, dict[str, tuple[str, ...]]]:
    """Statement -> context -> what each line makes of it, for all that some line warns of, drops or removed."""
    found: dict[str, dict[str, tuple[str, ...]]] = {}
    for context in all_contexts():
        if context in ("lwres", "template"):
            continue  # a whole block that is gone, or newer than all that has gone
        for name in limited_names(context) | set(ARGUMENTS):
            standings = life(context, name).standings
            if any(each in ("deprecated", "obsolete", "removed") for each in standings):
                found.setdefault(name, {})[context] = standings
    return found


def conf(context: str, *statements: str) -> str:
    """A configuration with statements in a context, one to a line, the first on line 2."""
    text = "\n".join(statements)
    head, tail = {
        "top": ("", "options { allow-transfer { none; }; };"),
        "options": ("options { allow-transfer { none; };", "};"),
        "view": ('view "v" { allow-transfer { none; };', "};"),
        "zone": (
            'zone "a.example" { type primary; file "a"; allow-transfer { none; }; update-policy local;',
            "};",
        ),
        "server": ("server 192.0.2.1 {", "}; options { allow-transfer { none; }; };"),
        "dnssec-policy": (
            'dnssec-policy "p" { keys { csk lifetime unlimited algorithm 13; };',
            "}; options { allow-transfer { none; }; };",
        ),
    }[context]
    return f"{head}\n{text}\n{tail}\n"


def checkconf(path: Path) -> tuple[bool, str]:
    """Whether named-checkconf 9.18 accepts a file, and what it says."""
    program = shutil.which("named-checkconf")
    assert program is not None
    ran = subprocess.run([program, path.name], cwd=path.parent, capture_output=True, timeout=60, check=False)
    return ran.returncode == 0, (ran.stdout + ran.stderr).decode("utf-8", "replace")


@pytest.fixture(scope="module")
def needs_9_18() -> None:
    """Skip where another release is installed: what it warns of is another matter."""
    program = shutil.which("named-checkconf")
    assert program is not None
    said = subprocess.run([program, "-v"], capture_output=True, text=True, timeout=60, check=True).stdout
    if parse_release(said.strip()).line != "9.18":
        pytest.skip(f"this is about 9.18, this machine has {said.strip()}")


def test_every_statement_that_goes_has_a_replacement_or_a_reason() -> None:
    found = going()
    assert len(found) > 70
    assert {name for name in found if replacement(name) is None} == set()
    assert {name for name in found if name not in ARGUMENTS} == set()
    assert {name for name in ARGUMENTS if name not in found} == set()
    ways = {name: each.way for name in found if (each := replacement(name)) is not None}
    assert {name for name, way in ways.items() if way == "advise"} == ADVISED
    assert {name for name, way in ways.items() if way in ("rename", "anchors")} == {
        "managed-keys",
        "trusted-keys",
    }
    for name in found:
        each = replacement(name)
        assert each is not None and each.source.startswith(("release notes of BIND 9.", "BIND 9.")), name
        assert "\n" not in each.says and not each.says.endswith("."), name


@pytest.mark.bind
def test_9_18_warns_where_we_do_and_nowhere_else(shared: Path, needs_9_18: None) -> None:
    corpus = shared / "corpus" / "checkconf-9.18"
    names = [name for name in recorded(corpus) if name.startswith(("good", "warn"))]
    assert len(names) == 78
    warned = 0
    for name in names:
        _, said = checkconf(corpus / name)
        theirs = {int(at[1]) for at in re.finditer(rf":(\d+): .*(?:{WARNS_OF_RELEASE})", said)}
        assert (name, set(judge(corpus / name, "9.18").warned)) == (name, theirs)
        warned += len(theirs)
    assert warned == 15


@pytest.mark.bind
def test_each_other_warning_of_9_18_is_a_finding_too(shared: Path, needs_9_18: None) -> None:
    corpus = shared / "corpus" / "checkconf-9.18"
    missing: dict[str, set[int]] = {}
    for name in recorded(corpus):
        if not name.startswith(("good", "warn")):
            continue
        _, said = checkconf(corpus / name)
        others = {
            int(at[1])
            for at in re.finditer(r":(\d+): (.*)", said)
            if not re.search(WARNS_OF_RELEASE, at[2]) and not at[2].startswith("key-directory: ")
        }
        if others:
            ran = run(
                *(
                    "check",
                    "--as-root",
                    "--bind-version",
                    "9.18",
                    "--select",
                    "option-*",
                    "--audience",
                    "regular",
                ),
                *("--format", "json", corpus / name),
            )
            if left := others - {line for _, line, _ in ran.found}:
                missing[name] = left
    assert missing == {}


@pytest.mark.bind
@pytest.mark.parametrize("context", ("top", *BLOCKS))
def test_what_9_18_warns_of_statement_by_statement(context: str, tmp_path: Path, needs_9_18: None) -> None:
    release = parse_release("9.18")
    tried = 0
    for name, contexts in going().items():
        if context not in contexts:
            continue
        path = tmp_path / f"{name}.conf"
        path.write_text(conf(context, f"{name} {ARGUMENTS[name]};"))
        accepted, said = checkconf(path)
        found = standing(context, name, release)
        # What was never marked is not known by name any more.
        gone = re.search(rf":2: (?:option '{name}' no longer exists|unknown option '{name}')", said)
        assert (name, gone is not None) == (name, found in ("removed", "too new"))
        assert (name, f"{path.name}:2: option '{name}' is deprecated" in said) == (
            name,
            found == "deprecated",
        )
        assert (name, f"{path.name}:2: option '{name}' is obsolete" in said) == (name, found == "obsolete")
        if found == "removed":
            assert not accepted
        tried += 1
    assert tried > 0


@pytest.mark.bind
@pytest.mark.parametrize("context", ("top", *BLOCKS))
def test_files_of_9_11_are_accepted_by_9_18_once_corrected(
    context: str, tmp_path: Path, needs_9_18: None
) -> None:
    release = parse_release("9.18")
    gone = [
        name
        for name, contexts in sorted(going().items())
        if context in contexts and contexts[context][LINES.index("9.18")] in ("removed", "obsolete")
    ]
    if not gone:
        pytest.skip("nothing has gone there")
    path = tmp_path / "named.conf"
    path.write_text(conf(context, *(f"{name} {ARGUMENTS[name]};" for name in gone)))
    assert not checkconf(path)[0] or context == "dnssec-policy"
    run("check", "--bind-version", "9.18", "--fix", "--unsafe-fixes", "--select", "invalid-*", "--select",
        "release-*", path)  # fmt: skip
    left = [name for name in gone if re.search(rf"(?m)^{name} ", path.read_text())]
    # What takes thought stays, unless the release drops it anyway; and no edit spans a secret.
    assert left == [
        name
        for name in gone
        if name == "sit-secret" or (name in ADVISED and standing(context, name, release) == "removed")
    ]
    for name in left:
        path.write_text(re.sub(rf"(?m)^{name} .*\n", "", path.read_text()))
    assert checkconf(path) == (True, "")


ERA = """\
options {
	directory "/var/named";
	dnssec-enable yes;
	dnssec-lookaside auto;
	cleaning-interval 60;
	use-alt-transfer-source no;
	transfer-source 192.0.2.1 port 5353 dscp 4;
	also-notify port 53 dscp 8 { 192.0.2.9; };
	allow-transfer { none; };
	max-acache-size 10m;
	managed-keys-directory "/var/named";
};
trusted-keys { "a.example" 257 3 8 "AwEAAaz/"; };
zone "a.example" {
	type master;
	file "a.db";
	auto-dnssec off;
	allow-transfer { 192.0.2.9; }; # its secondary
};
zone "b.example" { type slave; masters { 192.0.2.3; }; file "b.db"; };
"""


@pytest.mark.parametrize(("line", "gone"), [("9.18", 4), ("9.20", 8), ("9.21", 10)])
def test_an_upgrade_report(line: str, gone: int, tmp_path: Path) -> None:
    path = tmp_path / "named.conf"
    path.write_text(ERA)
    report = (
        "check",
        "--bind-version",
        line,
        "--select",
        "invalid-*",
        "--select",
        "release-*",
        "--format",
        "json",
    )
    before = run(*report, path).json
    assert before["complete"]
    refused = [each for each in before["findings"] if each["rule"] == "invalid-for-release"]
    assert len(refused) == gone
    # Each has its correction; what has an effect in no release is safe.
    assert [each["message"] for each in refused if not each["fixes"]] == []
    run("check", "--bind-version", line, "--select", "invalid-*", "--select", "release-*", "--select", "old-terms",
        "--select", "option-*", "--audience", "pedantic", "--fix", "--unsafe-fixes", path)  # fmt: skip
    assert run(*report, path).json["findings"] == []
    text = path.read_text()
    assert 'trust-anchors { "a.example" static-key 257 3 8 "AwEAAaz/"; };' in text
    assert "primaries { 192.0.2.3; }" in text and "type secondary" in text and "type primary" in text
    assert "# its secondary" in text
    assert "transfer-source 192.0.2.1;" in text and "also-notify port 53 { 192.0.2.9; };" in text


@pytest.mark.bind
def test_the_upgraded_file_is_accepted(tmp_path: Path, needs_9_18: None) -> None:
    path = tmp_path / "named.conf"
    path.write_text(ERA.replace("/var/named", str(tmp_path)))
    assert not checkconf(path)[0]
    run("check", "--bind-version", "9.18", "--audience", "pedantic", "--select", "invalid-*", "--select", "release-*",
        "--select", "old-terms", "--select", "option-*", "--fix", "--unsafe-fixes", path)  # fmt: skip
    assert checkconf(path) == (True, "")


def test_safe_corrections_take_nothing_that_works(tmp_path: Path) -> None:
    """Without --unsafe-fixes only what does nothing goes."""
    path = tmp_path / "named.conf"
    path.write_text(conf("options", "dnssec-enable no;", "sortlist { any; };"))
    run("check", "--bind-version", "9.21", "--select", "invalid-for-release", "--fix", path)
    assert path.read_text() == conf("options", "dnssec-enable no;", "sortlist { any; };")
    path.write_text(conf("options", "heartbeat-interval 5;", "glue-cache yes;"))
    run("check", "--bind-version", "9.21", "--select", "invalid-for-release", "--fix", path)
    assert path.read_text() == conf("options").replace("\n\n", "\n")


VIEW = 'view "v" {{ match-clients {{ any; }}; {} }};'
ZONE = 'zone "a.example" {{ type secondary; primaries {{ 192.0.2.1; }}; file "a"; {} }};'


@pytest.mark.parametrize(
    ("release", "outer", "inner", "safe"),
    [
        # It is what the release does by itself, and nothing says otherwise.
        ("9.18", "dialup no;", "", True),
        ("9.18", "", ZONE.format("dialup no;"), True),
        ("9.18", "glue-cache yes;", "", True),
        ("9.18", "", VIEW.format("query-source-v6 port *;"), True),
        ("9.18", "query-source-v6 port *;", VIEW.format("query-source-v6 port *;"), False),
        # What an outer block says would hold.
        ("9.18", "dialup yes;", ZONE.format("dialup no;"), False),
        ("9.18", "dialup yes;", VIEW.format(ZONE.format("dialup no;")), False),
        ("9.18", "", VIEW.format("dialup yes; " + ZONE.format("dialup no;")), False),
        ("9.18", "query-source-v6 2001:db8::1;", VIEW.format("query-source-v6 port *;"), False),
        ("9.18", "query-source 192.0.2.1;", "server 192.0.2.7 { query-source port *; };", False),
        ("9.18", "", 'include "gone";' + ZONE.format("dialup no;"), False),
        # Its default differs with and without views.
        ("9.18", "use-alt-transfer-source no;", "", False),
        ("9.18", "", VIEW.format("use-alt-transfer-source no;"), False),
        ("9.18", "", ZONE.format("use-alt-transfer-source no;"), False),
        # What the release refuses it does not do.
        ("9.20", "use-alt-transfer-source no;", "", True),
        ("9.21", "dialup yes;", ZONE.format("dialup no;"), True),
        # Alone in its block it says `any address`, and with it goes that.
        ("9.21", "query-source 192.0.2.1;", VIEW.format("query-source port *;"), False),
    ],
)
def test_what_a_release_heeds_goes_safely_only_if_nothing_changes(
    release: str, outer: str, inner: str, safe: bool, tmp_path: Path
) -> None:
    path = tmp_path / "named.conf"
    path.write_text(f"options {{ recursion no; allow-transfer {{ none; }}; {outer} }};\n{inner}\n")
    ran = run("check", "--bind-version", release, "--select", "release-deprecated", "--select", "invalid-for-release",
        "--format", "json", "--sysroot", tmp_path, path)  # fmt: skip
    last = max(ran.json["findings"], key=lambda finding: finding["start"]["line"])
    assert [fix["grade"] for fix in last["fixes"]] == ["safe" if safe else "unsafe"]


@pytest.mark.parametrize(
    ("release", "expected"),
    [
        ("9.16.36", []),
        ("9.16.37", [("release-deprecated", 32)]),
        ("9.18.10", []),
        ("9.18.11", [("release-deprecated", 32)]),
        ("9.18.12", [("release-deprecated", 24), ("release-deprecated", 32)]),
        ("9.20.0", [("invalid-for-release", 32), ("release-deprecated", 24)]),
        ("9.21.1", [("invalid-for-release", 32), ("release-deprecated", 24)]),
        ("9.21.2", [("invalid-for-release", 24), ("invalid-for-release", 32)]),
    ],
)
def test_ports_and_code_points_by_patch_level(release: str, expected: list[object], tmp_path: Path) -> None:
    path = tmp_path / "named.conf"
    path.write_text("options { allow-transfer { none; };\nquery-source 192.0.2.1 port 54 dscp 5;\n};\n")
    ran = run(
        *("check", "--bind-version", release, "--select", "invalid-*", "--select", "release-*"),
        *("--ignore", "release-affected", "--format", "json", path),
    )
    assert ran.json["complete"]
    assert sorted((rule, column) for rule, _, column in ran.found) == expected


def test_what_was_not_read_may_say_it(tmp_path: Path) -> None:
    """What is not set is a finding only if everything was read."""
    zone = (
        'zone "a.example" { type primary; file "a"; dnssec-policy default; update-policy local;\n'
        'allow-transfer { none; }; INCLUDE };\nview "v" ch { INCLUDE };\n'
    )
    expected = {"": ["option-without-effect", "release-default-changed"], 'include "/nowhere/x.conf";': []}
    path = tmp_path / "named.conf"
    for include, rules in expected.items():
        text = "options { allow-transfer { none; }; };\n" + zone.split("view")[0] + "INCLUDE\n"
        found: list[str] = []
        for each in (text, "options { notify no; };\nview" + zone.split("view")[1]):
            path.write_text(each.replace("INCLUDE", include))
            ran = run(
                *("check", "--bind-version", "9.18", "--select", "release-*", "--select", "option-*"),
                *("--format", "json", "--sysroot", tmp_path, path),
            )
            assert ran.json["complete"] == (not include)
            found += [rule for rule, _, _ in ran.found]
        assert sorted(found) == rules


@pytest.mark.parametrize(
    ("release", "expected"),
    [
        (
            "9.11",
            [("default-primaries", 2), ("primary-only", 3), ("primary", 5), ("secondary", 6), ("mirror", 7)],
        ),
        (
            "9.12",
            [("default-primaries", 2), ("primary-only", 3), ("primary", 5), ("secondary", 6), ("mirror", 7)],
        ),
        ("9.16.11", [("default-primaries", 2), ("primary-only", 3)]),
        ("9.16.12", [("default-primaries", 2)]),
        ("9.16", [("default-primaries", 2)]),
        ("9.18.0", []),
        ("9.18", []),
        ("9.20", [("aes", 4), ("delegation-only", 8)]),
        ("9.21", [("aes", 4), ("delegation-only", 8)]),
        ("unknown", []),
    ],
)
def test_words_that_are_gone_or_not_there_yet(release: str, expected: list[object], tmp_path: Path) -> None:
    path = tmp_path / "named.conf"
    path.write_text(
        "options { allow-transfer { none; };\n"
        'catalog-zones { zone "c" default-primaries { 192.0.2.1; }; };\n'
        "notify primary-only;\ncookie-algorithm aes; };\n"
        'zone "a" { type primary; file "a"; };\nzone "c" { type secondary; masters { 192.0.2.1; }; file "c"; };\n'
        'zone "m" { type mirror; masters { 192.0.2.1; }; file "m"; };\nzone "d" { type delegation-only; };\n'
    )
    ran = run("check", "--bind-version", release, "--select", "invalid-*", "--format", "json", path)
    assert ran.json["complete"]
    assert [
        (each["message"].split("'")[1], each["start"]["line"])
        for each in ran.json["findings"]
        if each["rule"] == "invalid-for-release"
    ] == expected
    assert {each["rule"] for each in ran.json["findings"]} <= {"invalid-for-release"}


@pytest.mark.parametrize(
    ("statement", "release", "deprecated"),
    [
        ("avoid-v4-udp-ports { 1024; };", "9.18.12", 12),
        ("coresize default;", "9.18.10", 10),
        ("resolver-retry-interval 30;", "9.18.21", 21),
        ("root-delegation-only;", "9.18.14", 14),
        ("auto-dnssec off;", "9.18.10", 10),
        ("auto-dnssec off;", "9.16.36", 36),
        ("dialup no;", "9.18.18", 18),
        ("dnssec-must-be-secure a.example yes;", "9.18.19", 19),
        ("tkey-dhkey a.example 5;", "9.18.16", 16),
        ("cookie-algorithm aes;", "9.18.21", 21),
    ],
)
def test_since_which_patch_a_line_warns(
    statement: str, release: str, deprecated: int, tmp_path: Path
) -> None:
    path = tmp_path / "named.conf"
    path.write_text(conf("options", statement))
    line = release.rpartition(".")[0]
    for patch, expected in ((deprecated - 1, []), (deprecated, ["release-deprecated"])):
        ran = run(
            *("check", "--bind-version", f"{line}.{patch}", "--select", "release-*", "--format", "json", path)
        )
        assert [rule for rule, _, _ in ran.found] == expected
    with_it = replacement(statement.split()[0].rstrip(";"))
    if with_it is not None and line == "9.18":
        assert with_it.source == f"release notes of BIND {release}"


def test_what_came_within_a_line_says_since_when(tmp_path: Path) -> None:
    path = tmp_path / "named.conf"
    path.write_text(
        'primaries p { 192.0.2.1; };\nremote-servers q { 192.0.2.1; };\ntls t { ca-file "x"; };\n'
    )
    found = {}
    for release in ("9.16.11", "9.18.2", "9.20.4"):
        ran = run("check", "--bind-version", release, "--select", "invalid-*", "--format", "json", path)
        for each in ran.json["findings"]:
            found[release, each["start"]["line"]] = each["message"].rpartition("known in ")[2]
    assert found["9.16.11", 1] == "9.16 (from 9.16.12), 9.18, 9.20, 9.21"
    assert found["9.18.2", 2] == found["9.20.4", 2] == "9.20 (from 9.20.5), 9.21 (from 9.21.4)"
    assert found["9.18.2", 3] == "9.18 (from 9.18.3), 9.20, 9.21"


@pytest.mark.bind
def test_code_points_in_lists(tmp_path: Path, needs_9_18: None) -> None:
    """9.18 reads them in the heads of lists without a word, and warns of those of forwarders."""
    path = tmp_path / "named.conf"
    path.write_text(
        "options { recursion no; allow-transfer { none; }; forward first;\n"
        "forwarders port 5 dscp 3 { 192.0.2.7; };\n};\nview v { forward first; forwarders {\n"
        "192.0.2.8 dscp 4 port 3;\n192.0.2.9 port 55 dscp 3;\n}; };\n"
    )
    accepted, said = checkconf(path)
    assert accepted
    theirs = [int(line) for line in re.findall(r":(\d+): 'dscp' is obsolete", said)]
    ran = run("check", "--bind-version", "9.18", "--select", "release-*", "--format", "json", path)
    assert theirs == [5, 6]
    assert ran.found == [("release-deprecated", 5, 11), ("release-deprecated", 6, 19)]
    run("check", "--bind-version", "9.18", "--select", "release-*", "--fix", path)
    assert "192.0.2.8 port 3;\n192.0.2.9 port 55;\n" in path.read_text()
    ran = run("check", "--bind-version", "9.20", "--select", "invalid-*", "--format", "json", path)
    assert ran.json["complete"]
    assert ran.found == [("invalid-for-release", 2, 19)]


@pytest.mark.parametrize(
    ("release", "found"), [("9.11", []), ("unknown", []), ("9.16", [2, 3]), ("9.18", [2, 3])]
)
def test_client_subnets_in_lists(release: str, found: list[int], tmp_path: Path) -> None:
    path = tmp_path / "named.conf"
    path.write_text(
        "options { recursion no; };\nacl near { ecs 192.0.2.0/24; };\n"
        'zone "a" { type master; file "a"; allow-transfer { !ECS 2001:db8::/32; near; 198.51.100.1; }; };\n'
    )
    ran = run("check", "--bind-version", release, "--select", "invalid-*", "--format", "json", path)
    assert ran.json["complete"]
    assert [(rule, line) for rule, line, _ in ran.found] == [("invalid-for-release", line) for line in found]
    (row,) = run("who", "--bind-version", release, "--format", "json", path).json["zones"]
    assert row["conditions"] == ["ecs 192.0.2.0/24", "ecs 2001:db8::/32"]
    path.write_text(path.read_text().replace("ecs 192.0.2.0/24", "ecs 192.0.2.1/24"))
    ran = run("check", "--bind-version", release, "--select", "invalid-*", "--format", "json", path)
    assert ran.json["findings"] or not ran.json["complete"] or release == "9.11"


ODD = {
    "9.8": "9.11",
    "9.10": "9.11",
    "9.10.8": "9.11",
    "9.12": "9.11",
    "9.13": "9.11",
    "9.14": "9.16",
    "9.15": "9.16",
    "9.17": "9.18",
    "9.19": "9.20",
    "9.22": "9.21",
    "9.22.3": "9.21",
    "9.30": "9.21",
}
"""Release -> the line whose statements it is judged by."""


@pytest.mark.parametrize(("release", "line"), ODD.items())
def test_a_line_that_is_not_known_is_judged_as_the_nearest(release: str, line: str, tmp_path: Path) -> None:
    path = tmp_path / "named.conf"
    statements = [
        f"{name} {ARGUMENTS[name]};"
        for name, contexts in going().items()
        if "options" in contexts and name != "dscp"
    ]
    path.write_text(conf("options", *statements, "transfer-source 192.0.2.1 port 53;", "server-id none;"))
    # What is known of single releases is another matter.
    select = ("--select", "invalid-*,release-*", "--ignore", "release-affected", "--format", "json")
    patch = "" if parse_release(release).nearest.patch else ".0"
    known = run("check", "--bind-version", f"{line}{patch}", *select, path)
    odd = run("check", "--bind-version", release, *select, path)
    assert odd.found == known.found
    assert len(odd.found) > 5
    note = (
        f"the statements of BIND {parse_release(release).line} are not known here: "
        f"they are judged as those of {line}"
    )
    assert odd.json["notes"] == [note]
    assert known.json["notes"] == []
    for format_ in ("text", "sarif", "github"):
        assert note in run("check", "--bind-version", release, "--format", format_, path).out
    assert f"note: {note}\n" in run("who", "--bind-version", release, path).err
    assert f"note: {note}\n" in run("diff", "--bind-version", release, path, path).err


def test_what_is_gone_is_gone_in_what_is_newer(tmp_path: Path) -> None:
    path = tmp_path / "named.conf"
    path.write_text(conf("options", "use-alt-transfer-source no;"))
    ran = run("check", "--bind-version", "9.22", "--format", "json", path)
    assert ("invalid-for-release", 2, 1) in ran.found


@pytest.mark.parametrize("release", ["9.99999999", "9.100", "9.18.99999", "10.1", "8.4", "9"])
def test_what_is_no_release_is_refused(release: str, tmp_path: Path) -> None:
    path = tmp_path / "named.conf"
    path.write_text(conf("options"))
    for command in (("check",), ("who",), ("diff", path)):
        ran = run(*command, "--bind-version", release, path)
        assert (ran.code, ran.out) == (USAGE, "")
        assert "9.18.49" in ran.err


def test_who_is_served_goes_by_the_number_itself(tmp_path: Path) -> None:
    path = tmp_path / "named.conf"
    path.write_text('options { recursion no; };\nzone "a.example" { type primary; file "a"; };\n')
    served = {}
    for release in ("9.10", "9.17", "9.19", "9.22"):
        rows = run("who", "--bind-version", release, "--format", "json", path).json["zones"]
        served[release] = bool(rows[0]["grants"])
    assert served == {"9.10": True, "9.17": True, "9.19": True, "9.22": False}
