"""Where something stands, and what is wrong with it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Severity = Literal["error", "warning"]


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A place in a file: `path` relative to the project, `line` and `column` from 1, `width` in characters."""

    path: str
    line: int
    column: int = 1
    width: int = 1


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """Something that a person should mend: where, which rule (`code`, listed in FORMAT.md), what, and how.

    `detail` is what is shown between the two, such as the wanted line and the one that came. `again` is the command
    that runs the card again, of a problem that was found by running it.
    """

    span: Span
    code: str
    message: str
    hint: str = ""
    severity: Severity = "error"
    detail: str = ""
    again: str = ""
