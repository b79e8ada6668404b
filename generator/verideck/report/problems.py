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
    """`path:line:col: CODE sentence`, the line with carets, details, a hint, the command that runs it again.

    `texts` holds the files by path; the line is left out for a file that is not in it. What comes from a
    card is printed without its control characters, and a long line in part.
    """
    lines = by_line(texts)
    return "".join(safe(line) + "\n" for problem in problems for line in _lines(problem, lines))


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
        "again": problem.again,
    }


def as_github(problems: Iterable[Problem]) -> str:
    """Workflow commands that GitHub shows beside the line (docs.github.com, *Workflow commands*)."""
    return "".join(_annotation(problem) + "\n" for problem in problems)


def safe(line: str) -> str:
    """A line without what would command a terminal, as it may come from a card or a file's name."""
    return "".join(c if c.isprintable() or c == "\t" else "�" for c in line)


def by_line(texts: Mapping[str, str]) -> dict[str, list[str]]:
    """The lines of each file, as spans count them."""
    return {path: _END.split(text.removeprefix("\ufeff")) for path, text in texts.items()}


def whole_message(problem: Problem) -> str:
    """All that there is to say of a problem but its place, as lines."""
    hint = f"hint: {problem.hint}" if problem.hint else ""
    again = f"again: {problem.again}" if problem.again else ""
    return "\n".join(filter(None, (problem.message, problem.detail, hint, again)))


def _lines(problem: Problem, texts: Mapping[str, list[str]]) -> Iterator[str]:
    span = problem.span
    warning = "warning: " if problem.severity == "warning" else ""
    yield f"{span.path}:{span.line}:{span.column}: {problem.code} {warning}{problem.message}"
    source = texts.get(span.path, [])
    if span.line <= len(source) and source[span.line - 1].strip():
        yield from _excerpt(source[span.line - 1], span)
    yield from (
        f"    {line if len(line) <= _LONGEST else line[:_LONGEST] + '…'}" for line in problem.detail.split("\n") if line
    )
    if problem.hint:
        yield f"    hint: {problem.hint}"
    if problem.again:
        yield f"    again: {problem.again}"


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


def _annotation(problem: Problem) -> str:
    span = problem.span
    place = f"file={_property(span.path)},line={span.line},col={span.column},title={_property(problem.code)}"
    return f"::{problem.severity} {place}::{_escaped(whole_message(problem))}"


def _escaped(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _escaped(text).replace(":", "%3A").replace(",", "%2C")
