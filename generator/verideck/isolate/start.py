"""How a card's process comes to be: forked from this one, or a new Python, perhaps started ahead."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections import deque
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext, suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

from verideck.isolate import card, child, execute, sandbox
from verideck.isolate.channel import Channel
from verideck.isolate.running import Running
from verideck.isolate.sandbox import namespaces

START_SECONDS = 120.0  # for a new Python to import; a snippet's own time starts with the snippet


class Starter:
    """Starts processes for cards as `settings` say: by `fork`, `spawn` (with spares, started ahead) or `cold`."""

    def __init__(self, settings: dict[str, Any], kind: sandbox.Kind, view: Path, readable: list[str]) -> None:
        self.settings = settings
        self.kind = kind
        self.view = view
        self.readable = tuple(readable)
        self.spares: deque[Running] = deque()
        self.number = settings["number"]

    def start(self, file: Path, leave: Callable[[], None]) -> Running:
        """The process that runs the request in `file`; if it is forked, it calls `leave` to give up what is ours."""
        request = json.loads(file.read_bytes())
        if self.settings["isolation"] == "fork":
            running = self._fork(request, leave)
        else:
            running = self.spares.popleft() if self.spares else self._spawn()
            self._tell(running, file)
        running.id, running.memory = request["id"], request["memory"]
        running.snippets = [{**snippet, "steps": execute.count_steps(snippet)} for snippet in request["snippets"]]
        running.begun = time.monotonic()
        running.deadline = running.begun + START_SECONDS
        return running

    def stock_up(self, waiting: int) -> None:
        """Start spares for cards that are still to come, as many as run at a time."""
        wanted = min(waiting, self.settings["jobs"]) if self.settings["isolation"] == "spawn" else 0
        while len(self.spares) < wanted:
            self.spares.append(self._spawn())

    def _births(self) -> AbstractContextManager[int]:
        """A block in which a process is born into the sandbox's PIDs; gives their first, or 0."""
        return namespaces.pids() if self.kind == "namespaces" else nullcontext(0)

    def _place(self) -> sandbox.Place:
        """A number and a folder on the disk for a card that is to come."""
        self.number = self.number & ~0xFF | (self.number + 1) & 0xFF  # no server runs so many at a time
        folder = Path(tempfile.mkdtemp(dir=self.settings["scratch"]))
        for name in ("work", "tmp"):
            (folder / name).mkdir()
        return sandbox.Place(folder, self.view, self.readable, self.number)

    def _fork(self, request: dict[str, Any], leave: Callable[[], None]) -> Running:
        place = self._place()
        events, sending, capture = _channels(place.folder)
        parent = os.getpid()
        with self._births() as init:
            pid = os.fork()
            if pid == 0:
                try:
                    leave()
                    os.close(events)
                    child.detach(parent)
                    with child.telling(channel := Channel(sending)):
                        child.prepare(self.settings["device"], self.kind, place)
                        card.run(request, channel, capture, self.settings["device"])
                finally:
                    os._exit(70)  # 70 is EX_SOFTWARE: `run` does not return
        os.close(sending)
        return Running(pid, init, events, capture, place.folder)

    def _spawn(self) -> Running:
        """A new Python, which imports for itself and then waits for a request."""
        place = self._place()
        events, sending, capture = _channels(place.folder)
        waiting, go = os.pipe()
        request = os.open(place.folder / "request", os.O_RDWR | os.O_CREAT, 0o600)
        told: dict[str, Any] = {name: self.settings[name] for name in ("preload", "device")}
        told |= {"events": sending, "capture": capture, "go": waiting, "parent": os.getpid(), "kind": self.kind}
        told["place"] = {**asdict(place), "folder": str(place.folder), "view": str(place.view)}
        command = [sys.executable, *self.settings["program"], "--child", json.dumps(told)]
        with self._births() as init:
            process = subprocess.Popen(command, stdin=request, pass_fds=(sending, capture, waiting))  # noqa: S603 - our own
        process.returncode = 0  # we reap it ourselves, by its number
        for descriptor in (sending, waiting, request):
            os.close(descriptor)
        return Running(process.pid, init, events, capture, place.folder, go=go)

    def _tell(self, running: Running, file: Path) -> None:
        """Give a waiting process its request: by file, so that nobody waits for the other to read."""
        (running.folder / "request").write_bytes(file.read_bytes())
        with suppress(BrokenPipeError):  # it is dead, and the end of its events will tell
            os.write(running.go, b"\n")
        os.close(running.go)
        running.go = -1


def _channels(folder: Path) -> tuple[int, int, int]:
    """The two ends of a card's events, and the file into which its output goes."""
    events, sending = os.pipe()
    os.set_blocking(events, False)
    return events, sending, os.open(folder / "output", os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
