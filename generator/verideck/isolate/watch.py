"""What a card takes of the machine, beyond what the kernel's own limits can bound: all its processes together."""

from __future__ import annotations

import os
import time

from verideck.isolate import processes
from verideck.isolate.running import Running
from verideck.isolate.sandbox.namespaces import DISK

MOST_PROCESSES = 256
"""Processes that a card may have at a time."""

_INTERVAL = 0.2  # seconds between looks, which cost some milliseconds on a machine with many processes


class Watch:
    """Looks at running cards, each from time to time. What a child shares with this process is not its own."""

    def __init__(self) -> None:
        self._inherited = processes.memory(os.getpid())
        self._seen: dict[int, float] = {}

    def excess(self, running: Running) -> str:
        """Of what the card has taken more than it may: `memory`, `processes` or `disk`; empty, if of nothing."""
        now = time.monotonic()
        if now - max(self._seen.get(running.pid, 0.0), running.begun) < _INTERVAL:
            return ""
        self._seen = {pid: seen for pid, seen in self._seen.items() if now - seen < 1} | {running.pid: now}
        own = processes.descendants(running.pid, *([running.init] if running.init else [])) | {running.pid}
        if len(own) > MOST_PROCESSES:
            return "processes"
        if self._takes_too_much(own, running.memory):
            return "memory"
        # In a namespace, the size of the card's file system is the limit.
        if not running.init and processes.allocated(running.folder) > DISK << 20:
            return "disk"
        return ""

    def _takes_too_much(self, own: set[int], limit: int) -> bool:
        """Whether these processes hold more than `limit` bytes; what they share is divided where that decides."""
        files = sum(processes.in_memory_files(pid) for pid in own)
        apart = files + sum(max(0, processes.memory(pid) - self._inherited) for pid in own)
        if apart <= limit or len(own) == 1:
            return apart > limit
        return files + sum(map(processes.share_of_memory, own)) > limit
