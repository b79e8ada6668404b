"""The server's loop: starts a process for each card, passes on what it says, ends it when it is late or too loud."""

from __future__ import annotations

import json
import os
import selectors
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import deque
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from verideck.isolate import child, process
from verideck.isolate.execute import LARGEST_OUTPUT

TICK = 0.05  # seconds between looks at deadlines and sizes
START_SECONDS = 120.0  # for a cold child to import; a snippet's own time starts with the snippet
LAST_WORDS = 4000  # bytes of what it printed that are told of a card that did not come to its end


@dataclass(slots=True)
class _Child:
    """A card that is being run: shared state of the loop's three concerns (events, deadlines, the end)."""

    id: int
    pid: int
    events: int
    capture: int
    folder: Path
    deadline: float
    snippet: int = -1
    buffer: bytes = b""
    done: bool = False


class Loop:
    """Starts children, passes on what they say, ends those that are late or too loud."""

    def __init__(self, channel: child.Channel, settings: dict[str, Any], isolation: str) -> None:
        self.channel = channel
        self.settings = settings
        self.isolation = isolation
        self.waiting: deque[Path] = deque()
        self.running: dict[int, _Child] = {}
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
                    self._end(running)
            shutil.rmtree(self.settings["scratch"], ignore_errors=True)

    def _serve(self) -> None:
        open_input = True
        while open_input:
            while self.waiting and len(self.running) < self.settings["jobs"]:
                self._start(self.waiting.popleft())
            for key, _ in self.selector.select(TICK if self.running else None):
                if key.data is None:
                    open_input = self._read_requests()
                else:
                    self._read_events(key.data)
            for running in list(self.running.values()):
                self._watch(running)

    def _read_requests(self) -> bool:
        chunk = os.read(0, 1 << 16)
        *lines, self.rest = (self.rest + chunk).split(b"\n")
        self.waiting.extend(Path(os.fsdecode(line)) for line in lines)
        return bool(chunk)

    def _start(self, file: Path) -> None:
        request = json.loads(file.read_bytes())
        folder = Path(tempfile.mkdtemp(dir=self.settings["scratch"]))
        (folder / "work").mkdir()
        (folder / "tmp").mkdir()
        events, sending = os.pipe()
        os.set_blocking(events, False)
        capture = os.open(folder / "output", os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        if self.isolation == "fork":
            pid = self._fork(request, folder / "work", sending, capture)
        else:
            pid = self._spawn(file, folder / "work", sending, capture)
        os.close(sending)
        running = _Child(request["id"], pid, events, capture, folder, time.monotonic() + START_SECONDS)
        self.running[pid] = running
        self.selector.register(events, selectors.EVENT_READ, running)

    def _end_orphans(self) -> None:
        """End what a card has left behind in a session of its own: as our orphans, such processes fall to us."""
        for pid in process.children(os.getpid()):
            if pid not in self.running:
                with suppress(ProcessLookupError, ChildProcessError):
                    os.kill(pid, signal.SIGKILL)
                    os.waitpid(pid, 0)

    def _fork(self, request: dict[str, Any], work: Path, sending: int, capture: int) -> int:
        parent = os.getpid()
        pid = os.fork()
        if pid == 0:
            try:
                child.detach(parent)
                self.selector.close()
                self.channel.close()
                for running in self.running.values():
                    os.close(running.events)
                    os.close(running.capture)
                os.chdir(work)
                os.environ.update(process.places(work))
                tempfile.tempdir = None  # computed anew from the environment
                child.run(request, child.Channel(sending), capture)
            finally:
                os._exit(70)  # 70 is EX_SOFTWARE: `run` does not return
        return pid

    def _spawn(self, file: Path, work: Path, sending: int, capture: int) -> int:
        """A cold child: a new interpreter, which imports for itself."""
        command = [sys.executable, "-m", "verideck.isolate", "--child", str(sending), str(capture), str(os.getpid())]
        command.append(json.dumps(self.settings["preload"]))
        with file.open("rb") as stdin:
            started = subprocess.Popen(  # noqa: S603 - our own interpreter
                command, stdin=stdin, cwd=work, env={**os.environ, **process.places(work)}, pass_fds=(sending, capture)
            )
        started.returncode = 0  # we reap it ourselves, by its number
        return started.pid

    def _read_events(self, running: _Child) -> None:
        """Pass on what the child has said; its `done`, the end of the pipe, or nonsense ends it."""
        try:
            while chunk := os.read(running.events, 1 << 16):
                self._pass_on(running, chunk)
        except BlockingIOError:
            if not running.done:
                return
        except (ValueError, TypeError, KeyError):  # the card has found the pipe, and has written into it
            running.done = False
        self._end(running)

    def _pass_on(self, running: _Child, chunk: bytes) -> None:
        *lines, running.buffer = (running.buffer + chunk).split(b"\n")
        for line in lines:
            event = json.loads(line)
            if event["event"] == "start":
                running.snippet = int(event["snippet"])
                running.deadline = time.monotonic() + float(event["timeout"])
            running.done = running.done or event["event"] == "done"
            self.channel.send({"id": running.id, **event})

    def _watch(self, running: _Child) -> None:
        """End a child that is late, too loud, or dead while something of its own holds the pipe open."""
        if running.pid not in self.running:
            return
        if time.monotonic() > running.deadline:
            self._end(running, "timeout")
        elif os.fstat(running.capture).st_size > LARGEST_OUTPUT:
            self._end(running, "flood")
        elif process.is_gone(running.pid):
            self._read_events(running)  # its last words may still be in the pipe
            if running.pid in self.running:
                self._end(running)

    def _end(self, running: _Child, why: str = "") -> None:
        """End the child's whole group, clear up, and say how it ended unless it was done."""
        self.selector.unregister(running.events)
        os.close(running.events)
        del self.running[running.pid]
        if not why:
            process.await_exit(running.pid)
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(running.pid, signal.SIGKILL)
        with suppress(ProcessLookupError):
            os.kill(running.pid, signal.SIGKILL)  # before it led a group
        _, status = os.waitpid(running.pid, 0)
        self._end_orphans()
        size = os.fstat(running.capture).st_size
        said = os.pread(running.capture, LAST_WORDS, max(0, size - LAST_WORDS))
        os.close(running.capture)
        shutil.rmtree(running.folder, ignore_errors=True)
        if not running.done:
            code = os.waitstatus_to_exitcode(status)
            gone = {"event": "gone", "snippet": running.snippet, "why": why or "crash", "status": code}
            self.channel.send({"id": running.id, **gone, "said": said.decode("utf-8", "replace")})
