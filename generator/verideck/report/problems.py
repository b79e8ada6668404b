"""Problems as text with carets, as JSON, and as annotations on GitHub."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from verideck.model import Problem


def in_order(problems: Iterable[Problem]) -> list[Problem]:
    """Each problem once, by file, line and column."""
    return sorted(set(problems))


def as_text(problems: Iterable[Problem], texts: Mapping[str, str]) -> str:
    """`path:line:col: CODE sentence`, the line with carets, details, a hint.

    `texts` holds the files by path; the line is left out for a file that is not in it.
    """
    return "".join(line + "\n" for problem in problems for line in _lines(problem, texts))


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


def _lines(problem: Problem, texts: Mapping[str, str]) -> Iterator[str]:
    span = problem.span
    yield f"{span.path}:{span.line}:{span.column}: {problem.code} {problem.message}"
    source = _END.split(texts.get(span.path, "").removeprefix("\ufeff"))
    if span.line <= len(source) and (line := source[span.line - 1]).strip():
        number = f"{span.line} | "
        before = "".join("\t" if c == "\t" else " " for c in line[: span.column - 1])
        width = max(1, min(span.width, len(line) - span.column + 1))
        yield f"    {number}{_shown(line)}"
        yield f"    {' ' * (len(number) - 2)}| {before}{'^' * width}"
    yield from (f"    {line}" for line in problem.detail.splitlines())
    if problem.hint:
        yield f"    hint: {problem.hint}"


_LONGEST = 200
_END = re.compile(r"\r\n|\r|\n")


def _shown(line: str) -> str:
    """A line of a file as it may safely be printed: no control characters, and not endless."""
    safe = "".join(c if c.isprintable() or c == "\t" else "�" for c in line)
    return safe if len(safe) <= _LONGEST else safe[:_LONGEST] + "…"


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
