"""How much memory processes take: proportional and private, as Linux counts it (proc(5), *smaps_rollup*)."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

PAUSE = 0.01  # seconds between looks


@dataclass(slots=True)
class Watched:
    """A process that was seen: its parent, and the most that it took (MiB): `pss` with its share of what is shared."""

    parent: int
    pss: float = 0.0
    private: float = 0.0


@dataclass(slots=True)
class Watch:
    """What a watch has seen so far: a root process and all below it, by process id."""

    root: int
    seen: dict[int, Watched] = field(default_factory=dict)

    def below(self, parent: int) -> list[int]:
        """The processes that had this parent."""
        return [pid for pid, watched in self.seen.items() if watched.parent == parent]


@contextmanager
def watching(root: int) -> Iterator[Watch]:
    """Look at a process and its descendants again and again until the block ends."""
    watch = Watch(root)
    over = threading.Event()

    def look() -> None:
        while not over.wait(PAUSE):
            _look(watch)

    thread = threading.Thread(target=look, daemon=True)
    thread.start()
    try:
        yield watch
    finally:
        over.set()
        thread.join()


def _look(watch: Watch) -> None:
    parents = dict(_parents())
    wanted = {watch.root}
    while more := {pid for pid, parent in parents.items() if parent in wanted} - wanted:
        wanted |= more
    for pid in wanted & set(parents):
        with suppress(OSError):  # it is gone
            now = _sizes(pid)
            if not now.get("Pss"):
                continue  # it is ending, and has nothing left
            watched = watch.seen.setdefault(pid, Watched(parents[pid]))
            watched.pss = max(watched.pss, now.get("Pss", 0.0))
            watched.private = max(watched.private, now.get("Private_Clean", 0.0) + now.get("Private_Dirty", 0.0))


def _parents() -> Iterator[tuple[int, int]]:
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            yield int(stat.parent.name), int(stat.read_text().rpartition(")")[2].split()[1])


def _sizes(pid: int) -> dict[str, float]:
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:]
    return {name: int(rest.split()[0]) / 1024 for name, _, rest in (line.partition(":") for line in lines)}
