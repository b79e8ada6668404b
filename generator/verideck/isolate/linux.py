"""What Linux offers and Python 3.10 has no function for; each call raises `OSError`, elsewhere than on Linux too.

The numbers are those of the kernel's own headers (`linux/sched.h`, `linux/mount.h`, `linux/prctl.h`,
`linux/capability.h`), the same on every processor.
"""

from __future__ import annotations

import ctypes
import errno
import fcntl
import os
import socket
import struct
import sys

NEW_MOUNTS, NEW_IPC, NEW_USER, NEW_PIDS, NEW_NETWORK = 0x20000, 0x8000000, 0x10000000, 0x20000000, 0x40000000
READ_ONLY, NO_SETUID, NO_DEVICES, REMOUNT, BIND, RECURSIVE, PRIVATE = 1, 2, 4, 32, 4096, 16384, 1 << 18
_DETACH = 2  # of umount2
_PDEATHSIG, _DUMPABLE, _SECCOMP, _SUBREAPER, _NO_NEW_PRIVILEGES = 1, 4, 22, 36, 38
_CAPABILITY_VERSION = 0x20080522


def _call(name: str, *arguments: object) -> int:
    """Call a function of the C library by name; a negative result raises."""
    if not sys.platform.startswith("linux"):
        raise OSError(errno.ENOSYS, f"{name}: only Linux has it")
    result = int(getattr(ctypes.CDLL(None, use_errno=True), name)(*arguments))
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{name}: {os.strerror(number)}")
    return result


def unshare(namespaces: int) -> None:
    """Leave the shared namespaces of these kinds for new ones (unshare(2)); for PIDs, children are meant."""
    _call("unshare", namespaces)


def rejoin_pids() -> None:
    """Let children be born in this process's own PID namespace again (setns(2))."""
    own = os.open("/proc/self/ns/pid", os.O_RDONLY | os.O_CLOEXEC)
    try:
        _call("setns", own, NEW_PIDS)
    finally:
        os.close(own)


def mount(source: str, target: str, kind: str = "", flags: int = 0, options: str = "") -> None:
    """Mount (mount(2))."""
    try:
        _call("mount", source.encode(), target.encode(), kind.encode(), ctypes.c_ulong(flags), options.encode() or None)
    except OSError as error:
        raise OSError(error.errno, f"{error.strerror} ({source} on {target})") from error


def unmount(target: str) -> None:
    """Take a mount and what lies under it out of sight; it ends when nobody uses it (umount2(2))."""
    _call("umount2", target.encode(), _DETACH)


def pivot_root(root: str) -> None:
    """Make `root`, a mount, the root folder, and take the old one out of sight (pivot_root(2), *Notes*)."""
    os.chdir(root)
    _call("pivot_root", b".", b".")
    unmount(".")
    os.chdir("/")


def raise_loopback() -> None:
    """Switch on the loopback interface of this network namespace, for its own processes (netdevice(7))."""
    up = struct.pack("16sH14x", b"lo", 1)  # IFF_UP
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        fcntl.ioctl(any_socket, 0x8914, up)  # SIOCSIFFLAGS


def die_with_parent(signal: int) -> None:
    """Get `signal` when the parent dies."""
    _call("prctl", _PDEATHSIG, ctypes.c_ulong(signal), 0, 0, 0)


def adopt_orphans() -> None:
    """Become the parent of descendants whose parent has died."""
    _call("prctl", _SUBREAPER, ctypes.c_ulong(1), 0, 0, 0)


def stay_readable() -> None:
    """Keep `/proc/self` one's own after a change of user."""
    _call("prctl", _DUMPABLE, ctypes.c_ulong(1), 0, 0, 0)


def gain_no_privileges() -> None:
    """Never get more rights, not by a setuid program either; sandboxes without privileges require it."""
    _call("prctl", _NO_NEW_PRIVILEGES, ctypes.c_ulong(1), 0, 0, 0)


def filter_calls(program: ctypes.Array[ctypes.c_char]) -> None:
    """Put a seccomp filter, a `struct sock_fprog`, in force (seccomp(2))."""
    _call("prctl", _SECCOMP, ctypes.c_ulong(2), program, 0, 0)


def system_call(number: int, *arguments: object) -> int:
    """Make a system call that the C library has no function for (syscall(2))."""
    return _call("syscall", number, *arguments)


def show_read_only(source: str, target: str) -> None:
    """Let a file or folder be seen at another place, with what is mounted below it, and read-only throughout.

    Needs Linux 5.12 (mount_setattr(2)).
    """
    mount(source, target, flags=BIND | RECURSIVE)
    attributes = struct.pack("QQQQ", 1, 0, 0, 0)  # MOUNT_ATTR_RDONLY
    _call("syscall", 442, -100, target.encode(), 0x8000, attributes, ctypes.c_size_t(len(attributes)))


def drop_capabilities() -> None:
    """Give up every capability (capset(2))."""
    header = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION, 0)
    _call("capset", header, (ctypes.c_uint32 * 6)())
