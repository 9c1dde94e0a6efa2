"""Writing: all files or none, nothing lost on the way, nothing left behind."""

from __future__ import annotations

import os
import re
import stat
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest

from named_audit.fix.writer import WriteRefused, write_all

AS_ROOT = os.geteuid() == 0


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    """Two files in two directories."""
    one, other = tmp_path / "one" / "named.conf", tmp_path / "other" / "zones.conf"
    for path in (one, other):
        path.parent.mkdir()
        path.write_bytes(b"old\n")
    return one, other


def everything(folder: Path) -> dict[str, bytes]:
    """Every file below a folder."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def refused(*paths: Path) -> WriteRefused:
    """The refusal to turn old into new."""
    with pytest.raises(WriteRefused) as caught:
        write_all({str(path): (b"old\n", b"new\n") for path in paths})
    return caught.value


def test_writes_all(files: tuple[Path, Path], tmp_path: Path) -> None:
    one, other = files
    write_all({str(one): (b"old\n", b"new\r\n\xff\0"), str(other): (b"old\n", b"")})
    assert everything(tmp_path) == {"one/named.conf": b"new\r\n\xff\0", "other/zones.conf": b""}


def test_nothing_to_do() -> None:
    write_all({})
    write_all({"/nowhere/at/all": (b"same", b"same")})


def test_keeps_mode(files: tuple[Path, Path]) -> None:
    one, _ = files
    for mode in (0o640, 0o600, 0o444 | stat.S_IWUSR, 0o2660):
        one.chmod(mode)
        kept = stat.S_IMODE(one.stat().st_mode)
        one.write_bytes(b"old\n")
        write_all({str(one): (b"old\n", b"new\n")})
        assert stat.S_IMODE(one.stat().st_mode) == kept


@pytest.mark.skipif(not AS_ROOT, reason="only root may give files away")
def test_keeps_owner_and_group(files: tuple[Path, Path]) -> None:
    one, other = files
    os.chown(one, 12345, 23456)
    one.chmod(0o640)
    write_all({str(path): (b"old\n", b"new\n") for path in files})
    info = one.stat()
    assert (info.st_uid, info.st_gid, stat.S_IMODE(info.st_mode)) == (12345, 23456, 0o640)
    assert (other.stat().st_uid, other.stat().st_gid) == (os.geteuid(), os.getegid())


def test_keeps_extended_attributes(files: tuple[Path, Path]) -> None:
    one, _ = files
    try:
        os.setxattr(one, "user.note", b"kept")
    except (AttributeError, OSError):
        pytest.skip("no extended attributes on this file system")
    write_all({str(one): (b"old\n", b"new\n")})
    assert os.getxattr(one, "user.note") == b"kept"


def test_follows_links_to_the_target(files: tuple[Path, Path], tmp_path: Path) -> None:
    one, _ = files
    link = tmp_path / "link"
    link.symlink_to("again")
    (tmp_path / "again").symlink_to(one)
    write_all({str(link): (b"old\n", b"new\n")})
    assert (link.is_symlink(), os.readlink(link), one.read_bytes()) == (True, "again", b"new\n")
    assert sorted(os.listdir(one.parent)) == ["named.conf"]


def test_one_file_by_two_names(files: tuple[Path, Path], tmp_path: Path) -> None:
    one, _ = files
    link = tmp_path / "link"
    link.symlink_to(one)
    write_all({str(one): (b"old\n", b"new\n"), str(link): (b"old\n", b"new\n")})
    assert one.read_bytes() == b"new\n"
    with pytest.raises(WriteRefused) as caught:
        write_all({str(one): (b"new\n", b"1\n"), str(link): (b"new\n", b"2\n")})
    assert (caught.value.path, caught.value.reason) == (
        str(link),
        f"it is the same file as {one}, with another correction",
    )
    assert one.read_bytes() == b"new\n"


def _changed(path: Path) -> None:
    path.write_bytes(b"old\nand more")


def _gone(path: Path) -> None:
    path.unlink()


def _directory(path: Path) -> None:
    path.unlink()
    path.mkdir()


def _pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def _dangling(path: Path) -> None:
    path.unlink()
    path.symlink_to("nothing")


def _loop(path: Path) -> None:
    path.unlink()
    path.symlink_to(path.name)


def _hard_link(path: Path) -> None:
    os.link(path, path.with_name("second"))


def _read_only(path: Path) -> None:
    path.chmod(0o440)


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (_changed, "it has changed since it was read: run again"),
        (_gone, "no such file any more"),
        (_directory, "it is not a regular file"),
        (_pipe, "it is not a regular file"),
        (_dangling, "no such file any more"),
        (_loop, "it is not a regular file"),
        (_hard_link, "it has 2 hard links: replacing it would leave the others with the old text"),
        (_read_only, "it is read-only (mode 0440)"),
    ],
)
def test_one_bad_file_stops_all(
    files: tuple[Path, Path], tmp_path: Path, spoil: Callable[[Path], None], reason: str
) -> None:
    one, other = files
    spoil(other)
    names = sorted(str(path) for path in tmp_path.rglob("*"))
    before = everything(tmp_path)
    for order in ((one, other), (other, one)):
        refusal = refused(*order)
        assert (refusal.path, refusal.reason) == (str(other), reason)
        assert str(refusal) == f"{other}: {reason}"
        assert everything(tmp_path) == before
        assert sorted(str(path) for path in tmp_path.rglob("*")) == names


def test_a_path_with_a_nul() -> None:
    with pytest.raises(WriteRefused, match="the path holds a NUL byte"):
        write_all({"a\0b": (b"old", b"new")})


NOBODY = 65534


def as_nobody(*paths: Path) -> str:
    """What a user without rights is told; run in a child, since there is no way back."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        said = b"crashed"
        try:
            os.setgroups([])
            os.setgid(NOBODY)
            os.setuid(NOBODY)
            write_all({str(path): (b"old\n", b"new\n") for path in paths})
            said = b"written"
        except WriteRefused as refusal:
            said = str(refusal).encode()
        finally:
            os.write(writer, said)
            os._exit(0)
    os.close(writer)
    with open(reader, encoding="utf-8") as pipe:
        heard = pipe.read()
    os.waitpid(child, 0)
    return heard


@pytest.mark.skipif(not AS_ROOT, reason="only root may become another user")
def test_without_permission() -> None:
    # Not in tmp_path: that is closed to other users.
    with tempfile.TemporaryDirectory() as name:
        top = Path(name)
        one, other = top / "one" / "named.conf", top / "other" / "zones.conf"
        top.chmod(0o755)
        for path in (one, other):
            path.parent.mkdir()
            path.write_bytes(b"old\n")
        for path in (one, one.parent):
            os.chown(path, NOBODY, NOBODY)
        other.chmod(0o644)
        assert as_nobody(one, other) == f"{other}: it is read-only for this user"
        other.chmod(0o666)
        assert as_nobody(one, other) == f"{other}: no permission to write to its directory {other.parent}"
        other.parent.chmod(0o777)
        reason = "its owner and group (0:0) could not be kept: run as root"
        assert as_nobody(one, other) == f"{other}: {reason}"
        assert everything(top) == {"one/named.conf": b"old\n", "other/zones.conf": b"old\n"}
        assert as_nobody(one) == "written"
        assert everything(top) == {"one/named.conf": b"new\n", "other/zones.conf": b"old\n"}


@pytest.mark.skipif(AS_ROOT, reason="root may write everywhere")
def test_a_directory_without_permission(files: tuple[Path, Path], tmp_path: Path) -> None:
    one, other = files
    other.parent.chmod(0o555)
    refusal = refused(one, other)
    other.parent.chmod(0o755)
    assert str(refusal) == f"{other}: no permission to write to its directory {other.parent}"
    assert everything(tmp_path) == {"one/named.conf": b"old\n", "other/zones.conf": b"old\n"}


def test_a_rename_that_fails_is_rolled_back(
    files: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other = files
    one.chmod(0o640)
    rename = os.rename
    seen: list[str] = []

    def failing(source: str, target: str) -> None:
        seen.append(Path(target).name)
        if target == str(other):
            assert one.read_bytes() == b"new\n"
            raise OSError(28, "No space left on device")
        rename(source, target)

    monkeypatch.setattr(os, "rename", failing)
    refusal = refused(one, other)
    assert (refusal.path, refusal.reason) == (str(other), "no space left on device")
    assert seen == ["named.conf", "zones.conf", "named.conf"]
    assert everything(tmp_path) == {"one/named.conf": b"old\n", "other/zones.conf": b"old\n"}
    assert stat.S_IMODE(one.stat().st_mode) == 0o640


def test_an_interruption_is_rolled_back(
    files: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, other = files
    rename = os.rename

    def interrupted(source: str, target: str) -> None:
        if target == str(other):
            raise KeyboardInterrupt
        rename(source, target)

    monkeypatch.setattr(os, "rename", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write_all({str(path): (b"old\n", b"new\n") for path in files})
    assert everything(tmp_path) == {"one/named.conf": b"old\n", "other/zones.conf": b"old\n"}


def test_what_cannot_be_put_back_is_kept_beside(
    files: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other = files
    rename = os.rename
    calls: list[str] = []

    def failing(source: str, target: str) -> None:
        calls.append(target)
        if len(calls) > 1:
            raise OSError(5, "Input/output error")
        rename(source, target)

    monkeypatch.setattr(os, "rename", failing)
    refusal = refused(one, other)
    assert refusal.path == str(other)
    said = f"input/output error; these could not be put back: {one} (its former text is in "
    found = re.fullmatch(rf"{re.escape(said)}(.*)\)", refusal.reason)
    assert found is not None
    assert Path(found[1]).read_bytes() == b"old\n"
    assert len(everything(tmp_path)) == 3


@pytest.mark.parametrize("call", ["fsync", "fchmod"])
def test_no_temporary_file_is_left(
    files: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    count = 0
    real = getattr(os, call)

    def failing(*arguments: int) -> None:
        nonlocal count
        count += 1
        if count == 2:
            raise OSError(28, "No space left on device")
        real(*arguments)

    monkeypatch.setattr(os, call, failing)
    assert refused(*files).reason == "no space left on device"
    assert everything(tmp_path) == {"one/named.conf": b"old\n", "other/zones.conf": b"old\n"}


def test_a_file_that_changes_meanwhile(
    files: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Between the first look and the rename, while the temporary files are written.
    one, other = files
    fsync = os.fsync

    def meanwhile(descriptor: int) -> None:
        other.write_bytes(b"mine\n")
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", meanwhile)
    refusal = refused(one, other)
    assert (refusal.path, refusal.reason) == (str(other), "it has changed since it was read: run again")
    assert everything(tmp_path) == {"one/named.conf": b"old\n", "other/zones.conf": b"mine\n"}
