"""What the server asks the system about processes, as Linux tells it (proc(5)); elsewhere there is nothing to ask."""

from __future__ import annotations

import os
import signal
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path


def descendants(*roots: int) -> set[int]:
    """The processes below these, without these themselves."""
    children = defaultdict(list)
    for pid, parent in _parents():
        children[parent].append(pid)
    found: set[int] = set()
    waiting = list(roots)
    while waiting:
        new = [pid for pid in children[waiting.pop()] if pid not in found]
        found.update(new)
        waiting += new
    return found


def children(parent: int) -> Iterator[int]:
    """The processes whose parent this is."""
    return (pid for pid, its in _parents() if its == parent)


def _parents() -> Iterator[tuple[int, int]]:
    """Each process that has not ended, and its parent (*stat*: number, name in brackets, state, parent)."""
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            state, parent = stat.read_text(errors="replace").rpartition(")")[2].split()[:2]
            if state != "Z":  # one that has ended is only waited for
                yield int(stat.parent.name), int(parent)


def memory(pid: int) -> int:
    """Bytes that the process holds for itself or shares without a file behind them; 0 where it is gone."""
    return _sum(Path(f"/proc/{pid}/status"), ("RssAnon:", "RssShmem:"))


def share_of_memory(pid: int) -> int:
    """The same, but what several processes share is divided among them. It takes milliseconds."""
    return _sum(Path(f"/proc/{pid}/smaps_rollup"), ("Pss_Anon:", "Pss_Shmem:"))


def in_memory_files(pid: int) -> int:
    """Bytes of the files without a name that the process has open (memfd_create(2)), mapped or not."""
    total = 0
    with suppress(OSError):
        for descriptor in Path(f"/proc/{pid}/fd").iterdir():
            with suppress(OSError):
                if str(descriptor.readlink()).startswith("/memfd:"):
                    total += descriptor.stat().st_blocks * 512
    return total


def _sum(table: Path, names: tuple[str, ...]) -> int:
    """The sum, in bytes, of lines such as `RssAnon:  1024 kB`; 0 where there is no such table."""
    with suppress(OSError):
        lines = table.read_text(errors="replace").splitlines()
        return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith(names))
    return 0


def allocated(folder: Path) -> int:
    """Bytes on the disk below a folder."""
    total = 0
    for place, _, files in os.walk(folder):
        for name in files:
            with suppress(OSError):
                total += os.lstat(os.path.join(place, name)).st_blocks * 512  # noqa: PTH118 - walked often
    return total


def end_strangers(known: set[int]) -> None:
    """End our children but the known, and all below them: what a card has left behind, and what that starts."""
    deadline = time.monotonic() + 5.0
    while (strangers := set(children(os.getpid())) - known) and time.monotonic() < deadline:
        stopped: set[int] = set()
        while new := (strangers | descendants(*strangers)) - stopped:
            stopped |= new
            _signal_all(new, signal.SIGSTOP)  # first, so that none starts others while we end them
            if time.monotonic() > deadline:
                break
        _signal_all(stopped, signal.SIGKILL)
        for pid in strangers:
            with suppress(ChildProcessError):
                os.waitpid(pid, 0)


def _signal_all(pids: set[int], number: int) -> None:
    for pid in pids:
        with suppress(ProcessLookupError, PermissionError):
            os.kill(pid, number)


def is_gone(pid: int) -> bool:
    """Whether the process is known to have exited; it stays to be reaped."""
    if not hasattr(os, "waitid"):  # as on macOS: the end of its pipe tells, unless something else holds that
        return False
    return os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None


def await_exit(pid: int) -> None:
    """Give a process that has closed its pipe a moment to exit by itself, so that its own status is seen."""
    deadline = time.monotonic() + (1.0 if hasattr(os, "waitid") else 0.0)
    while not is_gone(pid) and time.monotonic() < deadline:
        time.sleep(0.002)
