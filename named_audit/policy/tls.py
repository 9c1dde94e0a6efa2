"""How named behaves as a TLS client towards primaries: what each `tls` that they are asked through says."""

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from named_audit.model.config import Config, Definition, Setting, Zone
from named_audit.policy.inbound import Source
from named_audit.syntax.tree import Statement
from named_audit.syntax.words import Group, Word, fold

EPHEMERAL = "ephemeral"
"""The built-in name of a client that has no block, and so no setting at all."""


class TlsClient(NamedTuple):
    """One `tls` that primaries are asked through, with the zones and the primaries, in file order.

    `definition` is None for `ephemeral`, and for a name that is defined nowhere in what was read.
    """

    name: str
    definition: Definition | None
    statements: Mapping[str, Statement]
    uses: tuple[tuple[Zone, Source], ...]

    @property
    def defined(self) -> bool:
        """Whether everything that the name stands for is known."""
        return self.definition is not None or fold(self.name) == EPHEMERAL

    @property
    def checks_chain(self) -> bool:
        """Whether the block names what a certificate must be signed by, or whose name it must bear."""
        return "ca-file" in self.statements or "remote-hostname" in self.statements

    @property
    def has_certificate(self) -> bool:
        """Whether the block holds a certificate with its key."""
        return "cert-file" in self.statements and "key-file" in self.statements

    @property
    def protocols(self) -> frozenset[str] | None:
        """The versions of TLS that the block allows, in lower case; None where it leaves them to OpenSSL."""
        return allowed_protocols(self.statements)

    def argument(self, name: str) -> str | None:
        """The argument of one of the block's statements."""
        return Setting(self.statements.get(name), "tls").argument


def tls_clients(config: Config, pulled: Iterable[tuple[Zone, tuple[Source, ...]]]) -> tuple[TlsClient, ...]:
    """Every `tls` that primaries are asked through, in the order in which the zones use them."""
    names: dict[str, str] = {}
    uses: dict[str, list[tuple[Zone, Source]]] = {}
    for zone, sources in pulled:
        for source in sources:
            name = source.server.tls
            # A primary that BIND skips is asked through nothing.
            if name is not None and not source.skipped:
                names.setdefault(fold(name), name)
                uses.setdefault(fold(name), []).append((zone, source))
    return tuple(
        TlsClient(
            names[low],
            definition := config.tls.get(low),
            {} if definition is None else {child.name: child for child in definition.statement.children},
            tuple(found),
        )
        for low, found in uses.items()
    )


def allowed_protocols(statements: Mapping[str, Statement]) -> frozenset[str] | None:
    """The versions of TLS that a block allows, in lower case; None where it leaves them to OpenSSL."""
    statement = statements.get("protocols")
    if statement is None:
        return None
    groups = [piece for piece in statement.pieces if isinstance(piece, Group)]
    return frozenset(
        element.pieces[0].low
        for group in groups
        for element in group.elements
        if isinstance(element.pieces[0], Word)
    )


_WEAK = {
    "null": "NULL",
    "enull": "NULL",
    "complementofall": "NULL",
    "anull": "aNULL",
    "adh": "aNULL",
    "aecdh": "aNULL",
    "all": "aNULL",
    "rc4": "RC4",
    "3des": "3DES",
    "des": "DES",
    "low": "DES",
    "exp": "EXPORT",
    "export": "EXPORT",
    "md5": "MD5",
}
"""Words of an OpenSSL cipher list that bring weak ciphers in, and which."""


_ANONYMOUS = "anull all complementofdefault "
_ADH = f"{_ANONYMOUS}high adh dh kdhe kedh "
_AECDH = f"{_ANONYMOUS}aecdh ecdh kecdhe keecdh tlsv1 tlsv1.0 sha sha1 "
_AES = "aes fips "
_OLD = "sslv3 sha sha1 "
_CLEAR = "null enull complementofall "
_KRSA = f"{_CLEAR}rsa krsa arsa "
_SUITES = {
    "adh-aes256-gcm-sha384": f"{_ADH}{_AES}aes256 aesgcm tlsv1.2",
    "adh-aes128-gcm-sha256": f"{_ADH}{_AES}aes128 aesgcm tlsv1.2",
    "adh-aes256-sha256": f"{_ADH}{_AES}aes256 cbc sha256 tlsv1.2",
    "adh-aes128-sha256": f"{_ADH}{_AES}aes128 cbc sha256 tlsv1.2",
    "adh-camellia256-sha256": f"{_ADH}camellia camellia256 cbc sha256 tlsv1.2",
    "adh-camellia128-sha256": f"{_ADH}camellia camellia128 cbc sha256 tlsv1.2",
    "adh-aes256-sha": f"{_ADH}{_AES}{_OLD}aes256 cbc",
    "adh-aes128-sha": f"{_ADH}{_AES}{_OLD}aes128 cbc",
    "adh-camellia256-sha": f"{_ADH}{_OLD}camellia camellia256 cbc",
    "adh-camellia128-sha": f"{_ADH}{_OLD}camellia camellia128 cbc",
    "aecdh-aes256-sha": f"{_AECDH}{_AES}high aes256 cbc",
    "aecdh-aes128-sha": f"{_AECDH}{_AES}high aes128 cbc",
    "aecdh-null-sha": f"{_CLEAR}anull aecdh ecdh kecdhe keecdh tlsv1 tlsv1.0 sha sha1",
    "ecdhe-ecdsa-null-sha": f"{_CLEAR}ecdh ecdhe eecdh kecdhe keecdh ecdsa aecdsa tlsv1 tlsv1.0 sha sha1",
    "ecdhe-rsa-null-sha": f"{_CLEAR}ecdh ecdhe eecdh kecdhe keecdh arsa tlsv1 tlsv1.0 sha sha1",
    "null-sha256": f"{_KRSA}sha256 tlsv1.2",
    "null-sha": f"{_KRSA}{_OLD}",
    "null-md5": f"{_KRSA}sslv3 md5",
}
"""The suites of OpenSSL 3 without authentication or encryption, and the words of a list that mean them among others.

Those for a shared secret (PSK) are left out: named has none.
"""

_MEANT = {suite: frozenset((suite, *words.split())) for suite, words in _SUITES.items()}


def _brought(words: Iterable[str]) -> Iterator[str]:
    """What groups bring in that name weak suites only among others, as `kRSA` and `HIGH` do."""
    found: dict[str, None] = {}
    gone: set[str] = set()
    for word in words:
        parts = frozenset(word.lstrip("!-+").split("+"))
        meant = [suite for suite, known in _MEANT.items() if parts <= known]
        if word.startswith(("!", "-")):
            found = {suite: None for suite in found if suite not in meant}
            gone.update(meant if word.startswith("!") else ())
        elif not word.startswith("+"):
            found.update((suite, None) for suite in meant if suite not in gone)
    for suite in found:
        if "anull" in _MEANT[suite]:
            yield "aNULL"
        if "null" in _MEANT[suite]:
            yield "NULL"


def weak_ciphers(ciphers: Statement) -> tuple[tuple[str, ...], bool]:
    """The weak ciphers that an OpenSSL list (TLS 1.2) asks for, and whether it drops OpenSSL's own minimum.

    A word with `!` takes its ciphers out for good, one with `-` until they are named again; `a+b` is what is in both.
    """
    found: dict[tuple[str, str], None] = {}
    gone: set[str] = set()
    unbounded = False
    text = Setting(ciphers, "tls").argument or ""
    words = [word.lower() for word in text.replace(",", ":").replace(" ", ":").replace(";", ":").split(":")]
    for low in words:
        if low.startswith("@"):
            unbounded = unbounded or low == "@seclevel=0"
            continue
        name = low.lstrip("!-+")
        groups = [_WEAK[part] for part in name.split("+") if part in _WEAK]
        suite = () if groups else _weak_suite(name)
        if low.startswith("!"):
            gone.update(groups or ((name,) if suite else ()))
        if low.startswith(("!", "-")):
            found = {each: None for each in found if each[0] != name and each[1] not in groups}
        elif not low.startswith("+") and name not in gone:
            found.update(((name, kind), None) for kind in (*groups, *suite) if kind not in gone)
    # Within OpenSSL's own minimum these stay out, whatever group they are in.
    brought = _brought(words) if unbounded else ()
    return tuple(dict.fromkeys((*(kind for _, kind in found), *brought))), unbounded


def _weak_suite(name: str) -> tuple[str, ...]:
    """What is weak about a single suite: `null-sha256`, `tls_rsa_with_rc4_128_md5`."""
    parts = name.replace("_", "-").split("-")
    if len(parts) < 2:
        return ()
    kinds = ["3DES" if part == "des" and {"cbc3", "3des"} & set(parts) else _WEAK.get(part) for part in parts]
    return tuple(dict.fromkeys(kind for kind in kinds if kind is not None))
