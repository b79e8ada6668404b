"""Running one snippet in the process of its card: what it prints, step by step, and what it raises."""

from __future__ import annotations
import __future__

import contextlib
import ctypes
import doctest
import gc
import os
import sys
import traceback
from collections.abc import Iterator
from dataclasses import dataclass
from types import CodeType
from typing import Any

LARGEST_OUTPUT = 1024 * 1024
"""Bytes that a snippet may print."""
_LONGEST_MESSAGE = 100_000  # characters of an exception that are told


@dataclass(slots=True)
class Interpreter:
    """What the snippets of a card share: the card file's name, names, `__future__` features, the capture file."""

    path: str
    namespace: dict[str, Any]
    capture: int
    flags: int = 0


@dataclass(frozen=True, slots=True)
class Step:
    """Code that is run at once: a whole snippet (`mode` `exec`), or an example of a session (`single`)."""

    code: str
    line: int
    mode: str
    may_raise: bool


def run_snippet(snippet: dict[str, Any], interpreter: Interpreter) -> dict[str, Any]:
    """Run one snippet and say how it went.

    `got` is what each step printed, `raised` describes an exception, `unexpected` tells that it was not to come, and
    `flood` that more was printed than is allowed. What `__del__` prints belongs to the snippet that is over. The
    capture file is empty afterwards.
    """
    got: list[str] = []
    raised: dict[str, Any] | None = None
    unexpected = flood = False
    capture = interpreter.capture
    for step in _steps(snippet):
        start = os.lseek(capture, 0, os.SEEK_END)
        raised = _execute(step, interpreter)
        gc.collect()
        _flush()
        flood = os.lseek(capture, 0, os.SEEK_END) > LARGEST_OUTPUT
        got.append(os.pread(capture, LARGEST_OUTPUT, start).decode("utf-8", "replace"))
        unexpected = raised is not None and not step.may_raise
        if unexpected or flood:
            break
        if raised is not None and snippet["session"]:
            got[-1] += f"Traceback (most recent call last):\n{raised['line']}\n"
            raised = None
    os.ftruncate(capture, 0)
    return {"got": got, "raised": raised, "unexpected": unexpected, "flood": flood}


def count_steps(snippet: dict[str, Any]) -> int:
    """How many outputs a snippet has."""
    return sum(1 for _ in _steps(snippet))


def _steps(snippet: dict[str, Any]) -> Iterator[Step]:
    """The whole snippet, or the examples of a session as `doctest` divides it."""
    if not snippet["session"]:
        yield Step(snippet["code"], snippet["line"], "exec", bool(snippet["raises"]))
        return
    for example in doctest.DocTestParser().get_examples(snippet["code"]):
        yield Step(example.source, snippet["line"] + example.lineno, "single", example.exc_msg is not None)


def _execute(step: Step, interpreter: Interpreter) -> dict[str, Any] | None:
    """Run a step; describe what it raised, if anything. Empty lines above it put it at the card file's own lines."""
    try:
        source = "\n" * (step.line - 1) + step.code
        code = compile(source, interpreter.path, step.mode, interpreter.flags, dont_inherit=True)
        interpreter.flags |= _future(code)
        exec(code, interpreter.namespace)  # noqa: S102 - running it is the point
    except BaseException as error:  # noqa: BLE001 - SystemExit and KeyboardInterrupt are verdicts too
        return _describe(error, interpreter.path)
    return None


def _future(code: CodeType) -> int:
    """The `from __future__` features that are on in `code`: they stay on for what follows on the card."""
    features = (getattr(__future__, name).compiler_flag for name in __future__.all_feature_names)
    return sum(flag for flag in features if code.co_flags & flag)


def _flush() -> None:
    """Push out what Python and C have buffered."""
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(Exception):  # the snippet may have put anything there
            stream.flush()
    with contextlib.suppress(Exception):
        ctypes.CDLL(None).fflush(None)


def _describe(error: BaseException, path: str) -> dict[str, Any]:
    """An exception as evidence speaks of it: its type, how it would be written, and the line of the card."""
    kind = type(error)
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename == path]
    message = ""
    with contextlib.suppress(Exception):  # a broken __str__ is the snippet's affair
        # A SyntaxError's own text names file and line, which are not part of what it says.
        message = str(error.msg if isinstance(error, SyntaxError) else error)
    message = (
        message[:_LONGEST_MESSAGE].encode("utf-8", "backslashreplace").decode()
    )  # a lone surrogate could not be written anywhere
    return {
        "type": kind.__name__,
        "line": f"{kind.__name__}: {message}" if message else kind.__name__,
        "summary": f"{kind.__name__}: {message}".split("\n")[0] if message else kind.__name__,
        "lineno": frames[-1].lineno if frames else getattr(error, "lineno", None),
    }
