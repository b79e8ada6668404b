"""A sandbox where namespaces are not to be had: Landlock for files, signals and TCP, seccomp for other sockets.

Neither needs rights (docs.kernel.org, *Landlock: unprivileged access control* and *Seccomp BPF*). Other processes can
still be seen by name, and `/tmp` is not the card's own.
"""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import struct
from collections.abc import Iterable
from pathlib import Path

from verideck.isolate import linux
from verideck.isolate.linux import _call

_CREATE, _ADD, _RESTRICT = 444, 445, 446  # system calls, the same on every processor
_READ_FILE, _READ_FOLDER, _EXECUTE = 4, 8, 1
_ON_FILES = 1 | 2 | 4 | 1 << 14 | 1 << 15  # execute, write, read, truncate, ioctl: what a rule for a file may name
_FILES_BY_ABI = (0, (1 << 13) - 1, (1 << 14) - 1, (1 << 15) - 1, (1 << 15) - 1, (1 << 16) - 1)
SCOPED = 6
"""The Landlock ABI from which a card cannot send signals to other processes."""

_SOCKET = {"x86_64": (0xC000003E, 41), "aarch64": (0xC00000B7, 198)}  # audit architecture, number of socket(2)
_UNIX = 1
_OPEN = ("/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom", "/dev/shm")  # noqa: S108 - semaphores live there
_TOLD = ("/proc/self", "/proc/cpuinfo", "/proc/meminfo", "/proc/stat", "/proc/filesystems", "/proc/sys/kernel")


def abi() -> int:
    """The version of Landlock that this kernel has; raises `OSError` where it has none."""
    return _call("syscall", _CREATE, None, ctypes.c_size_t(0), 1)


def enter(folder: Path, readable: Iterable[str]) -> None:
    """Close the sandbox around this process: it may write below `folder`, read `readable`, and reach no network."""
    version = abi()
    files = _FILES_BY_ABI[min(version, len(_FILES_BY_ABI) - 1)]
    network = 3 if version >= 4 else 0  # noqa: PLR2004 - TCP: bind and connect
    scopes = 3 if version >= SCOPED else 0  # abstract sockets and signals
    attributes = struct.pack("QQQ", files, network, scopes)[: 8 * (1 if version < 4 else 2 if version < SCOPED else 3)]  # noqa: PLR2004
    rules = _call("syscall", _CREATE, attributes, ctypes.c_size_t(len(attributes)), 0)
    for path in (*readable, *_TOLD):
        _allow(rules, path, files & (_READ_FILE | _READ_FOLDER | _EXECUTE))
    for path in (str(folder), *_OPEN, *map(str, Path("/dev").glob("nvidia*"))):
        _allow(rules, path, files)
    linux.gain_no_privileges()
    _call("syscall", _RESTRICT, rules, 0)
    os.close(rules)
    _forbid_sockets()
    linux.drop_capabilities()


def _allow(rules: int, path: str, access: int) -> None:
    """Allow this access below a path, if it is there."""
    try:
        place = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    try:
        access &= -1 if Path(path).is_dir() else _ON_FILES
        _call("syscall", _ADD, rules, 1, struct.pack("=Qi", access, place), 0)
    finally:
        os.close(place)


def _forbid_sockets() -> None:
    """Let socket(2) make Unix sockets alone: Landlock knows TCP, and names nothing of UDP and the rest."""
    machine = platform.machine()
    if machine not in _SOCKET:
        raise OSError(errno.ENOSYS, f"no socket filter for {machine} processors")
    architecture, number = _SOCKET[machine]
    load, equal, answer = 0x20, 0x15, 0x06
    allow, kill, refuse = 0x7FFF0000, 0x80000000, 0x00050000 | errno.EACCES
    program = [
        (load, 0, 0, 4),  # architecture
        (equal, 1, 0, architecture),
        (answer, 0, 0, kill),
        (load, 0, 0, 0),  # number of the call; that of the x32 interface has another bit set
        (0x35, 0, 1, 0x40000000),
        (answer, 0, 0, refuse),
        (equal, 0, 3, number),
        (load, 0, 0, 16),  # first argument
        (equal, 1, 0, _UNIX),
        (answer, 0, 0, refuse),
        (answer, 0, 0, allow),
    ]
    code = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *step) for step in program))
    filters = ctypes.create_string_buffer(struct.pack("HxxxxxxP", len(program), ctypes.addressof(code)))
    _call("prctl", 22, ctypes.c_ulong(2), filters, 0, 0)  # PR_SET_SECCOMP, SECCOMP_MODE_FILTER


def trial(folder: Path) -> None:
    """Close it once, and see that it holds; ends the process in any case."""
    enter(folder, ["/usr", "/lib", "/lib64"])
    (folder / "written").write_text("x")
    try:
        list(Path("/proc/1").iterdir())
    except PermissionError:
        os._exit(0)
    os._exit(errno.EPERM)
