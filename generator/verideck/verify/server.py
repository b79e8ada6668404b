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
from typing import Any, Literal

from verideck.verify.plan import Job
from verideck.verify.session import without_prompts

Isolation = Literal["fork", "cold"]

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
)
_SET = {
    "OPENBLAS_NUM_THREADS": "1",  # its threads, started on import, would not survive a fork
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "ABSL_MIN_LOG_LEVEL": "3",
    "CUDA_VISIBLE_DEVICES": "-1",  # evidence says CPU, so let it be
    "PYTHONHASHSEED": "0",
    "PYTHONWARNINGS": "ignore",
    "PYTHONUTF8": "1",
    "COLUMNS": "80",
}


class CannotServeError(Exception):
    """The server could not import what the snippets need; the text says what went wrong."""


@dataclass(frozen=True, slots=True)
class Hello:
    """What a server is: how it isolates cards, why not as asked (or empty), and the versions that it has loaded."""

    isolation: Isolation
    reason: str
    versions: dict[str, str]


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

    def run(self, requests: Sequence[dict[str, Any]]) -> Iterator[dict[str, Any]]:
        """Send the requests, a few ahead, and yield events as they come; ends early if the server dies."""
        assert self.process.stdin
        assert self.process.stdout
        waiting = iter(requests)
        under_way = sum(self._send(request) for request in _take(waiting, self.jobs * 2))
        while under_way and (line := self.process.stdout.readline()):
            event = json.loads(line)
            yield event
            if event["event"] in ("done", "gone"):
                under_way += sum(self._send(request) for request in _take(waiting, 1)) - 1

    def _send(self, request: dict[str, Any]) -> int:
        assert self.process.stdin
        try:
            file = self.scratch / f"{request['id']}.json"
            file.write_text(json.dumps(request), encoding="utf-8")
            self.process.stdin.write(os.fsencode(file) + b"\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            return 0  # it died; the loop in `run` sees the end of its output
        self.sent.append(request["id"])
        return 1


@contextmanager
def serving(preload: Sequence[str], jobs: int, isolation: Isolation) -> Iterator[Server]:
    """A server with `preload` imported. Raises `CannotServeError`. Ends with its children when the block does.

    Server and caller both remove the folder of the cards' scratch, so that it is gone whichever of them is killed.
    """
    with TemporaryDirectory(prefix="verideck-", ignore_cleanup_errors=True) as scratch:
        settings = {"preload": list(preload), "jobs": jobs, "isolation": isolation, "scratch": scratch}
        with _started(settings) as process:
            yield Server(_greeting(process), process, jobs, Path(scratch))


@contextmanager
def _started(settings: Mapping[str, Any]) -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "-m", "verideck.isolate", json.dumps(settings)]
    environment = {name: os.environ[name] for name in _PASSED if name in os.environ} | _SET
    if "PYTHONPATH" in environment:  # cards run elsewhere, where a relative one would lead nowhere
        folders = environment["PYTHONPATH"].split(os.pathsep)
        environment["PYTHONPATH"] = os.pathsep.join(str(Path(folder).resolve()) for folder in folders)
    process = subprocess.Popen(  # noqa: S603 - our own interpreter and module
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment
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


def _greeting(process: subprocess.Popen[bytes]) -> Hello:
    assert process.stdout
    line = process.stdout.readline()
    if not line:
        said = process.communicate()[1].decode(errors="replace").strip()
        raise CannotServeError(said.splitlines()[-1] if said else "the Python process ended at once")
    hello = json.loads(line)
    if "error" in hello:
        raise CannotServeError(hello["error"])
    return Hello(hello["isolation"], hello["reason"], hello["versions"])


def _ended(process: subprocess.Popen[bytes]) -> bool:
    """Close the server's input, upon which it ends its children and itself; whether it did so in time."""
    assert process.stdin
    try:
        process.stdin.close()
        process.wait(timeout=5)
    except (BrokenPipeError, subprocess.TimeoutExpired):
        return False
    return True


def request(number: int, job: Job, seed: int) -> dict[str, Any]:
    """What the server is told of a card: its code at the card file's own lines, and the limits."""
    settings = job.note.deck.verify
    snippets = [planned.snippet for planned in job.snippets if not planned.skip]
    lines: list[str] = []
    for snippet in sorted(snippets, key=lambda snippet: snippet.span.line):
        code = without_prompts(snippet.code) if snippet.session else snippet.code
        lines += [""] * (snippet.span.line - len(lines)) + code.rstrip("\n").split("\n")
    return {
        "id": number,
        "path": job.note.card.span.path,
        "text": "\n".join(lines) + "\n",
        "seed": seed,
        "memory": settings.memory * 1024 * 1024,
        "snippets": [
            {
                "code": snippet.code,
                "line": snippet.span.line + 1,
                "session": snippet.session,
                "raises": snippet.options.raises,
                "timeout": snippet.options.timeout or settings.timeout,
            }
            for snippet in snippets
        ],
    }


def _take(items: Iterator[dict[str, Any]], count: int) -> Iterable[dict[str, Any]]:
    return (item for _, item in zip(range(count), items, strict=False))
