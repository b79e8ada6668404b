"""What happens in the process of one card: limits, then its snippets, one after the other."""

from __future__ import annotations

import contextlib
import linecache
import os
import random
import resource
import sys
import time
import types
from pathlib import Path
from typing import Any

from verideck.isolate import devices, execute
from verideck.isolate.channel import Channel

_LARGEST_FILE = 256 * 1024 * 1024  # bytes; so that no snippet fills the disk


def run(request: dict[str, Any], channel: Channel, capture: int, device: str) -> None:
    """Run a card's snippets in this process, which is the card's alone, and never return.

    `request` has `path`, `text` (the card file's lines, those outside snippets empty), `seed`,
    `memory` (bytes, above what the process has now) and `snippets`. `capture` is the file into which
    standard output and error go. Sends `start` and `end` for each snippet, then `done`.
    """
    if device == "cpu":  # a GPU's driver maps more than any limit would allow
        _limit_memory(request["memory"])
    _limit_files()
    devices.settle(device)
    _redirect(capture)
    _seed(request["seed"])
    namespace = _main_module(request["path"], request["text"])
    interpreter = execute.Interpreter(request["path"], namespace, capture)
    for snippet in request["snippets"]:
        channel.send({"event": "start"})
        before = time.perf_counter()
        outcome = execute.run_snippet(snippet, interpreter)
        channel.send({"event": "end", "seconds": time.perf_counter() - before, **outcome})
        if outcome["unexpected"] or outcome["flood"]:
            break
    channel.send({"event": "done"})
    os._exit(0)


def _limit_memory(memory: int) -> None:
    """Bound what this process may have in bytes, above what it has now.

    `RLIMIT_DATA` counts private memory (getrlimit(2), since Linux 4.7); `RLIMIT_AS` would also count
    the address space that TensorFlow only reserves.
    """
    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_DATA, (_data_size() + memory,) * 2)


def _limit_files() -> None:
    """Bound the size of a file, and leave no core behind."""
    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_FSIZE, (_LARGEST_FILE,) * 2)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _data_size() -> int:
    lines = Path("/proc/self/status").read_text(errors="replace").splitlines()
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
    sys.__stdin__, sys.__stdout__, sys.__stderr__ = sys.stdin, sys.stdout, sys.stderr  # type: ignore[misc]


def _seed(seed: int) -> None:
    random.seed(seed)
    if "numpy" in sys.modules:
        sys.modules["numpy"].random.seed(seed)
    if "tensorflow" in sys.modules:
        sys.modules["tensorflow"].random.set_seed(seed)


def _main_module(path: str, text: str) -> dict[str, Any]:
    """A fresh `__main__`, whose source is found by tracebacks, `inspect` and AutoGraph.

    All three ask `linecache`, which knows it under the card file's name; an entry without a time is
    never checked against a file (`linecache.checkcache`). The module has no `__file__`, as in a
    notebook: AutoGraph would have `linecache` read that file again, and it is not there.
    """
    module = types.ModuleType("__main__")
    sys.modules["__main__"] = module
    sys.argv = [path]
    linecache.cache[path] = (len(text), None, [line + "\n" for line in text.split("\n")], path)
    return module.__dict__
