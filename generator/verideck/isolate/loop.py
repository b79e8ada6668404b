"""The server's loop: starts a process for each card, passes on what it says, ends it where it takes too much."""

from __future__ import annotations

import os
import selectors
import shutil
import signal
import time
from collections import deque
from contextlib import suppress
from pathlib import Path

from verideck.isolate import processes
from verideck.isolate.channel import Channel
from verideck.isolate.execute import LARGEST_OUTPUT
from verideck.isolate.running import Running
from verideck.isolate.start import Starter
from verideck.isolate.watch import Watch

TICK = 0.05  # seconds between looks at deadlines and sizes
LAST_WORDS = 4000  # bytes of what it printed that are told of a card that did not come to its end


class Loop:
    """Starts cards' processes, passes on what they say, ends those that are late or take too much."""

    def __init__(self, channel: Channel, starter: Starter) -> None:
        self.channel = channel
        self.starter = starter
        self.watch = Watch()
        self.waiting: deque[Path] = deque()
        self.running: dict[int, Running] = {}
        self.selector = selectors.DefaultSelector()
        self.selector.register(0, selectors.EVENT_READ, None)
        self.rest = b""

    def run(self) -> None:
        """Go on until standard input ends, which is also how the death of whoever started us shows."""
        try:
            self._serve()
        except BrokenPipeError:
            pass  # nobody is there any more to hear what became of the cards
        finally:
            for running in list(self.running.values()):
                with suppress(BrokenPipeError):
                    self._end(running, "over")
            while self.starter.spares:
                self._clear_up(self.starter.spares.popleft())

    def _serve(self) -> None:
        open_input = True
        while open_input:
            while self.waiting and len(self.running) < self.starter.settings["jobs"]:
                self._start(self.waiting.popleft())
            self.starter.stock_up(len(self.waiting))
            for key, _ in self.selector.select(TICK if self.running else None):
                if key.data is None:
                    open_input = self._read_requests()
                else:
                    self._read_events(key.data)
            for running in list(self.running.values()):
                self._look_at(running)

    def _read_requests(self) -> bool:
        chunk = os.read(0, 1 << 16)
        *lines, self.rest = (self.rest + chunk).split(b"\n")
        self.waiting.extend(Path(os.fsdecode(line)) for line in lines)
        return bool(chunk)

    def _start(self, file: Path) -> None:
        running = self.starter.start(file, self._leave)
        self.running[running.pid] = running
        self.selector.register(running.events, selectors.EVENT_READ, running)

    def _leave(self) -> None:
        """In a forked child: give up the server's descriptors, and those of the other cards."""
        self.selector.close()
        self.channel.close()
        for other in self.running.values():
            os.close(other.events)
            os.close(other.capture)

    def _read_events(self, running: Running) -> bool:
        """Pass on a piece of what the child has said, if there is any: so that none can keep us from the others.

        Its `done`, the end of the pipe, or nonsense ends it.
        """
        try:
            chunk = os.read(running.events, 1 << 16)
            for event in running.hear(chunk):
                if event["event"] == "start":
                    running.started = time.monotonic()
                    running.deadline = running.started + float(running.snippets[running.snippet]["timeout"])
                if event["event"] != "broken":
                    self.channel.send({**event, "id": running.id})
        except BlockingIOError:
            return False
        except ValueError:
            running.done = False
            chunk = b""
        if not chunk or running.done or running.broken:
            self._end(running)
            return False
        return True

    def _look_at(self, running: Running) -> None:
        """End a child that is late or takes too much, or is dead while something of its own holds the pipe open."""
        late, gone = time.monotonic() > running.deadline, processes.is_gone(running.pid)
        if late or gone:
            while running.pid in self.running and self._read_events(running):
                pass  # its last words may still be in the pipe, since we may have waited to be heard ourselves
        if running.pid not in self.running:
            return
        if late and time.monotonic() > running.deadline:
            self._end(running, "timeout" if running.snippet >= 0 else "start")
        elif gone:  # asked before we listened: one that has gone since then may have said more
            self._end(running)
        elif os.fstat(running.capture).st_size > LARGEST_OUTPUT:
            self._end(running, "flood")
        elif excess := self.watch.excess(running):
            self._end(running, excess)

    def _end(self, running: Running, why: str = "") -> None:
        """End the child and all that it has started, and say how it ended unless it was done."""
        self.selector.unregister(running.events)
        del self.running[running.pid]
        if not why:
            processes.await_exit(running.pid)
        size = os.fstat(running.capture).st_size
        said = os.pread(running.capture, LAST_WORDS, max(0, size - LAST_WORDS))
        code = self._clear_up(running)
        if not running.done:
            why = "broken" if running.broken else why or "crash"
            words = running.broken or said.decode("utf-8", "replace")
            seconds = time.monotonic() - running.started if running.started else 0.0
            gone = {
                "snippet": running.snippet,
                "seconds": seconds,
                "why": why,
                "status": code,
                "said": words[-LAST_WORDS:],
            }
            self.channel.send({"event": "gone", **gone, "id": running.id})

    def _clear_up(self, running: Running) -> int:
        """End a process and all that is its own; the exit code that it came to."""
        for descriptor in (running.events, running.capture, running.go):
            with suppress(OSError):
                os.close(descriptor)
        if running.init:
            os.kill(running.init, signal.SIGKILL)
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(running.pid, signal.SIGKILL)
        with suppress(ProcessLookupError):
            os.kill(running.pid, signal.SIGKILL)  # before it led a group
        _, status = os.waitpid(running.pid, 0)
        if running.init:
            os.waitpid(running.init, 0)  # it is gone only when all of its namespace are
        else:
            alive = [*self.running.values(), *self.starter.spares]
            processes.end_strangers({other.pid for other in alive})
        shutil.rmtree(running.folder, ignore_errors=True)
        return os.waitstatus_to_exitcode(status)
