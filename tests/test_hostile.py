"""Input that is broken on purpose or by accident: one clear message, bounded time and memory, exit code 3."""

from __future__ import annotations

import ctypes
import json
import os
import resource
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from named_audit.host import LocalHost, MemoryHost, ReadError
from named_audit.syntax.lexer import MAX_DEPTH, MAX_INCLUDE_DEPTH, MAX_INCLUDES, TIMES_READ
from named_audit.syntax.locate import ReadOptions
from named_audit.syntax.parser import read_tree

SECONDS = 60
MEMORY = 2 * 1024**3
"""How much address space a run may take, for inputs of at most 64 MiB."""


class Ran(NamedTuple):
    """One run of the program."""

    code: int
    out: str
    err: str
    seconds: float


def limits() -> None:
    """Run in the child: a run that needs more than this dies, and the test fails."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def tight_limits() -> None:
    """For inputs of a few megabytes."""
    limits()
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY // 2, MEMORY // 2))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS // 3, SECONDS // 3))


def check(*arguments: str | Path, cwd: Path, **options: Any) -> Ran:
    """Run `named-audit check` under limits."""
    chosen: dict[str, Any] = {"stdin": subprocess.DEVNULL, "preexec_fn": limits}
    started = time.monotonic()
    ran: subprocess.CompletedProcess[bytes] = subprocess.run(
        [sys.executable, "-m", "named_audit", "check", *map(str, arguments)],
        cwd=cwd,
        capture_output=True,
        timeout=2 * SECONDS,
        **(chosen | options),
    )
    took = time.monotonic() - started
    return Ran(ran.returncode, ran.stdout.decode(errors="replace"), ran.stderr.decode(errors="replace"), took)


def incomplete(*arguments: str | Path, cwd: Path, **options: Any) -> list[dict[str, Any]]:
    """The problems of a run that must be incomplete, in both formats."""
    shown = check(*arguments, cwd=cwd, **options)
    assert "Traceback" not in shown.out + shown.err
    assert shown.code == 3, shown
    assert len(shown.out + shown.err) < 100_000
    ran = check("--format", "json", *arguments, cwd=cwd, **options)
    assert (ran.code, ran.err) == (3, "")
    report = json.loads(ran.out)
    assert report["complete"] is False
    problems: list[dict[str, Any]] = report["problems"]
    for problem in problems:
        assert "Traceback" not in problem["message"]
        # Whatever the input is, a message stays one that a person reads.
        assert len(problem["message"]) < 1000
    return problems


def only(problems: list[dict[str, Any]]) -> str:
    """The message of the one problem."""
    assert len(problems) == 1, problems
    message: str = problems[0]["message"]
    return message


def write(folder: Path, files: dict[str, str | bytes]) -> Path:
    """Put files into a folder; the root comes first."""
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content.encode() if isinstance(content, str) else content)
    return folder / next(iter(files))


def test_nested_blocks(tmp_path: Path) -> None:
    root = write(tmp_path, {"named.conf": "a { " * 100_000 + "}; " * 100_000})
    assert (
        only(incomplete(root, cwd=tmp_path)) == f"blocks nest more than {MAX_DEPTH} deep; reading stops here"
    )


def test_nested_blocks_that_never_close(tmp_path: Path) -> None:
    root = write(tmp_path, {"named.conf": "{" * 100_000})
    messages = {problem["message"] for problem in incomplete(root, cwd=tmp_path)}
    assert f"blocks nest more than {MAX_DEPTH} deep; reading stops here" in messages


@pytest.mark.parametrize("text", ["}", ";", "};", "a } ; ", "a { b } "])
def test_stray_tokens(tmp_path: Path, text: str) -> None:
    problems = incomplete(write(tmp_path, {"named.conf": text * 100_000}), cwd=tmp_path)
    assert problems[-1]["message"].endswith("; reading stops here")
    assert len(problems) <= 102


@pytest.mark.parametrize("text", ["{};", "! ; /", "a { b } ; ", "zone;", "options { directory };"])
def test_statements_that_mean_nothing(tmp_path: Path, text: str) -> None:
    problems = incomplete(write(tmp_path, {"named.conf": text * 100_000}), cwd=tmp_path)
    assert len(problems) <= 1000


@pytest.mark.parametrize(
    "text",
    [
        "options {\n" + "recursion yes\n" * 200_000 + "};\n",
        'zone "a" { type primary; file "b"; }\n' * 50_000,
        'zone "a" { type primary; file "b"; }\n' * 50_000 + ";",
        'zone "a" ' + "{} " * 300_000,
        'zone "a" ' + "{} " * 300_000 + ";",
        'zone "a" ' + "{ view x { type primary; }; } " * 100_000 + ";",
        "options { allow-transfer " + "{ none; } " * 200_000 + "; };",
    ],
    ids=["words", "zones", "zones, one ;", "blocks", "blocks, one ;", "deep blocks", "lists"],
)
def test_semicolons_that_are_all_missing(tmp_path: Path, text: str) -> None:
    """A generator that forgets `;` must not take gigabytes, or minutes: linear is some seconds."""
    ran = check(write(tmp_path, {"named.conf": text}), cwd=tmp_path, preexec_fn=tight_limits)
    assert "Traceback" not in ran.out + ran.err
    assert ran.code == 3, ran


@pytest.mark.parametrize(
    "text",
    [
        "".join(
            f"primaries l{n} {{ l{(n + 1) % 4000}; }}; zone z{n} {{ type secondary; primaries {{ l{n}; }}; }};\n"
            for n in range(4000)
        ),
        "trust-anchors {\n" + "".join(f'a{n}. static-ds {n} 13 2 "AB";\n' for n in range(40_000)) + "};",
        "options {\n" + "".join(f"nosuch{n}thing{n * 7919 % 100_003} yes;\n" for n in range(20_000)) + "};",
        "options { allow-transfer { a0; }; };\n"
        + "".join(f"acl a{n} {{ a{n + 1}; }};\n" for n in range(4000))
        + "acl a4000 { none; };\nzone z { type primary; file z; };",
        "options { allow-transfer { a0; }; };\n"
        + "".join(f"acl a{n} {{ a{(n + 1) % 4000}; }};\n" for n in range(4000))
        + "zone z { type primary; file z; };",
    ],
    ids=["loop of lists", "anchors", "unknown statements", "chain of acls", "loop of acls"],
)
def test_many_of_what_looks_further(tmp_path: Path, text: str) -> None:
    ran = check("--bind-version", "9.18", write(tmp_path, {"named.conf": text}), cwd=tmp_path)
    assert "Traceback" not in ran.out + ran.err
    assert ran.code == (0 if text.startswith("trust-anchors") else 3), ran.out[-500:]
    assert ran.seconds < 60


def test_include_loop(tmp_path: Path) -> None:
    root = write(tmp_path, {"named.conf": 'include "a";', "a": 'include "b";', "b": 'include "named.conf";'})
    assert (
        only(incomplete(root.name, cwd=tmp_path))
        == 'include loop: "named.conf" includes itself through this line'
    )


def test_include_loop_over_a_symbolic_link(tmp_path: Path) -> None:
    root = write(tmp_path, {"named.conf": 'include "link";'})
    (tmp_path / "link").symlink_to("named.conf")
    assert (
        only(incomplete(root.name, cwd=tmp_path)) == 'include loop: "link" includes itself through this line'
    )


def test_ten_thousand_includes(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {"named.conf": "".join(f'include "i/{n}";\n' for n in range(10_000))}
    files |= {f"i/{n}": f"acl a{n} {{ 192.0.2.1; }};\n" for n in range(10_000)}
    write(tmp_path, files)
    ran = check("named.conf", cwd=tmp_path)
    assert (ran.code, ran.err) in ((0, ""), (1, "")), ran
    assert "Traceback" not in ran.out


def test_a_chain_of_ten_thousand_includes(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {"named.conf": 'include "i/0";'}
    files |= {f"i/{n}": f'include "i/{n + 1}";' for n in range(10_000)}
    write(tmp_path, files)
    message = f"includes nest more than {MAX_INCLUDE_DEPTH} deep; reading stops here"
    assert only(incomplete("named.conf", cwd=tmp_path)) == message


def test_includes_that_double(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {"named.conf": 'include "0"; include "0";'}
    files |= {str(n): f'include "{n + 1}"; include "{n + 1}";' for n in range(30)}
    write(tmp_path, files | {"30": "acl a { any; };"})
    assert (
        only(incomplete("named.conf", cwd=tmp_path))
        == f"more than {MAX_INCLUDES} includes; reading stops here"
    )


def test_includes_that_double_a_large_file(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {"named.conf": 'include "0"; include "0";'}
    files |= {str(n): f'include "{n + 1}"; include "{n + 1}";' for n in range(14)}
    write(tmp_path, files | {"14": "// " + "x" * (1 << 20) + "\n"})
    message = "the same files are included again and again; reading stops here"
    assert only(incomplete("named.conf", cwd=tmp_path)) == message


@pytest.mark.parametrize(("views", "limited"), [(12, False), (TIMES_READ + 1, False), (TIMES_READ + 3, True)])
def test_views_that_share_a_long_list_of_zones(
    views: int, limited: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("named_audit.syntax.lexer.MAX_READ_AGAIN", 1000)
    zones = "".join(f'zone "z{n}" {{ type primary; file "z{n}"; }};\n' for n in range(1000))
    text = "".join(f'view "v{n}" {{ include "/zones"; }};\n' for n in range(views))
    host = MemoryHost({"/named.conf": text.encode(), "/zones": zones.encode()})
    tree = read_tree("/named.conf", host, ReadOptions())
    message = "the same files are included again and again; reading stops here"
    assert [problem.message for problem in tree.problems] == ([message] if limited else [])


HUGE = 64 * 1024 * 1024


@pytest.mark.parametrize(
    ("before", "behind", "message"),
    [
        (b"", b"", "unexpected end of file: missing ';'"),
        (b'zone "', b"", "unexpected end of input: this string is never closed"),
        (b"/*", b"", "unexpected end of input: this comment is never closed"),
    ],
    ids=["word", "string", "comment"],
)
def test_huge_token_that_never_ends(tmp_path: Path, before: bytes, behind: bytes, message: str) -> None:
    root = write(tmp_path, {"named.conf": before + b"x" * HUGE + behind})
    assert incomplete(root, cwd=tmp_path)[0]["message"] == message


@pytest.mark.parametrize(
    "text",
    [
        b'acl "' + b"x" * HUGE + b'" { any; };',
        b"acl a { " + b"x" * HUGE + b"; };",
        b"options { " + b"x" * HUGE + b" yes; };",
        b"include " + b"x" * HUGE + b";",
        b'include "' + b"x" * HUGE + b'";',
        b'zone "' + b"a." * (HUGE // 2) + b'" { type primary; file "f"; };',
        b'key "k" { algorithm hmac-sha256; secret "' + b"A" * HUGE + b'"; };',
        b"\xff" * HUGE,
        b"\0" * HUGE,
    ],
    ids=["acl name", "element", "option", "bare include", "include", "zone", "secret", "bad bytes", "NUL"],
)
def test_huge_token(tmp_path: Path, text: bytes) -> None:
    root = write(tmp_path, {"named.conf": text})
    ran = check(root, cwd=tmp_path)
    assert "Traceback" not in ran.out + ran.err
    assert ran.code in (0, 1, 3), ran.err
    assert len(ran.out + ran.err) < 100_000


def test_folder_without_a_root(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert "Traceback" not in str(incomplete("empty", cwd=tmp_path))


def test_included_folder(tmp_path: Path) -> None:
    root = write(tmp_path, {"named.conf": 'include "d";', "d/x": ""})
    assert only(incomplete(root.name, cwd=tmp_path)) == 'cannot read include "d": it is a directory'


def test_missing_file(tmp_path: Path) -> None:
    assert only(incomplete("gone.conf", cwd=tmp_path)) == "cannot read gone.conf: no such file"


def test_path_with_nul() -> None:
    with pytest.raises(ReadError, match=r"^the path holds a NUL byte$"):
        LocalHost().read("a\0b")


@pytest.mark.parametrize("device", ["/dev/zero", "/dev/null", "/dev/full"])
def test_device(tmp_path: Path, device: str) -> None:
    message = f"cannot read {device}: it is a device or socket, not a file"
    assert only(incomplete(device, cwd=tmp_path)) == message
    if device == "/dev/null":
        return  # as an include, BIND takes it for the empty file it looks like
    (tmp_path / "named.conf").write_text(f'include "{device}";')
    included = f'cannot read include "{device}": it is a device or socket, not a file'
    assert only(incomplete("named.conf", cwd=tmp_path)) == included


def test_device_on_stdin(tmp_path: Path) -> None:
    for device in ("/dev/null", "/dev/zero"):
        with open(device, "rb") as opened:
            message = only(incomplete("-", cwd=tmp_path, stdin=opened))
        assert message == "cannot read <stdin>: it is a device or socket, not a file"


def test_closed_stdin(tmp_path: Path) -> None:
    def close() -> None:
        limits()
        os.close(0)

    assert only(incomplete("-", cwd=tmp_path, preexec_fn=close)) == "cannot read <stdin>: bad file descriptor"


def test_loop_of_symbolic_links(tmp_path: Path) -> None:
    (tmp_path / "named.conf").symlink_to("other.conf")
    (tmp_path / "other.conf").symlink_to("named.conf")
    message = "cannot read named.conf: its symbolic links form a loop"
    assert only(incomplete("named.conf", cwd=tmp_path)) == message


def test_sparse_file(tmp_path: Path) -> None:
    with (tmp_path / "named.conf").open("wb") as file:
        file.truncate(1 << 40)
    assert only(incomplete("named.conf", cwd=tmp_path)) == "cannot read named.conf: it is larger than 512 MiB"


NOTHING = "nothing came through the pipe: nobody writes to it, or the command that should has failed"


def test_fifo_that_nobody_writes_to(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "named.conf")
    assert only(incomplete("named.conf", cwd=tmp_path)) == f"cannot read named.conf: {NOTHING}"
    ran = check("named.conf", cwd=tmp_path)
    assert ran.seconds < 20


def slowly(write_to: Callable[[bytes], object], text: bytes) -> Iterator[None]:
    """Write with pauses longer than a FIFO waits for its first writer."""
    for part in (text[:5], text[5:]):
        time.sleep(1.5)
        write_to(part)
        yield


CLEAN = b"options { allow-transfer { none; }; };\n"


def test_fifo_with_a_slow_writer(tmp_path: Path) -> None:
    fifo = tmp_path / "named.conf"
    os.mkfifo(fifo)

    def feed() -> None:
        with fifo.open("wb", buffering=0) as out:
            for _ in slowly(out.write, CLEAN):
                pass

    writer = threading.Thread(target=feed)
    writer.start()
    ran = check("named.conf", cwd=tmp_path)
    writer.join()
    assert (ran.code, ran.err) == (0, ""), ran


@pytest.mark.parametrize("name", ["-", "/dev/stdin", "/dev/fd/0", "/proc/self/fd/0"])
def test_pipe_with_a_slow_writer(tmp_path: Path, name: str) -> None:
    reading, writing = os.pipe()

    def feed() -> None:
        for _ in slowly(lambda part: os.write(writing, part), CLEAN):
            pass
        os.close(writing)

    # The child must not hold the writing end, or the pipe never ends.
    os.set_inheritable(writing, False)
    writer = threading.Thread(target=feed)
    writer.start()
    ran = check(name, cwd=tmp_path, stdin=reading)
    writer.join()
    os.close(reading)
    assert (ran.code, ran.err) == (0, ""), ran


@pytest.mark.parametrize("name", ["-", "/dev/stdin"])
def test_empty_pipe(tmp_path: Path, name: str) -> None:
    for _ in range(2):
        ran = check("--format", "json", name, cwd=tmp_path, stdin=None, input=b"")
        assert ran.code == 3
        message = only(json.loads(ran.out)["problems"])
        assert message == f"cannot read {'<stdin>' if name == '-' else name}: {NOTHING}"


@pytest.mark.parametrize(
    ("command", "code"),
    [
        ('check <(sleep 1; echo "options { allow-transfer { none; }; };")', 0),
        ('check <(echo "options { recursion no; };") <(echo "options { allow-transfer { none; }; };")', 0),
        ("check <(false)", 3),
        ("check <(exec >&-; sleep 2)", 3),
        ('check <(echo "options { allow-transfer { none; };")', 3),
    ],
)
def test_process_substitution(tmp_path: Path, command: str, code: int) -> None:
    ran = subprocess.run(
        ["bash", "-c", f"'{sys.executable}' -m named_audit {command}"],
        cwd=tmp_path,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=SECONDS,
    )
    assert "Traceback" not in ran.stdout + ran.stderr
    assert ran.returncode == code, ran.stdout + ran.stderr


def without_privileges() -> None:
    """Run in the child: root may read everything, unless the capabilities for that are out of reach."""
    limits()
    if os.geteuid() == 0:
        prctl = ctypes.CDLL(None, use_errno=True).prctl
        drop_from_bounding_set, dac_override, dac_read_search = 24, 1, 2
        for capability in (dac_override, dac_read_search):
            if prctl(drop_from_bounding_set, capability, 0, 0, 0) != 0:
                raise OSError(ctypes.get_errno(), "prctl")


def test_no_permission(tmp_path: Path) -> None:
    write(tmp_path, {"named.conf": 'include "a.key";', "a.key": "", "closed.conf": "", "keys/b.key": ""})
    for name in ("a.key", "closed.conf"):
        (tmp_path / name).chmod(0)
    options: dict[str, Any] = {"cwd": tmp_path, "preexec_fn": without_privileges}
    try:
        subprocess.run(["true"], check=True, preexec_fn=without_privileges)
    except subprocess.SubprocessError:
        pytest.skip("this root may not give up its privileges")
    assert only(incomplete("closed.conf", **options)) == "cannot read closed.conf: no permission to read it"
    included = 'cannot read include "a.key": no permission to read it'
    assert only(incomplete("named.conf", **options)) == included


def test_file_that_vanishes() -> None:
    class Vanishing(MemoryHost):
        def read(self, path: str) -> bytes:
            if path.endswith("gone"):
                raise ReadError("no such file", missing=True)
            return super().read(path)

    host = Vanishing({"/etc/bind/named.conf": b'include "/etc/bind/gone";', "/etc/bind/gone": b""})
    tree = read_tree("/etc/bind/named.conf", host, ReadOptions())
    assert [problem.message for problem in tree.problems] == [
        'cannot read include "/etc/bind/gone": no such file'
    ]
    assert tree.unseen


@pytest.mark.parametrize(
    "text",
    [
        b"\xef\xbb\xbfoptions { };",
        b"\xff\xfeo\0p\0t\0i\0o\0n\0s\0",
        b"zone \xff { type primary; };",
        b"\0\0\0;",
        b'zone "a\0b" { type primary; file "f"; };',
        b"options { directory \xc2\xa0; };",
        b'include "\xff\xfe\0";',
        b'options { directory "\0"; }; include "x";',
        b"\x1b[2J\x1b]0;title\x07 { };",
        b'acl "\xed\xa0\x80" { any; };',
        b"zone a { type primary; file",
        b"key k { secret \xff; algorithm; };",
        b"allow-transfer port 999999999999999999999 { any; };",
        b'zone "a" { type primary; allow-transfer port ' + b"9" * 5000 + b" { any; }; };",
        b'zone "a" { type primary; allow-transfer { 192.0.2.0/' + b"9" * 5000 + b"; }; };",
    ],
)
def test_odd_bytes(tmp_path: Path, text: bytes) -> None:
    root = write(tmp_path, {"named.conf": text})
    for format_name in ("text", "json", "sarif", "github"):
        ran = check("--format", format_name, root, cwd=tmp_path)
        assert "Traceback" not in ran.out + ran.err
        assert ran.code in (0, 1, 3), ran
        assert "\x1b]0" not in ran.out and "\x1b[2J" not in ran.out
