"""Secrets are cut out of raw text wherever they stand, and nothing else is."""

from __future__ import annotations

import base64
import hashlib
import re
import sys
import time
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from named_audit.syntax.redact import (
    REDACTED,
    redact,
    redact_text,
    redacted_text,
    secret_ranges,
    widen,
)
from named_audit.syntax.source import Source
from tests.audit_cli import run
from tests.conftest import SHARED

# @ stands for the secret.
QUOTED = [
    'secret "@";',
    'secret"@";',
    'SECRET\t"@" ;',
    'secret\n\t\t"@"\n;',
    'secret "@"',
    'secret "@"\n};',
    'key "k" { algorithm hmac-sha256; secret "@"; };',
    'key "k" { algorithm hmac-sha256 secret "@"; };',
    'key "secret" { secret "@"; };',
    '// secret "@";',
    '//secret "@";',
    '# secret "@";',
    '#secret "@"',
    '/* secret "@"; */',
    '/*\n * key "k" {\n *   secret "@";\n * };\n */',
    '// secret\n//   "@";',
    '# key "k" { algorithm hmac-md5; secret "@"; };',
    'secret /* why */ "@";',
    'secret // note\n  "@";',
    'secret # a note, and the secret of it\n  // another\n  "@";',
    'secret\n/* lines\n * of it\n */\n"@";',
    "secret '@';",
    "secret \u2018@\u2019;",
    "secret \u201c@\u201d;",
    "secret \u201e@\u201c;",
    "secret `@`;",
    'secret\u00a0"@";',
    "secret\u00a0\u201c@\u201d;",
    'secret "@;\n};\n',
    'secret "@\n};\n',
    "secret \u201c@;\n",
    'cookie-secret "@";',
    'secret " @ ";',
    '+    secret "@";',
    '-    secret "@";',
    '{"secret": "@", "a": 1}',
    'dyndb "d" "ldap.so" { uri "ldap://h"; auth_method "simple"; password "@"; };',
    'dyndb "d" "ldap.so" { sasl_password "@"; };',
    'plugin query "p.so" { password = "@"; };',
    '# the password "@" is old',
    "database \"mysql {host=x dbname=y user=u pass='@'} {select 1}\";",
]
BARE = [
    "secret @;",
    "secret\n  @;",
    "secret @",
    "secret @\n};",
    "secret @ };",
    "key k { algorithm hmac-sha256; secret @; };",
    "key k { algorithm hmac-sha256 secret @; };",
    "// secret @;",
    "#secret @;",
    "/* secret @; */",
    "/* secret @;*/",
    "// secret\n// @;",
    "secret // note\n @;",
    "secret /* note */ @;",
    'dlz "d" { database "mysql {host=x dbname=y user=u pass=@} {select 1}"; };',
    'dlz "d" { database "mysql {host=x dbname=y password=@ user=u} {select 1}"; };',
    '# database "postgres 2 {host=x user=u passwd=@} {select 1}";',
    'dyndb "d" "x.so" { arguments "host=x pwd=@ db=y"; };',
    'database "dlopen x.so ldap:///o=b????!bindname=cn%3dm,X-BINDPW=@";',
    'database "ldap 2 v3 simple {cn=Manager,o=b} {@} {127.0.0.1} ldap:///o=b";',
    'database "dlopen /usr/lib/dlz_mysqldyn_mod.so dns localhost named @";',
    "// dig -y hmac-sha256:k:@ axfr a.example",
    "// dig -y k:@ axfr a.example",
    'plugin query "p.so" { dbPassword=@; };',
]
SECRETS = st.binary(min_size=6, max_size=80).map(lambda raw: base64.b64encode(raw).decode("ascii"))
LINES = st.lists(
    st.sampled_from(
        [
            'zone "a.example" { type primary; file "a"; allow-transfer { key "k"; }; };',
            "// a comment",
            "/* another */",
            "};",
            "",
            'include "/etc/bind/secret";',
            "options { recursion no; };",
        ]
    ),
    max_size=3,
).map(lambda lines: "".join(f"{line}\n" for line in lines))


@pytest.mark.parametrize("form", QUOTED + BARE)
def test_every_form(form: str) -> None:
    secret = "c2VjcmV0K3NlY3JldC9zZWNyZXQ="
    text = form.replace("@", secret)
    # What stands between the quotes is the secret, blanks and all.
    expected = form.replace(" @ ", "@") if '" @ "' in form else form
    assert redact_text(text) == expected.replace("@", REDACTED)


@given(st.sampled_from(QUOTED), SECRETS, LINES, LINES)
def test_quoted_secrets_never_show(form: str, secret: str, before: str, behind: str) -> None:
    text = f"{before}{form.replace('@', secret)}\n{behind}"
    expected = form.replace(" @ ", "@") if '" @ "' in form else form
    shown = redacted_text(Source("named.conf", text))
    assert shown == f"{before}{expected.replace('@', REDACTED)}\n{behind}"


# A bare word that begins with // is a comment to BIND, and one with a blank before it no secret at all.
@given(st.sampled_from(BARE), SECRETS.filter(lambda secret: not secret.startswith("/")), LINES, LINES)
def test_bare_secrets_never_show(form: str, secret: str, before: str, behind: str) -> None:
    text = f"{before}{form.replace('@', secret)}\n{behind}"
    shown = redacted_text(Source("named.conf", text))
    assert shown == f"{before}{form.replace('@', REDACTED)}\n{behind}"


@given(st.sampled_from(QUOTED), SECRETS, st.text(), st.text())
@example('secret "@";', "c2VjcmV0c2VjcmV0", 'file "a; // ', "")
@example('secret "@";', "c2VjcmV0c2VjcmV0", "", '" }; secret "x')
def test_no_surroundings_bring_it_out(form: str, secret: str, before: str, behind: str) -> None:
    # A letter or digit glued to the keyword makes another word of it.
    text = f"{before} {form.replace('@', secret)}{behind}"
    assert secret not in redact_text(text)


@given(st.text(alphabet=st.sampled_from(list("secret \"'\n;{}/*#=:pwd\\\u201ca")), max_size=80))
def test_ranges_are_in_order_and_apart(text: str) -> None:
    once = redact_text(text)
    ranges = secret_ranges(text)
    assert once.count(REDACTED) >= len(ranges)
    assert all(start < end for start, end in ranges)
    assert all(one[1] < other[0] for one, other in pairwise(ranges))
    source = Source("x", text)
    assert redact(source, 0, len(text)) == once


@pytest.mark.parametrize(
    "text",
    [
        'include "/etc/bind/secret";\nzone "a" { type primary; };',
        'include "/etc/bind/keys/secret.key";\nkey "x" { };',
        'file "secret";',
        'file "secret" ;',
        'zone "secret" { type primary; file "x"; };',
        "zone secret IN { type primary; };",
        'zone "secret" IN { };',
        "acl secret { 192.0.2.1; };",
        "allow-transfer { secret; !secret; key secret; };",
        'allow-transfer { "secret"; key "secret"; };',
        "primaries { 192.0.2.1 key secret tls ephemeral; };",
        'view "password" { match-clients { pass; }; };',
        "key transfer-secret { };",
        "192.0.2.1 key ns1-secret port 53;",
        "// keep this secret\nzone a.example { };",
        "// the secret of ns1 is in the vault",
        "// Secret: see the vault",
        '// our secret\n  "friends";',
        "// secret\n  friends;",
        "/* secret */ notify yes;",
        "secret;",
        'secret "";\nfile "x";',
        "no secret given; the key cannot verify",
        "the secret's length is wrong; it's short",
        'trust-anchors { . initial-key 257 3 8 "AwEAAaz/tAm8yTn4Mfeh5eyI96WSVexTBAvkMgJzkKTOiW1v"; };',
        'managed-keys { a.example initial-key 15 5 3 "key_isecret=="; };',
        'tls x { key-file "/etc/ssl/secret.pem"; cert-file "/etc/ssl/c.pem"; };',
        'server-url "https://example.org:8443/a";',
        "bypass=yes compass=no",
        'secret "????????";',
        'secret "?";',
        'secret "...";',
    ],
)
def test_what_is_no_secret_stays(text: str) -> None:
    assert redact_text(text) == text


def test_the_real_neighbours_stay() -> None:
    text = (
        'key "k" {\n\talgorithm hmac-sha256;\n\tsecret "c2VjcmV0\n\t        c2VjcmV0"; // rotate\n};\n'
        'zone "a.example" { type primary; };\n'
    )
    assert redact_text(text) == text.replace("c2VjcmV0\n\t        c2VjcmV0", REDACTED)


def test_escaped_quotes_are_part_of_the_value() -> None:
    assert redact_text('secret "a\\"b\\\\"; x "y";') == f'secret "{REDACTED}"; x "y";'
    assert redact_text('"mysql {user=u pass=a\\"b} {q}";') == f'"mysql {{user=u pass={REDACTED}}} {{q}}";'


def test_a_url_keeps_its_user() -> None:
    assert redact_text("http://user:p@ss@host:80/x") == f"http://user:{REDACTED}@host:80/x"


def test_an_old_secret_in_a_comment_before_the_new_one() -> None:
    assert redact_text('secret // "b2xk";\n  "bmV3";') == f'secret // "{REDACTED}";\n  "{REDACTED}";'


def test_a_part_of_a_secret_is_a_secret() -> None:
    source = Source("x", 'a; secret "0123456789"; b;')
    assert secret_ranges(source.text) == ((11, 21),)
    assert redact(source, 0, 15) == f'a; secret "{REDACTED}'
    assert redact(source, 15, 18) == REDACTED
    assert redact(source, 15, 26) == f'{REDACTED}"; b;'
    assert redact(source, 21, 26) == '"; b;'
    assert redact(source, 0, 11) == 'a; secret "'
    assert redact(source, 5, 5) == ""
    assert widen(source, 15, 18) == (11, 21)
    assert widen(source, 15, 15) == (11, 21)
    assert widen(source, 3, 15) == (3, 21)
    assert widen(source, 11, 21) == (11, 21)
    assert widen(source, 3, 23) == (3, 23)
    assert widen(source, 21, 22) == (21, 22)


def test_bytes_that_are_not_utf8_stay() -> None:
    source = Source.from_bytes("x", b'// caf\xe9\nsecret "\xe9\xff";\nfile "\xfe";')
    assert redacted_text(source).encode("utf-8", "surrogateescape") == (
        b'// caf\xe9\nsecret "[redacted]";\nfile "\xfe";'
    )


def test_lower_case_keeps_offsets() -> None:
    # What the search relies on: apart from U+0130, no character changes its length in lower case.
    longer = [chr(code) for code in range(sys.maxunicode + 1) if len(chr(code).lower()) != 1]
    assert longer == ["\u0130"]
    assert redact_text('\u0130\u0130 SECRET "abc";') == f'\u0130\u0130 SECRET "{REDACTED}";'


@pytest.mark.parametrize(
    "pattern",
    [
        'secret "',
        "secret \u201c;",
        "secret//",
        "secret//x\n",
        "//x secret\n//x\n",
        "secret/*x-",
        "secret:x",
        'secret\n"',
        "secret a/",
        'secret "\\',
        ";-yhmac-a:",
        "mysqldyn",
        "ldap 1 v3 s {",
        "://a:b",
        "x secret\n\u201c",
        "secret ? ",
        "key k { ",
        "key /* ",
        "key // a\n",
        "key k { a b; ",
        'key k { "',
        "key k { /* a ",
        "key a b c d e ",
        "# key k { zone ",
        "key k: { 192.0.2.1; ",
        "x key k { !{ ",
    ],
)
def test_hostile_text_takes_linear_time(pattern: str) -> None:
    def seconds(size: int) -> float:
        text = (pattern * (size // len(pattern) + 1))[:size]
        started = time.process_time()
        redact_text(text)
        return time.process_time() - started

    small, large = seconds(1 << 18), seconds(1 << 20)
    # Four times the text; quadratic time would be sixteen times as long.
    assert large < 10 * max(small, 0.02)


def test_the_corpus_keeps_everything_but_its_secrets() -> None:
    folder = SHARED / "corpus"
    if not folder.is_dir():
        pytest.skip(f"no corpora at {SHARED}")
    value = re.compile(r'secret[ \t]+"([A-Za-z0-9+/=]+)"|secret[ \t]+([A-Za-z0-9+/=]+);', re.IGNORECASE)
    for path in sorted((*folder.glob("real/*.conf"), *folder.glob("checkconf-9.18/*.conf"))):
        source = Source.from_bytes(path.name, path.read_bytes())
        shown = redacted_text(source)
        for found in value.finditer(source.text):
            secret = found[1] or found[2]
            if len(secret) > 8:
                assert secret not in shown, path.name
        expected = value.sub(lambda found: found[0].replace(found[1] or found[2], REDACTED), source.text)
        if path.name not in {"002.conf", "022.conf", "055.conf"}:
            assert shown == expected, path.name


@pytest.mark.parametrize("size", [32, 62, 64])
@pytest.mark.parametrize("format_", ["text", "json", "sarif", "github"])
@pytest.mark.parametrize(
    "text",
    [
        'key "@" { algorithm hmac-md5; secret "c2hvcnQ="; };\n',
        'zone "a" { type primary; file "a"; allow-transfer { key "@"; 192.0.2.1; }; };\n',
        'zone "@" { type primary; file "a"; allow-transfer { any; }; };\nzone "@" { in-view nosuch; };\n',
        'zone "a" { type secondary; primaries { "@"; }; file "a"; allow-transfer { "@"; }; };\n',
        'key "@" { algorithm hmac-sha256; secret "@"; };\nkey "@" { algorithm hmac-md5; secret "@"; };\n',
        'options { "@"; @; blackhole { "@"; "\u201c@\u201d"; }; };\n',
    ],
)
def test_half_a_secret_is_none_the_less_one(text: str, format_: str, size: int, tmp_path: Path) -> None:
    """A secret in the place of a name is not cut where a sentence shortens names: its padding gives it away."""
    secret = base64.b64encode(hashlib.shake_256(b"x").digest(size)).decode()
    path = tmp_path / "named.conf"
    path.write_text(text.replace("@", secret))
    ran = run("check", "--audience", "auditor", "--format", format_, path)
    assert ran.code in (1, 3)
    assert secret[:16] not in ran.out + ran.err
    assert secret[:16].lower() not in ran.out + ran.err


@pytest.mark.parametrize("size", [24, 48, 96])
@pytest.mark.parametrize(
    "form",
    [
        'key k { algorithm hmac-sha384; "secret" "@"; };',
        'key k { algorithm hmac-sha384 "@"; };',
        "key k { algorithm hmac-sha384; @; };",
        'key k { "@"; algorithm hmac-sha384; };',
        'key "k" {\n  algorithm "hmac-sha384";\n  secert "@";\n};',
        'key k\n{\n  // the algorithm\n  algorithm hmac-sha384;\n  sekret: "@"\n};',
        '# algorithm hmac-sha384; "@";',
        "algorithm hmac-sha384\nscret = @;",
    ],
)
def test_broken_key_blocks_without_padding(form: str, size: int) -> None:
    secret = base64.b64encode(hashlib.shake_256(b"x").digest(size)).decode()
    assert "=" not in secret
    assert redact_text(form.replace("@", secret)) == form.replace("@", REDACTED)


@pytest.mark.parametrize("size", [1, 4, 8, 14, 16, 20])
@pytest.mark.parametrize(
    "form",
    [
        'key k { secrt "@"; algorithm hmac-sha256; };',
        'key k { secret "#" "@"; algorithm hmac-sha256; };',
        "key k { algorithm hmac-sha256 @; secret @; @; @; };",
        'key k { algorithm hmac-sha256; secret "#" @ "@"; };',
        'key "k" "@" { algorithm hmac-sha256; };',
        'key k { @ { @ "@"; }; @; }; acl a { b; };',
        "# key k {\n#   secrt @;\n#   @;\n# };\nacl a { b; };",
        "/* key k {\n * secrt '@';\n */ acl a { b; };",
        'key k { secrt "@"; \nzone a { type primary; };',
        "key k { secrt @;\n key j { secrt @; }; secrt @; };\nview v { zone a { type primary; }; };",
        'key k { algorithm hmac-sha256; # secrt "@"; no: secrt @;\n include "/etc/bind/old"; };',
        'key { secrt "@"; };',
        "acl a { b; } key k { secrt @; };",
    ],
)
def test_a_key_block_shows_names_and_algorithms_only(form: str, size: int) -> None:
    secret = "x7Kq0PzR5mN2vB8tYw3Z"[:size]
    text = form.replace('#"', 'c2hvcnQ"').replace("@", secret)
    shown = redact_text(text)
    assert shown == form.replace('#"', REDACTED + '"').replace("@", REDACTED)
    assert redact_text(shown).count(REDACTED) == shown.count(REDACTED)


@pytest.mark.parametrize(
    "text",
    [
        'zone key IN { type primary; file "x"; };',
        'zone "key" { file "x"; };\nacl key { friends; };\nprimaries key { 192.0.2.1; };',
        '// the new key\nzone a { type primary; file "x"; };',
        '/* of this key */ options { directory "/x"; };',
        "allow-transfer { key k; !key j; };\nserver 192.0.2.1 { keys { k; }; };",
        'key k { algorithm "hmac-sha256"; secret "..."; // from tsig-keygen, the same on both servers\n};',
        "// ask for a new key\nkey k { algorithm hmac-sha256; };\nacl a { key k; };",
        'zone a.pw IN { file "a"; };\nzone pw { file "b.pw"; };',
        # Sentences about lists.
        "anyone can transfer a.example with key k in spite of !key k: { ours; key k; } comes first",
        "with key k2: { 192.0.2.1; !{ !2001:db8::1; any; }; } comes first",
        "key k in the list { any; } comes first",
        'in spite of !key "k": { 192.0.2.1; 192.0.2.2; 192.0.2.3; "friends"; key k... comes first',
        "in spite of !key k: { 192.0.2.1; 192.0.2.2; 192.0.2.3; 192.0.... comes first",
        "with key k: !{ !192.0.2.1; any; } stops nobody",
    ],
)
def test_what_stands_outside_of_key_blocks_stays(text: str) -> None:
    assert redact_text(text) == text


@pytest.mark.parametrize("size", [1, 4, 8, 14, 16, 20])
@pytest.mark.parametrize(
    "form",
    [
        "with key k: { @; } comes first",
        "with key k: { ours; @; } comes first",
        "with key k: { algorithm hmac-sha256; @; any; } comes first",
        "with key k: { secrt @; !any; } comes first",
        "with key k: { @ { any; }; } comes first",
        "with key k { key @; } comes first",
        "with key k: { 192.0.2.1; secrt @... comes first",
    ],
)
def test_a_key_block_in_a_sentence_is_no_list(form: str, size: int) -> None:
    secret = "x7Kq0PzR5mN2vB8tYw3Z"[:size]
    assert f" {secret}" not in redact_text(form.replace("@", secret))


@pytest.mark.parametrize("format_", ["text", "json", "sarif", "github"])
def test_misplaced_secrets_reach_no_report(format_: str, tmp_path: Path) -> None:
    path = tmp_path / "named.conf"
    path.write_text(
        'key "a" { secrt "SEKRIT1"; algorithm hmac-sha256; };\n'
        'key "b" { secret "c2hvcnQ=" "SEKRIT2"; SEKRIT3; algorithm hmac-sha256 SEKRIT4; };\n'
        'key "c" { secret "c2hvcnQ=" unexpected "SEKRIT5aaaaaa"; SEKRIT6 { SEKRIT7; }; "SEKRIT8" };\n'
        'key "d" "SEKRIT9" { SEKRITa algorithm hmac-sha256; secret { SEKRITb; }; };\n'
        'zone "z" { type primary; database "pgsql user=u pw=SEKRITc"; allow-transfer { any; }; };\n'
    )
    ran = run("check", "--audience", "auditor", "--format", format_, path)
    assert ran.code == 3
    assert "SEKRIT" not in ran.out + ran.err
    assert "did you mean 'secret'?" in ran.out
