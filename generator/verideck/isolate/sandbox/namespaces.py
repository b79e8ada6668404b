"""A sandbox of namespaces: a card sees no network, no process but its own, and no file but those of a small view.

The server moves into namespaces of its own before it imports (`separate`), and lays out the view, a folder that will
be the card's root (`lay_out`). Each card gets PIDs of its own (`pids`), and closes the rest behind itself (`enter`).

With root's rights the card becomes a user that nobody else is; otherwise a user namespace gives the rights that
all this needs, and takes them away again (user_namespaces(7)).
"""

from __future__ import annotations

import os
import resource
import signal
import subprocess
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from verideck.isolate import linux
from verideck.isolate.sandbox import calls, reading

DISK = 512  # MiB that a card may write
STRANGER = 0x40000000
"""From here on we give user ids to cards: no system has users there, and so nobody else is limited with them."""
_MOST_TASKS = 1024  # processes and threads of a card; TensorFlow alone starts some for each processor
_DEVICES = ("null", "zero", "full", "random", "urandom")
_PRIVATE = ("card", "tmp", "shm")
_COVERED = ("/card/", "/tmp/", "/dev/shm/")  # noqa: S108 - what is the card's own there covers what is the system's
_SLEEP = ["sleep", "2147483647"]


def separate() -> None:
    """Go on in a process that is the first of its PID namespace, with mounts of its own.

    The process that called waits and exits as that one does. When either dies, so does all that it has started.
    """
    root, uid, gid = os.geteuid() == 0, os.geteuid(), os.getegid()
    linux.unshare(linux.NEW_MOUNTS | linux.NEW_PIDS | (0 if root else linux.NEW_USER))
    if not root:
        _map(uid, gid, 0, 0)  # as user 0 of the namespace, rights outlast the start of another program
    inner = os.fork()
    if inner:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        _, status = os.waitpid(inner, 0)
        os._exit(os.waitstatus_to_exitcode(status) & 0xFF)
    linux.die_with_parent(signal.SIGKILL)
    linux.mount("none", "/", flags=linux.RECURSIVE | linux.PRIVATE)
    linux.mount("proc", "/proc", "proc", linux.NO_SETUID | linux.NO_DEVICES)


def lay_out(view: Path, readable: Iterable[str], *, gpu: bool) -> None:
    """Make the folder `view` a root for cards: what is `readable`, read-only, and empty places for the rest."""
    linux.mount("tmpfs", str(view), "tmpfs", linux.NO_SETUID | linux.NO_DEVICES, "mode=755,size=16m")
    for path in readable:
        _show(path, view)
    for name in ("proc", "private", "tmp", "card", "dev/shm"):
        (view / name).mkdir(parents=True, exist_ok=True)
    for path in (*(f"/dev/{name}" for name in _DEVICES), *(map(str, Path("/dev").glob("nvidia*")) if gpu else ())):
        _show(path, view, writable=True)
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        (view / "dev" / name).symlink_to(f"/proc/self/fd/{number}")
    (view / "dev/fd").symlink_to("/proc/self/fd")
    (view / "etc").mkdir(exist_ok=True)
    (view / "etc/hosts").write_text("127.0.0.1 localhost\n::1 localhost\n")  # and none that a person knows
    linux.mount(
        "none", str(view), flags=linux.REMOUNT | linux.BIND | linux.READ_ONLY | linux.NO_SETUID | linux.NO_DEVICES
    )


def _show(path: str, view: Path, *, writable: bool = False) -> None:
    """Let a file or folder be seen in the view, at its own place; a link is made again as it is."""
    target = view / path.lstrip("/")
    target.parent.mkdir(parents=True, exist_ok=True)
    if target.exists() or target.is_symlink():
        return
    if Path(path).is_symlink():
        target.symlink_to(Path(path).readlink())
        return
    if Path(path).is_dir():
        target.mkdir()
    else:
        target.touch()
    if writable:
        linux.mount(path, str(target), flags=linux.BIND)
    else:
        linux.show_read_only(path, str(target))


@contextmanager
def pids() -> Iterator[int]:
    """In the block, a child is born into a new PID namespace; gives that namespace's first process, which sleeps.

    To kill it is to kill all of the namespace (pid_namespaces(7)). That the card is not the first itself leaves
    signals their meaning, which for a first process they lose.
    """
    linux.unshare(linux.NEW_PIDS)
    try:
        quiet = subprocess.DEVNULL
        init = subprocess.Popen(_SLEEP, stdin=quiet, stdout=quiet, stderr=quiet, cwd="/", env={"PATH": os.defpath})  # noqa: S603
        init.returncode = 0  # we reap it ourselves, by its number
        yield init.pid
    finally:
        linux.rejoin_pids()


def enter(view: Path, number: int, readable: Iterable[str]) -> None:
    """Close the sandbox around this process, which `number` tells from the others of its time. There is no way back.

    What of `readable` lies where the card has a place of its own is shown in that.
    """
    user = STRANGER + number if _is_root() else 0
    linux.unshare(linux.NEW_MOUNTS | linux.NEW_NETWORK | linux.NEW_IPC)
    private = view / "private"
    options = f"mode=755,size={DISK}m,nr_inodes=100k,uid={user},gid={user}"
    linux.mount("tmpfs", str(private), "tmpfs", linux.NO_SETUID | linux.NO_DEVICES, options)
    for name in _PRIVATE:
        (private / name).mkdir()
        os.chown(private / name, user, user)
        target = view / ("dev/shm" if name == "shm" else name)
        linux.mount(str(private / name), str(target), flags=linux.BIND)
    for path in readable:
        if path.startswith(_COVERED):
            _show(path, view)
    linux.mount("proc", str(view / "proc"), "proc", linux.NO_SETUID | linux.NO_DEVICES | 8)
    linux.raise_loopback()
    linux.pivot_root(str(view))
    os.chdir("/card")
    _give_up(user)


def _is_root() -> bool:
    """Whether user 0 is really root, or only called so in a user namespace of ours."""
    return os.geteuid() == 0 and Path("/proc/self/uid_map").read_text().split()[-1] != "1"


def _give_up(user: int) -> None:
    """Become a user without rights; what is counted by user is then counted for this card alone."""
    if user:
        os.setgroups([])
        os.setresgid(user, user, user)
        os.setresuid(user, user, user)
        linux.stay_readable()
    else:
        linux.unshare(linux.NEW_USER)
        _map(0, 0, 1000, 1000)
    linux.drop_capabilities()
    linux.gain_no_privileges()
    calls.restrict(())
    resource.setrlimit(resource.RLIMIT_NPROC, (_MOST_TASKS,) * 2)


def _map(uid: int, gid: int, inner_uid: int, inner_gid: int) -> None:
    """Say who we are in the new user namespace (user_namespaces(7))."""
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{inner_uid} {uid} 1")
    Path("/proc/self/gid_map").write_text(f"{inner_gid} {gid} 1")


def trial(view: Path) -> None:
    """Go through all of it once, as a server and a card do, and see that it holds; ends the process in any case."""
    separate()
    lay_out(view, reading.outermost(["/usr", "/lib", "/lib64", "/bin"]), gpu=False)
    with pids() as init:
        card = os.fork()
        if card == 0:
            enter(view, 0, [])
            Path("/card/written").write_text("x")
            os._exit(1 if Path(str(view)).exists() else 0)  # the old root must be gone
    _, status = os.waitpid(card, 0)
    os.kill(init, signal.SIGKILL)
    os._exit(os.waitstatus_to_exitcode(status) & 0xFF)
