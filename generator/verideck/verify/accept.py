"""What came out, written into the Markdown as what shall come out."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from verideck.model import Problem, Snippet, Verdict
from verideck.verify.compare import compare
from verideck.verify.environment import Environment
from verideck.verify.judge import output_for
from verideck.verify.session import examples

_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffd]")
_Edit = tuple[int, int, list[str]]  # lines from (counted from 0) up to, and what takes their place


def acceptable(verdict: Verdict) -> bool:
    """Whether there is an output to write: it differs, or none stands there yet.

    Where an exception is wanted and no output, its message is left open on purpose.
    """
    snippet = verdict.snippet
    if verdict.outcome == "fail":
        return verdict.problem is not None and verdict.problem.code == "VD501"
    options = snippet.options
    missing = not (snippet.outputs or snippet.session or options.hidden or options.raises)
    return verdict.outcome == "pass" and missing and bool(verdict.got.strip())


def objection(verdict: Verdict, again: Iterable[Verdict]) -> Problem | None:
    """Why an output is not to be written: another run printed something else, or it is not text."""
    if _CONTROL.search(verdict.got):
        message = f"the output of the snippet on line {verdict.snippet.span.line} holds control characters"
        return Problem(verdict.snippet.span, "VD512", message, "print text only; a progress bar can be turned off")
    if verdict.snippet.session and not _reads_back(verdict):
        message = f"the output of the session on line {verdict.snippet.span.line} would be read as something else"
        return Problem(verdict.snippet.span, "VD512", message, "write code and output as two fences")
    for other in again:
        if other.snippet != verdict.snippet:
            continue
        mismatch = compare(verdict.got, other.got)
        if mismatch or not (other.outcome == "pass" or acceptable(other)):
            once, later = (mismatch.want, mismatch.got) if mismatch else (verdict.got, other.reason)
            detail = f" once: {once.strip()}\nagain: {later.strip()}"
            message = f"the output of the snippet on line {verdict.snippet.span.line} is not the same each time"
            hint = "seed what is random inside the snippet, or write ... where it varies"
            return Problem(verdict.snippet.span, "VD511", message, hint, detail=detail)
    return None


def accept(text: str, verdicts: Sequence[Verdict], here: Environment) -> str:
    """The card file's text with the output of each of these verdicts in its place; all else stays as it is."""
    lines = _LINE.findall(text)
    newline = lines[0][len(lines[0].rstrip("\r\n")) :] or "\n"
    if not lines[-1].endswith(("\r", "\n")):
        lines[-1] += newline
    edits = [_edit(verdict, lines, here) for verdict in verdicts]
    for first, last, replacement in sorted(edits, reverse=True):
        lines[first:last] = [line + newline for line in replacement]
    return "".join(lines)


def _edit(verdict: Verdict, lines: Sequence[str], here: Environment) -> _Edit:
    snippet = verdict.snippet
    if snippet.session:
        return _session_edit(snippet, verdict.steps)
    output = output_for(snippet, here.tensorflow)
    if output is None:
        closing = snippet.span.line + snippet.code.count("\n")
        return closing + 1, closing + 1, ["", *_fence("output", verdict.got)]
    first = output.span.line - 1
    info = lines[first].strip().lstrip("`~")
    return first, first + output.text.count("\n") + 2, _fence(info, verdict.got)


def _fence(info: str, content: str) -> list[str]:
    """A fence that holds `content`, with more backquotes than are in it."""
    longest = max((len(run) for run in re.findall(r"`{3,}", content)), default=2)
    ticks = "`" * (longest + 1)
    return [ticks + info, *_lines(content), ticks]


def _lines(output: str) -> list[str]:
    """An output's lines; a carriage return is the end of one, as white space is folded when it is compared."""
    return re.split(r"\r\n|\r|\n", output.rstrip("\r\n"))


def _session_edit(snippet: Snippet, steps: Sequence[str]) -> _Edit:
    """A session holds its outputs between its lines; `steps` is what each example printed."""
    lines = snippet.code.rstrip("\n").split("\n")
    new: list[str] = []
    position = 0
    for example, came in zip(examples(snippet.code), steps, strict=True):
        new += lines[position : example.below]
        if came.strip():
            new += [" " * example.indent + (line if line.strip() else "<BLANKLINE>") for line in _lines(came)]
        position = example.below + example.shown
    return snippet.span.line, snippet.span.line + len(lines), new + lines[position:]


def _reads_back(verdict: Verdict) -> bool:
    """Whether a session with these outputs written into it holds the same examples, and agrees with them."""
    if len(examples(verdict.snippet.code)) != len(verdict.steps):
        return False
    _, _, lines = _session_edit(verdict.snippet, verdict.steps)
    try:
        written = examples("\n".join(lines) + "\n")
    except ValueError:
        return False
    if len(written) != len(verdict.steps):
        return False
    return all(compare(example.want, came) is None for example, came in zip(written, verdict.steps, strict=True))
