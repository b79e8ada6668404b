"""What came out, written into the Markdown as what shall come out."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from verideck.model import Problem, Snippet, Verdict
from verideck.verify.compare import CompareTimeoutError, compare
from verideck.verify.environment import Environment
from verideck.verify.judge import output_for
from verideck.verify.session import examples

_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffd]")
LONGEST = 20_000
"""Characters of an output that are written into a card: who reads more?"""

_Edit = tuple[int, int, list[str]]  # lines from (counted from 0) up to, and what takes their place


def acceptable(verdict: Verdict) -> bool:
    """Whether there is an output to write: it differs, or none stands there yet.

    Where an exception is wanted and no output, its message is left open on purpose.
    """
    snippet = verdict.snippet
    if verdict.outcome == "fail":
        return verdict.problem is not None and verdict.problem.code == "VD501"
    options = snippet.options
    missing = not (snippet.outputs or _shows(snippet) or options.hidden or options.raises)
    return verdict.outcome == "pass" and missing and bool(verdict.got.strip())


def objection(verdict: Verdict, again: Iterable[Sequence[Verdict]]) -> Problem | None:
    """Why an output is not to be written: it is not text, or one of the other runs did not print the same."""
    snippet = verdict.snippet
    kind = "session" if snippet.session else "snippet"
    if _CONTROL.search(verdict.got):
        message = f"the output of the {kind} on line {snippet.span.line} holds control characters"
        return Problem(snippet.span, "VD512", message, "print text only; a progress bar can be turned off")
    if len(verdict.got) > LONGEST:
        message = f"the output of the {kind} on line {snippet.span.line} has {len(verdict.got):,} characters"
        return Problem(snippet.span, "VD512", message, f"print less: no more than {LONGEST:,} are written into a card")
    if snippet.session and not _reads_back(verdict):
        message = f"the output of the session on line {snippet.span.line} would be read as something else"
        return Problem(snippet.span, "VD512", message, "write code and output as two fences")
    for verdicts in again:
        other = next((other for other in verdicts if other.snippet == snippet), None)
        difference = _difference(verdict, other)
        if difference:
            message = f"the output of the {kind} on line {snippet.span.line} is not the same each time"
            hint = "seed what is random inside the snippet, or write ... where it varies"
            return Problem(snippet.span, "VD511", message, hint, detail=difference)
    return None


def _difference(verdict: Verdict, other: Verdict | None) -> str:
    """How another run differs in what is to be written, as lines; empty, if it does not."""
    if other is None or not (other.outcome == "pass" or acceptable(other)):
        return f" once: {verdict.got.strip()}\nagain: {other.reason if other else 'nothing'}"
    for number in _to_write(verdict):
        try:
            mismatch = (
                compare(verdict.steps[number], other.steps[number], literal=True) if number < len(other.steps) else None
            )
        except CompareTimeoutError:
            return "it is too long to be compared with what came again"
        if mismatch is not None:
            return f" once: {mismatch.want.strip()}\nagain: {mismatch.got.strip()}"
    return ""


def _shows(snippet: Snippet) -> bool:
    """Whether a session shows any output."""
    return snippet.session and any(example.want for example in examples(snippet.code))


def _to_write(verdict: Verdict) -> list[int]:
    """Which of a verdict's steps are to be written: of a session, those that differ from what stands there."""
    if not verdict.snippet.session:
        return list(range(len(verdict.steps)))
    wanted = (example.want for example in examples(verdict.snippet.code))
    steps = zip(wanted, verdict.steps, strict=False)
    return [number for number, (want, came) in enumerate(steps) if not _agree(want, came)]


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
        return _session_edit(verdict)
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


def _session_edit(verdict: Verdict) -> _Edit:
    """A session holds its outputs between its lines; those that agree with what came stay as they are."""
    lines = verdict.snippet.code.rstrip("\n").split("\n")
    differs = _to_write(verdict)
    new: list[str] = []
    position = 0
    for number, example in enumerate(examples(verdict.snippet.code)):
        if number not in differs:
            continue
        came = verdict.steps[number]
        new += lines[position : example.below]
        if came.strip():
            new += [" " * example.indent + (line if line.strip() else "<BLANKLINE>") for line in _lines(came)]
        position = example.below + example.shown
    first = verdict.snippet.span.line
    return first, first + len(lines), new + lines[position:]


def _reads_back(verdict: Verdict) -> bool:
    """Whether a session with these outputs written into it holds the same examples, and agrees with them."""
    if len(examples(verdict.snippet.code)) != len(verdict.steps):
        return False
    _, _, lines = _session_edit(verdict)
    try:
        written = examples("\n".join(lines) + "\n")
    except ValueError:
        return False
    if len(written) != len(verdict.steps):
        return False
    return all(_agree(example.want, came) for example, came in zip(written, verdict.steps, strict=True))


def _agree(want: str, came: str) -> bool:
    """Whether what came is known to be what was wanted."""
    try:
        return compare(want, came) is None
    except CompareTimeoutError:
        return False
