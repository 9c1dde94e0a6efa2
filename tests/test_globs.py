"""Patterns of file names against the C library's own fnmatch()."""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from named_audit.globs import PatternError, matches

LC_ALL_MASK = 8127
FNM_PERIOD = 4

Match = Callable[[str, str, bool], bool]


@pytest.fixture(scope="module")
def fnmatch() -> Iterator[Match]:
    """glibc's fnmatch() in the C locale, which is named's."""
    libc = ctypes.CDLL(None)
    if not hasattr(libc, "gnu_get_libc_version"):
        pytest.skip("the C library is not glibc")
    libc.newlocale.restype = libc.uselocale.restype = ctypes.c_void_p
    libc.uselocale.argtypes = [ctypes.c_void_p]
    libc.newlocale.argtypes = [ctypes.c_int, ctypes.c_char_p, ctypes.c_void_p]
    before = libc.uselocale(libc.newlocale(LC_ALL_MASK, b"C", None))
    yield (
        lambda pattern, name, period: (
            libc.fnmatch(pattern.encode(), name.encode(), FNM_PERIOD if period else 0) == 0
        )
    )
    libc.uselocale(before)


PIECES = ("a", "b", "5", "A", "-", "[", "]", "[", "]", "!", "^", "*", "?", "\\", ":", "=", " ", "\xe9")
CLASSES = ("[:digit:]", "[:alpha:]", "[:upper:]", "[:punct:]", "[:space:]", "[=a=]", "[=-=]")
PATTERNS = st.lists(st.sampled_from((*PIECES, *CLASSES)), min_size=1, max_size=8).map("".join)
NAMES = st.text("ab5A-][!^\\:= \xe9", min_size=1, max_size=4)


@settings(max_examples=3000, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(pattern=PATTERNS, name=NAMES)
def test_means_what_glibc_says(fnmatch: Match, pattern: str, name: str) -> None:
    try:
        ours = matches(pattern, name)
    except PatternError:
        return
    assert ours == fnmatch(pattern, name, True)


@pytest.mark.parametrize("period", [True, False])
@pytest.mark.parametrize("pattern", [".*", "*", "?h", "[.]h", "[!x]h", "\\.h", "*.h", "a.?", "[[:punct:]]h"])
@pytest.mark.parametrize("name", [".h", "a.h", "h", "x.h.h"])
def test_periods(fnmatch: Match, pattern: str, name: str, period: bool) -> None:
    assert matches(pattern, name, period=period) == fnmatch(pattern, name, period)


CLASS_NAMES = [
    "alnum",
    "alpha",
    "blank",
    "cntrl",
    "digit",
    "graph",
    "lower",
    "print",
    "punct",
    "space",
    "upper",
    "xdigit",
]


@pytest.mark.parametrize("name", CLASS_NAMES)
def test_classes(fnmatch: Match, name: str) -> None:
    pattern = f"[[:{name}:]]"
    for code in (*range(1, 128), 0xE9):
        assert matches(pattern, chr(code), period=False) == fnmatch(pattern, chr(code), False), code


@pytest.mark.parametrize(
    "pattern",
    ["[[:foo:]]", "[!a-", "[]", "[[.a.]]", "[[=ab=]]", "[a-[:digit:]]", "a\\", "[\\", "[" + "a" * 5000 + "]"],
)
def test_refuses_what_is_not_clear(pattern: str) -> None:
    with pytest.raises(PatternError):
        matches(pattern, "a")
