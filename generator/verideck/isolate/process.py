"""What the server asks the system about processes."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path


def children(parent: int) -> Iterator[int]:
    """The processes whose parent this is, as Linux tells (proc(5), *stat*: name in brackets, state, parent)."""
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            if int(stat.read_text().rpartition(")")[2].split()[1]) == parent:
                yield int(stat.parent.name)


def places(work: Path) -> dict[str, str]:
    """A home and a temporary folder of the card's own."""
    return {"HOME": str(work), "TMPDIR": str(work.parent / "tmp")}


def is_gone(pid: int) -> bool:
    """Whether the process has exited; it stays to be reaped."""
    return os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None


def await_exit(pid: int) -> None:
    """Give a process that has closed its pipe a moment to exit by itself, so that its own status is seen."""
    deadline = time.monotonic() + 1.0
    while not is_gone(pid) and time.monotonic() < deadline:
        time.sleep(0.002)
