"""Our end of the fork server: start it, send cards, receive what became of them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Timer
from typing import Any

from verideck import isolate
from verideck.verify.execution import CannotServeError, Execution, Hello, NoGpuError, Request, UnprotectedError

_PASSED = (
    "PATH",
    "LANG",
    "LC_ALL",
    "LC_CTYPE",
    "LD_LIBRARY_PATH",
    "VIRTUAL_ENV",
    "PYTHONPATH",
    "SYSTEMROOT",
    "TMPDIR",
    "TZ",
    "CUDA_VISIBLE_DEVICES",
)
_OURS = ("PYTHONPATH", "VIRTUAL_ENV")  # they speak of our own Python, and are not passed to another
_PROGRAM = str(Path(isolate.__file__).parent / "__main__.py")
_SET = {
    "OPENBLAS_NUM_THREADS": "1",  # its threads, started on import, would not survive a fork
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "ABSL_MIN_LOG_LEVEL": "3",
    "PYTHONHASHSEED": "0",
    "PYTHONWARNINGS": "ignore",
    "PYTHONUTF8": "1",
    "COLUMNS": "80",
}


GREETING = 300.0
"""Seconds for a server to import: bytecode may have to be compiled first."""


@dataclass(slots=True)
class Server:
    """A running server; `sent` are the ids of the cards that it was given.

    A request goes by a file in `scratch`, and only its name down the pipe: so neither side ever waits for the other
    to read a long one.
    """

    hello: Hello
    process: subprocess.Popen[bytes]
    jobs: int
    scratch: Path
    sent: list[int] = field(default_factory=list)

    def run(self, requests: Sequence[Request]) -> Iterator[dict[str, Any]]:
        """Send the requests, a few ahead, and yield events as they come; ends early if the server dies."""
        waiting = iter(requests)
        under_way = sum(self.send(request) for request in _take(waiting, self.jobs * 2))
        events = self.events()
        while under_way and (event := next(events, None)):
            yield event
            if event["event"] in ("done", "gone"):
                under_way += sum(self.send(request) for request in _take(waiting, 1)) - 1

    def events(self) -> Iterator[dict[str, Any]]:
        """What the server says of its cards, until it ends."""
        assert self.process.stdout
        while line := self.process.stdout.readline():
            try:
                event = json.loads(line)
            except ValueError:  # without a sandbox, a card can write here; then the server is not to be believed
                self.process.kill()
                return
            yield event

    def send(self, request: Request) -> int:
        """Send a request; how many were sent, which is none where the server has ended."""
        assert self.process.stdin
        try:
            file = self.scratch / f"{request['id']}.json"
            file.write_text(json.dumps(request), encoding="utf-8")
            self.process.stdin.write(os.fsencode(file) + b"\n")
            self.process.stdin.flush()
        except OSError:  # it died, or its scratch is full, or gone: whoever listens to `events` sees their end
            self.process.kill()
            return 0
        self.sent.append(request["id"])
        return 1


@contextmanager
def serving(preload: Sequence[str], execution: Execution) -> Iterator[Server]:
    """A server with `preload` imported, that ends with its children when the block does.

    Raises `CannotServeError`, `UnprotectedError`, `NoGpuError`. Server and caller both remove the folder of the cards'
    scratch, so that it is gone whichever of them is killed.
    """
    with TemporaryDirectory(prefix="verideck-", ignore_cleanup_errors=True) as scratch:
        jobs = execution.processes()
        settings = {
            "preload": list(preload),
            "jobs": jobs,
            "isolation": execution.isolation,
            "sandbox": execution.sandbox,
            "device": execution.device,
            "program": [_PROGRAM],
            "home": os.path.realpath(Path("~").expanduser()),
            "scratch": scratch,
        }
        with _started(settings, execution.interpreter) as process:
            yield Server(_greeting(process, execution), process, jobs, Path(scratch))


@contextmanager
def _started(settings: Mapping[str, Any], interpreter: str) -> Iterator[subprocess.Popen[bytes]]:
    command = [interpreter or sys.executable, _PROGRAM, json.dumps(settings)]
    foreign = interpreter not in ("", sys.executable)
    passed = [name for name in _PASSED if not (foreign and name in _OURS)]
    environment = {name: os.environ[name] for name in passed if name in os.environ} | _SET
    environment["KERAS_HOME"] = f"{settings['scratch']}/keras"  # a person's keras.json shall not decide verdicts
    if "PYTHONPATH" in environment:  # cards run elsewhere, where a relative one would lead nowhere
        folders = environment["PYTHONPATH"].split(os.pathsep)
        environment["PYTHONPATH"] = os.pathsep.join(str(Path(folder).resolve()) for folder in folders)
    pipe = subprocess.PIPE
    process = subprocess.Popen(  # noqa: S603 - our own program; a group of its own, so that a card that ends its group spares us
        command, stdin=pipe, stdout=pipe, stderr=pipe, env=environment, start_new_session=True
    )
    try:
        yield process
    finally:
        if not _ended(process):
            process.kill()
            process.wait()
        for stream in (process.stdin, process.stdout, process.stderr):
            if stream:
                stream.close()


def _greeting(process: subprocess.Popen[bytes], execution: Execution) -> Hello:
    assert process.stdout
    late = Timer(GREETING, process.kill)
    late.start()
    line = process.stdout.readline()
    late.cancel()
    if not line:
        said = process.communicate()[1].decode(errors="replace").strip()
        ended = f"the Python process ended without a word, or was not ready within {GREETING:g} s"
        raise CannotServeError(said.splitlines()[-1] if said else ended)
    told = json.loads(line)
    if "refused" in told:
        raise UnprotectedError(told["refused"])
    if "error" in told:
        raise CannotServeError(told["error"])
    hello = Hello(**{field: told[field] for field in Hello.__slots__})
    if execution.device == "gpu" and not hello.gpus:
        raise NoGpuError
    return hello


def _ended(process: subprocess.Popen[bytes]) -> bool:
    """Close the server's input, upon which it ends its children and itself; whether it did so in time."""
    assert process.stdin
    try:
        process.stdin.close()
        process.wait(timeout=5)
    except (BrokenPipeError, subprocess.TimeoutExpired):
        return False
    return True


def _take(items: Iterator[Request], count: int) -> Iterable[Request]:
    return (item for _, item in zip(range(count), items, strict=False))
