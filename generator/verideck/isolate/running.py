"""A card's process as the server knows it, and what is believed of what it says: it runs strangers' code."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

LONGEST_LINE = 16 * 1024 * 1024
"""Bytes of an event: a snippet's largest output, each character of it escaped, and some more."""


@dataclass(slots=True)
class Running:
    """A card's process: shared state of the loop's concerns (events, deadlines, the end).

    `init` is the first process of its PID namespace, or 0. `snippets` are those of the request, with the number of
    their `steps`. `memory` is in bytes, `deadline`, `begun` and `started` (which is the
    snippet) in seconds of the monotonic clock. `snippet` counts
    those that have begun, less one; `open` tells that it has not ended.
    """

    pid: int
    init: int
    events: int
    capture: int
    folder: Path
    go: int = -1
    id: int = -1
    memory: int = 0
    snippets: list[dict[str, Any]] = field(default_factory=list)
    deadline: float = 0.0
    begun: float = 0.0
    started: float = 0.0
    snippet: int = -1
    open: bool = False
    done: bool = False
    broken: str = ""
    buffer: bytearray = field(default_factory=bytearray)

    def hear(self, chunk: bytes) -> Iterator[dict[str, Any]]:
        """The events that come to their end with this chunk. Raises `ValueError` for what a card must not say.

        A card may find the pipe and write into it. So each event must be the one that is due, and is made anew of the
        parts that belong to it; what the server knows itself, such as the card's id, is never taken from there.
        """
        rest = len(self.buffer)
        self.buffer += chunk
        while (end := self.buffer.find(b"\n", rest)) >= 0:
            line = bytes(self.buffer[:end])
            del self.buffer[: end + 1]
            rest = 0
            try:
                yield self._understand(json.loads(line))
            except (TypeError, KeyError, AttributeError, RecursionError) as error:
                raise ValueError from error
        if len(self.buffer) > LONGEST_LINE:
            raise ValueError

    def _understand(self, said: dict[str, Any]) -> dict[str, Any]:
        kind = said["event"]
        if kind == "start" and not self.open and not self.done and self.snippet + 1 < len(self.snippets):
            self.open = True
            self.snippet += 1
            return {"event": "start", "snippet": self.snippet}
        if kind == "end" and self.open:
            self.open = False
            return {"event": "end", "snippet": self.snippet, **_outcome(said, self.snippets[self.snippet]["steps"])}
        if kind == "done" and not self.open and not self.done and self.snippet >= 0:
            self.done = True
            return {"event": "done"}
        if kind == "broken" and self.snippet < 0:
            self.broken = _text(said["reason"])
            return {"event": "broken"}
        raise ValueError


def _outcome(said: dict[str, Any], steps: int) -> dict[str, Any]:
    """What a snippet came to; it has an output for each of its steps, unless it stopped at one."""
    unexpected, flood, raised = said["unexpected"] is True, said["flood"] is True, said["raised"]
    got = [_text(text) for text in said["got"]]
    if not (0 < len(got) <= steps if unexpected or flood else len(got) == steps):
        raise ValueError
    if (unexpected and raised is None) or not math.isfinite(said["seconds"]):
        raise ValueError
    return {
        "seconds": float(said["seconds"]),
        "got": got,
        "raised": None if raised is None else _exception(raised),
        "unexpected": unexpected,
        "flood": flood,
    }


def _exception(raised: dict[str, Any]) -> dict[str, Any]:
    line = raised["lineno"]
    if line is not None and (not isinstance(line, int) or not 0 < line < 10**8):
        raise ValueError
    return {**{name: _text(raised[name]) for name in ("type", "line", "summary")}, "lineno": line}


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value
