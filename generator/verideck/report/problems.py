"""Problems as text with carets, as JSON, and as annotations on GitHub."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from verideck.model import Problem, Span


def in_order(problems: Iterable[Problem]) -> list[Problem]:
    """Each problem once, by file, line and column."""
    return sorted(set(problems))


def as_text(problems: Iterable[Problem], texts: Mapping[str, str]) -> str:
    """`path:line:col: CODE sentence`, the line with carets, details, a hint.

    `texts` holds the files by path; the line is left out for a file that is not in it. What comes from a
    card is printed without its control characters, and a long line in part.
    """
    lines = {path: _END.split(text.removeprefix("\ufeff")) for path, text in texts.items()}
    return "".join(_safe(line) + "\n" for problem in problems for line in _lines(problem, lines))


def as_json(problem: Problem) -> dict[str, Any]:
    """What `check --format json` says of a problem; the keys are a promise of the design."""
    return {
        "path": problem.span.path,
        "line": problem.span.line,
        "column": problem.span.column,
        "code": problem.code,
        "severity": problem.severity,
        "message": problem.message,
        "hint": problem.hint,
        "detail": problem.detail,
    }


def as_github(problems: Iterable[Problem]) -> str:
    """Workflow commands that GitHub shows beside the line (docs.github.com, *Workflow commands*)."""
    return "".join(_annotation(problem) + "\n" for problem in problems)


def _lines(problem: Problem, texts: Mapping[str, list[str]]) -> Iterator[str]:
    span = problem.span
    yield f"{span.path}:{span.line}:{span.column}: {problem.code} {problem.message}"
    source = texts.get(span.path, [])
    if span.line <= len(source) and source[span.line - 1].strip():
        yield from _excerpt(source[span.line - 1], span)
    yield from (
        f"    {line if len(line) <= _LONGEST else line[:_LONGEST] + '…'}" for line in problem.detail.split("\n") if line
    )
    if problem.hint:
        yield f"    hint: {problem.hint}"


_LONGEST = 160
_END = re.compile(r"\r\n|\r|\n")


def _excerpt(line: str, span: Span) -> Iterator[str]:
    """The line, or the part of it that holds the span, with carets below."""
    start = 0 if len(line) <= _LONGEST else max(0, span.column - _LONGEST // 2)
    shown = line[start : start + _LONGEST]
    shown = ("…" if start else "") + shown + ("…" if start + _LONGEST < len(line) else "")
    column = span.column - 1 - start + (1 if start else 0)
    before = "".join("\t" if c == "\t" else " " for c in shown[:column])
    width = max(1, min(span.width, len(shown) - column))
    number = f"{span.line} | "
    yield f"    {number}{shown}"
    yield f"    {' ' * (len(number) - 2)}| {before}{'^' * width}"


def _safe(line: str) -> str:
    """Without what would command a terminal."""
    return "".join(c if c.isprintable() or c == "\t" else "�" for c in line)


def _annotation(problem: Problem) -> str:
    span = problem.span
    message = "\n".join(
        filter(None, (problem.message, problem.detail, f"hint: {problem.hint}" if problem.hint else ""))
    )
    place = f"file={_property(span.path)},line={span.line},col={span.column},title={_property(problem.code)}"
    return f"::{problem.severity} {place}::{_escaped(message)}"


def _escaped(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _escaped(text).replace(":", "%3A").replace(",", "%2C")
