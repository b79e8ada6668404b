"""System calls that fail or do nothing for a card, by a seccomp filter (docs.kernel.org, *Seccomp BPF*).

A filter sees a call's number and its arguments, but nothing behind a pointer: what hangs on a path is for namespaces
and Landlock.
"""

from __future__ import annotations

import ctypes
import errno
import platform
import struct
from collections.abc import Iterable, Iterator

from verideck.isolate import linux

# Numbers by processor: that of the architecture (linux/audit.h), then of the calls (asm/unistd.h).
_NUMBERS = {
    "x86_64": {
        "": 0xC000003E, "socket": 41, "shmget": 29, "semget": 64, "msgget": 68, "mq_open": 240, "truncate": 76,
        "prlimit64": 302, "mount": 165, "unshare": 272, "setns": 308, "clone": 56,
        "chmod": 90, "fchmod": 91, "chown": 92, "fchown": 93, "lchown": 94, "utime": 132, "setxattr": 188,
        "lsetxattr": 189, "fsetxattr": 190, "removexattr": 197, "lremovexattr": 198, "fremovexattr": 199,
        "utimes": 235, "fchownat": 260, "futimesat": 261, "fchmodat": 268, "utimensat": 280,
    },
    "aarch64": {
        "": 0xC00000B7, "socket": 198, "shmget": 194, "semget": 190, "msgget": 186, "mq_open": 180, "truncate": 45,
        "prlimit64": 261, "mount": 40, "unshare": 97, "setns": 268, "clone": 220,
        "fchmod": 52, "fchmodat": 53, "fchownat": 54, "fchown": 55, "utimensat": 88, "setxattr": 5, "lsetxattr": 6,
        "fsetxattr": 7, "removexattr": 14, "lremovexattr": 15, "fremovexattr": 16,
    },
}  # fmt: skip
_ALIKE = {"io_uring_setup": 425, "clone3": 435, "fchmodat2": 452, "setxattrat": 463, "removexattrat": 466}
"""Newer calls have one number on every processor."""

CHANGES_OF_FILES = (
    "chmod", "fchmod", "fchmodat", "fchmodat2", "chown", "fchown", "lchown", "fchownat", "utime", "utimes", "futimesat",
    "utimensat", "setxattr", "lsetxattr", "fsetxattr", "setxattrat", "removexattr", "lremovexattr", "fremovexattr",
    "removexattrat",
)  # fmt: skip
"""Calls that change a file's mode, owner, times or attributes, which Landlock does not know."""

_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _ANSWER = 0x20, 0x15, 0x35, 0x45, 0x06  # linux/bpf_common.h
_ALLOW, _KILL, _ERROR = 0x7FFF0000, 0x80000000, 0x00050000  # linux/seccomp.h
_X32 = 0x40000000  # a bit of the number by which x86-64 tells another interface, with numbers of its own
_NAMESPACES = 0x7E020000  # the flags of clone(2) that ask for a namespace
_Step = tuple[int, int, int, int]


def restrict(refused: Iterable[str], void: Iterable[str] = ()) -> None:
    """Let the calls `refused` fail, those in `void` succeed without effect, and others of little use fail besides.

    Those are: new namespaces and mounts in them, io_uring (which makes calls that no filter sees), and limits of other
    processes. Raises `OSError` on a processor of which the numbers are not known. There is no way back.
    """
    machine = platform.machine()
    if machine not in _NUMBERS:
        raise OSError(errno.ENOSYS, f"the numbers of system calls are not known for {machine}")
    numbers = {**_NUMBERS[machine], **_ALIKE}
    steps = [*_prologue(numbers[""])]
    for name in ("mount", "unshare", "setns", "io_uring_setup", *refused):
        steps += _on(numbers[name], [(_ANSWER, 0, 0, _ERROR | errno.EACCES)])
    for name in void:
        if name in numbers:
            steps += _on(numbers[name], [(_ANSWER, 0, 0, _ERROR)])
    steps += _on(numbers["clone3"], [(_ANSWER, 0, 0, _ERROR | errno.ENOSYS)])  # its flags lie behind a pointer
    steps += _on(numbers["clone"], [*_unless_zero(_NAMESPACES), (_ANSWER, 0, 0, _ALLOW)])
    steps += _on(numbers["prlimit64"], [*_unless_zero(0xFFFFFFFF), (_ANSWER, 0, 0, _ALLOW)])
    _install([*steps, (_ANSWER, 0, 0, _ALLOW)])


def _prologue(architecture: int) -> Iterator[_Step]:
    """End a process that calls as another architecture; refuse the x32 interface; then load the call's number."""
    yield (_LOAD, 0, 0, 4)
    yield (_EQUAL, 1, 0, architecture)
    yield (_ANSWER, 0, 0, _KILL)
    yield (_LOAD, 0, 0, 0)
    yield (_AT_LEAST, 0, 1, _X32)
    yield (_ANSWER, 0, 0, _ERROR | errno.EACCES)


def _on(number: int, steps: list[_Step]) -> list[_Step]:
    """Do these steps, the last of which answers, for one call alone."""
    return [(_EQUAL, 0, len(steps), number), *steps]


def _unless_zero(mask: int) -> list[_Step]:
    """Refuse, unless these bits of the call's first argument are all zero."""
    return [(_LOAD, 0, 0, 16), (_ANY_BIT, 0, 1, mask), (_ANSWER, 0, 0, _ERROR | errno.EACCES)]


def _install(steps: list[_Step]) -> None:
    code = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *step) for step in steps))
    program = ctypes.create_string_buffer(struct.pack("HxxxxxxP", len(steps), ctypes.addressof(code)))
    linux.filter_calls(program)
