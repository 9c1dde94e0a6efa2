"""The only code that writes to the audited configuration: all files of a run, or none of them."""

from __future__ import annotations

import contextlib
import errno
import os
import stat
from collections.abc import Mapping
from typing import NamedTuple

PREFIX = ".named-audit-"
"""Temporary files begin with a dot, so that an `include "conf.d/*"` read meanwhile does not match them."""


class WriteRefused(Exception):
    """Nothing was written; `reason` says why, for people, without the path."""

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(f"{path}: {reason}")
        self.path = path
        self.reason = reason


class _Target(NamedTuple):
    """One file to write: the path as given, the file behind its symbolic links, and its contents."""

    path: str
    real: str
    old: bytes
    new: bytes


def write_all(changes: Mapping[str, tuple[bytes, bytes]]) -> None:
    """Replace the contents of files, of all or of none; each value is (old bytes, new bytes).

    Each file is replaced as a whole by a rename; mode, owner, group and extended attributes stay, and a
    symbolic link stays a link. The rename gives a new inode, so a file with several hard links is refused.

    Raises:
        WriteRefused: a file is not as it was read, is not a plain file, or cannot be replaced.
    """
    targets = _targets(changes)
    staged: list[str] = []
    backups: dict[str, str] = {}
    replaced: list[_Target] = []
    try:
        news = [_stage(target, target.new, staged) for target in targets]
        # One rename is atomic by itself; only several need a way back.
        if len(targets) > 1:
            backups = {target.real: _stage(target, target.old, staged) for target in targets[:-1]}
        for target in targets:
            _check_unchanged(target)
        for target, new in zip(targets, news, strict=True):
            try:
                os.rename(new, target.real)
            except OSError as error:
                raise WriteRefused(target.path, _why(error)) from None
            replaced.append(target)
    except BaseException as failure:
        if len(replaced) < len(targets):
            _roll_back(replaced, backups, staged, failure)
        raise
    finally:
        for name in staged:
            with contextlib.suppress(OSError):
                os.unlink(name)
    for folder in {os.path.dirname(target.real) for target in targets}:
        with contextlib.suppress(OSError):
            _sync(folder)


def _targets(changes: Mapping[str, tuple[bytes, bytes]]) -> list[_Target]:
    found: dict[str, _Target] = {}
    for path, (old, new) in changes.items():
        if old == new:
            continue
        try:
            target = _Target(path, os.path.realpath(path), old, new)
            _check_replaceable(target)
        except OSError as error:
            raise WriteRefused(path, _why(error)) from None
        except ValueError:
            raise WriteRefused(path, "the path holds a NUL byte") from None
        known = found.setdefault(target.real, target)
        if known[2:] != target[2:]:
            raise WriteRefused(path, f"it is the same file as {known.path}, with another correction")
    return list(found.values())


def _check_replaceable(target: _Target) -> None:
    info = os.lstat(target.real)
    if not stat.S_ISREG(info.st_mode):
        raise WriteRefused(target.path, "it is not a regular file")
    if info.st_nlink > 1:
        reason = f"it has {info.st_nlink} hard links: replacing it would leave the others with the old text"
        raise WriteRefused(target.path, reason)
    # Root may write what nobody is meant to write; a mode without any write bit is somebody's decision.
    if not info.st_mode & 0o222:
        raise WriteRefused(target.path, f"it is read-only (mode {stat.S_IMODE(info.st_mode):04o})")
    if not os.access(target.real, os.W_OK):
        raise WriteRefused(target.path, "it is read-only for this user")
    folder = os.path.dirname(target.real)
    if not os.access(folder, os.W_OK | os.X_OK):
        raise WriteRefused(target.path, f"no permission to write to its directory {folder}")


def _check_unchanged(target: _Target) -> None:
    try:
        _check_replaceable(target)
        descriptor = os.open(target.real, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        with open(descriptor, "rb") as file:
            same = file.read(len(target.old) + 1) == target.old
    except OSError as error:
        raise WriteRefused(target.path, _why(error)) from None
    if not same:
        raise WriteRefused(target.path, "it has changed since it was read: run again")


def _stage(target: _Target, data: bytes, staged: list[str]) -> str:
    """Write a complete stand-in for a file beside it, with its mode, owner, group and attributes."""
    import tempfile

    try:
        descriptor, name = tempfile.mkstemp(prefix=PREFIX, suffix=".tmp", dir=os.path.dirname(target.real))
        staged.append(name)
        with open(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            info = os.stat(target.real, follow_symlinks=False)
            _keep_owner(target, file.fileno(), info)
            # After the owner: a change of owner clears set-id bits.
            os.fchmod(file.fileno(), stat.S_IMODE(info.st_mode))
            _keep_attributes(target.real, file.fileno())
            os.fsync(file.fileno())
    except OSError as error:
        raise WriteRefused(target.path, _why(error)) from None
    return name


def _keep_owner(target: _Target, descriptor: int, info: os.stat_result) -> None:
    mine = os.fstat(descriptor)
    if (mine.st_uid, mine.st_gid) == (info.st_uid, info.st_gid):
        return
    try:
        os.fchown(descriptor, info.st_uid, info.st_gid)
    except OSError:
        reason = f"its owner and group ({info.st_uid}:{info.st_gid}) could not be kept: run as root"
        raise WriteRefused(target.path, reason) from None


def _keep_attributes(path: str, descriptor: int) -> None:
    """Copy extended attributes (access lists and security labels are such) as far as the system lets us."""
    if not hasattr(os, "listxattr"):
        return
    try:
        names = os.listxattr(path, follow_symlinks=False)
    except OSError:
        return
    for name in names:
        with contextlib.suppress(OSError):
            os.setxattr(descriptor, name, os.getxattr(path, name, follow_symlinks=False))


def _roll_back(
    replaced: list[_Target], backups: Mapping[str, str], staged: list[str], failure: BaseException
) -> None:
    lost = []
    for target in reversed(replaced):
        backup = backups[target.real]
        try:
            os.rename(backup, target.real)
        except OSError:
            # The one copy of the former text that is left must not be cleaned away.
            staged.remove(backup)
            lost.append(f"{target.path} (its former text is in {backup})")
    if lost:
        path = failure.path if isinstance(failure, WriteRefused) else replaced[0].path
        reason = failure.reason if isinstance(failure, WriteRefused) else type(failure).__name__
        raise WriteRefused(path, f"{reason}; these could not be put back: {', '.join(lost)}") from failure


def _sync(folder: str) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _why(error: OSError) -> str:
    if error.errno in (errno.ENOENT, errno.ENOTDIR):
        return "no such file any more"
    if error.errno == errno.EBUSY:
        return "it is mounted by itself (as containers do) and cannot be replaced"
    return os.strerror(error.errno).lower() if error.errno else str(error)
