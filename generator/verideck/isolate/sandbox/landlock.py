"""A sandbox where namespaces are not to be had: Landlock for files, TCP and signals, a filter of calls for the rest.

Neither needs rights (docs.kernel.org, *Landlock: unprivileged access control*). No socket can be made but by
socketpair(2), and what would change a file's mode, owner or times does nothing. Other processes can still be seen by
name, `/tmp` is closed and not the card's own, and there is no `/dev/shm`, so no lock between processes.
"""

from __future__ import annotations

import ctypes
import errno
import os
import struct
from collections.abc import Iterable
from pathlib import Path

from verideck.isolate import linux
from verideck.isolate.sandbox import calls

_CREATE, _ADD, _RESTRICT = 444, 445, 446  # system calls, the same on every processor
_READ_FILE, _READ_FOLDER, _EXECUTE = 4, 8, 1
_ON_FILES = 1 | 2 | 4 | 1 << 14 | 1 << 15  # execute, write, read, truncate, ioctl: what a rule for a file may name
_FILES_BY_ABI = (0, (1 << 13) - 1, (1 << 14) - 1, (1 << 15) - 1, (1 << 15) - 1, (1 << 16) - 1)
SCOPED = 6
"""The Landlock ABI from which a card cannot send signals to other processes."""

_REFUSED = ("socket", "shmget", "semget", "msgget", "mq_open", "truncate")
_OPEN = ("/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom")
_TOLD = ("/proc/self", "/proc/cpuinfo", "/proc/meminfo", "/proc/stat", "/proc/filesystems", "/proc/sys/kernel")


def abi() -> int:
    """The version of Landlock that this kernel has; raises `OSError` where it has none."""
    return linux.system_call(_CREATE, None, ctypes.c_size_t(0), 1)


def enter(folder: Path, readable: Iterable[str]) -> None:
    """Close the sandbox around this process: it may write below `folder`, read `readable`, and reach no network."""
    version = abi()
    files = _FILES_BY_ABI[min(version, len(_FILES_BY_ABI) - 1)]
    network = 3 if version >= 4 else 0  # noqa: PLR2004 - TCP: bind and connect
    scopes = 3 if version >= SCOPED else 0  # abstract sockets and signals
    attributes = struct.pack("QQQ", files, network, scopes)[: 8 * (1 if version < 4 else 2 if version < SCOPED else 3)]  # noqa: PLR2004
    rules = linux.system_call(_CREATE, attributes, ctypes.c_size_t(len(attributes)), 0)
    for path in (*readable, *_TOLD):
        _allow(rules, path, files & (_READ_FILE | _READ_FOLDER | _EXECUTE))
    for path in (str(folder), *_OPEN, *map(str, Path("/dev").glob("nvidia*"))):
        _allow(rules, path, files)
    linux.gain_no_privileges()
    linux.system_call(_RESTRICT, rules, 0)
    os.close(rules)
    linux.drop_capabilities()
    calls.restrict(_REFUSED, void=calls.CHANGES_OF_FILES)


def _allow(rules: int, path: str, access: int) -> None:
    """Allow this access below a path, if it is there."""
    try:
        place = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    try:
        access &= -1 if Path(path).is_dir() else _ON_FILES
        linux.system_call(_ADD, rules, 1, struct.pack("=Qi", access, place), 0)
    finally:
        os.close(place)


def trial(folder: Path) -> None:
    """Close it once, and see that it holds; ends the process in any case."""
    enter(folder, ["/usr", "/lib", "/lib64"])
    (folder / "written").write_text("x")
    try:
        list(Path("/proc/1").iterdir())
    except PermissionError:
        os._exit(0)
    os._exit(errno.EPERM)
