"""What happens in the process of one card: limits, then its snippets, one after the other."""

from __future__ import annotations

import ast
import contextlib
import doctest
import gc
import json
import linecache
import os
import random
import resource
import signal
import sys
import time
import traceback
import types
from collections.abc import Iterator
from pathlib import Path
from typing import Any

_LARGEST_FILE = 256 * 1024 * 1024  # bytes; so that no snippet fills the disk


class Channel:
    """The way out of a child: events, each a line of JSON, on a descriptor that snippets do not know."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    def send(self, event: dict[str, Any]) -> None:
        """Send one event; returns when it is out."""
        line = json.dumps(event).encode() + b"\n"
        while line:
            line = line[os.write(self._descriptor, line) :]

    def close(self) -> None:
        """Give up the descriptor, as a child does with its server's."""
        os.close(self._descriptor)


def run(request: dict[str, Any], channel: Channel, capture: int) -> None:
    """Run a card's snippets in this process, which is the card's alone, and never return.

    `request` has `path`, `text` (the card file's lines, those outside snippets empty), `seed`,
    `memory` (bytes, above what the process has now) and `snippets`. `capture` is the file into which
    standard output and error go. Sends `start` and `end` for each snippet, then `done`.
    """
    _limit(request["memory"])
    _redirect(capture)
    _seed(request["seed"])
    namespace = _main_module(request["path"], request["text"])
    for index, snippet in enumerate(request["snippets"]):
        channel.send({"event": "start", "snippet": index, "timeout": snippet["timeout"]})
        before = time.perf_counter()
        outcome = _run_snippet(snippet, request["path"], namespace, capture)
        channel.send({"event": "end", "snippet": index, "seconds": time.perf_counter() - before, **outcome})
        if outcome["unexpected"]:
            break
    channel.send({"event": "done"})
    os._exit(0)


def _limit(memory: int) -> None:
    """Bound memory and file size.

    `RLIMIT_DATA` counts private memory (getrlimit(2), since Linux 4.7); `RLIMIT_AS` would also count
    the address space that TensorFlow only reserves.
    """
    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_DATA, (_data_size() + memory,) * 2)
    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_FSIZE, (_LARGEST_FILE,) * 2)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _data_size() -> int:
    lines = Path("/proc/self/status").read_text().splitlines()
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("VmData:")), 0)


def _redirect(capture: int) -> None:
    """Standard input is empty; output of every kind, also of C++ code, goes into the capture file."""
    empty = os.open(os.devnull, os.O_RDONLY)
    os.dup2(empty, 0)
    os.dup2(capture, 1)
    os.dup2(capture, 2)
    os.close(empty)
    sys.stdin = os.fdopen(0, encoding="utf-8", closefd=False)
    sys.stdout = os.fdopen(1, "w", encoding="utf-8", errors="backslashreplace", buffering=1, closefd=False)
    sys.stderr = os.fdopen(2, "w", encoding="utf-8", errors="backslashreplace", buffering=1, closefd=False)


def _seed(seed: int) -> None:
    random.seed(seed)
    if "numpy" in sys.modules:
        sys.modules["numpy"].random.seed(seed)
    if "tensorflow" in sys.modules:
        sys.modules["tensorflow"].random.set_seed(seed)


def _main_module(path: str, text: str) -> dict[str, Any]:
    """A fresh `__main__`, whose source is found by tracebacks, `inspect` and AutoGraph.

    The text is at hand twice: in a file of this name below the scratch directory, and in
    `linecache`, which still finds it after the snippet has changed directory. An entry without a
    time is never checked against the file (`linecache.checkcache`).
    """
    module = types.ModuleType("__main__")
    module.__file__ = path
    sys.modules["__main__"] = module
    sys.argv = [path]
    file = Path(path)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
    linecache.cache[path] = (len(text), None, [line + "\n" for line in text.split("\n")], path)
    return module.__dict__


def _run_snippet(snippet: dict[str, Any], path: str, namespace: dict[str, Any], capture: int) -> dict[str, Any]:
    """Run one snippet: what each of its steps printed, and what it raised."""
    got: list[str] = []
    raised: dict[str, Any] | None = None
    unexpected = False
    for step in _steps(snippet):
        start = os.lseek(capture, 0, os.SEEK_END)
        raised = _execute(step, path, namespace)
        sys.stdout.flush()
        sys.stderr.flush()
        got.append(os.pread(capture, 1 << 24, start).decode("utf-8", "replace"))
        unexpected = raised is not None and not step["may_raise"]
        if unexpected:
            break
        if raised is not None and snippet["session"]:
            got[-1] += f"Traceback (most recent call last):\n{raised['line']}\n"
            raised = None
    gc.collect()  # now rather than in the next snippet: what `__del__` prints belongs to this one
    return {"got": got, "raised": raised, "unexpected": unexpected}


def _steps(snippet: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """What is run at once: the whole snippet, or each example of a session (as `doctest` divides it)."""
    if not snippet["session"]:
        yield {"code": snippet["code"], "line": snippet["line"], "mode": "exec", "may_raise": bool(snippet["raises"])}
        return
    for example in doctest.DocTestParser().get_examples(snippet["code"]):
        line = snippet["line"] + example.lineno
        yield {"code": example.source, "line": line, "mode": "single", "may_raise": example.exc_msg is not None}


def _execute(step: dict[str, Any], path: str, namespace: dict[str, Any]) -> dict[str, Any] | None:
    """Run a step; describe what it raised, if anything."""
    try:
        tree = ast.parse(step["code"], path, mode="exec" if step["mode"] == "exec" else "single")
        ast.increment_lineno(tree, step["line"] - 1)
        exec(compile(tree, path, step["mode"], dont_inherit=True), namespace)  # noqa: S102 - running it is the point
    except BaseException as error:  # noqa: BLE001 - SystemExit and KeyboardInterrupt are verdicts too
        return _describe(error, path)
    return None


def _describe(error: BaseException, path: str) -> dict[str, Any]:
    kind = type(error)
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename == path]
    line = frames[-1].lineno if frames else getattr(error, "lineno", None)
    with contextlib.suppress(Exception):  # a broken __str__ is the snippet's affair
        text = "".join(traceback.format_exception_only(kind, error)).strip()
        message = str(error)
        first, _, _rest = message.partition("\n")
        return {
            "type": kind.__name__,
            "qualified": f"{kind.__module__}.{kind.__qualname__}",
            "line": f"{kind.__name__}: {message}" if message else kind.__name__,
            "summary": f"{kind.__name__}: {first}" if first else kind.__name__,
            "text": text,
            "lineno": line,
        }
    return {"type": kind.__name__, "qualified": kind.__name__, "line": kind.__name__, "summary": kind.__name__,
            "text": kind.__name__, "lineno": line}  # fmt: skip


def detach(parent: int) -> None:
    """Lead a session of one's own, so that the whole group can be ended, and die when `parent` does (prctl(2))."""
    os.setsid()
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    with contextlib.suppress(Exception):
        import ctypes

        ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # 1 is PR_SET_PDEATHSIG
    if os.getppid() != parent:
        os._exit(1)
