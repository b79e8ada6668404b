"""What a snippet printed, held against what its card shows."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from verideck.model import Outcome, Output, Problem, Snippet, Span
from verideck.verify.compare import CPU, SECONDS, CompareTimeoutError, Mismatch, Profile, borderline, compare
from verideck.verify.session import examples, without_module

_ACCEPT = "correct the output, or run `verideck verify --accept` and read the difference"
_SHORTER = "let the snippet print less, or write fewer `...`"
_DIGITS = "show one digit more, or one fewer"


@dataclass(frozen=True, slots=True)
class Held:
    """How a snippet's output was: the one wanted, `problem` if another came, `warning` if the next may be another."""

    want: str = ""
    outcome: Outcome = "pass"
    problem: Problem | None = None
    warning: Problem | None = None


def hold(snippet: Snippet, wanted: Output | None, steps: Sequence[str], profile: Profile = CPU) -> Held:
    """Compare what each step of a snippet printed with what is wanted; a session holds that itself."""
    want = "".join(example.want for example in examples(snippet.code)) if snippet.session else ""
    want = wanted.text if wanted else want
    end = time.monotonic() + SECONDS
    warning: Problem | None = None
    try:
        for line, text, came in _shown(snippet, wanted, steps):
            mismatch = compare(text, came, profile, end - time.monotonic())
            if mismatch:
                return Held(want, "fail", _differs(line, snippet, mismatch))
            near = None if warning else borderline(text, came, profile, end - time.monotonic())
            warning = _borders(line, snippet, near) if near else warning
    except CompareTimeoutError:
        message = f"the output of the snippet on line {snippet.span.line} could not be compared within {SECONDS:g} s"
        return Held(want, "timeout", Problem(snippet.span, "VD508", message, _SHORTER))
    return Held(want, warning=warning)


def _shown(snippet: Snippet, wanted: Output | None, steps: Sequence[str]) -> Iterator[tuple[int, str, str]]:
    """What is shown and what came instead, and the line of the card file on which the former begins.

    An example of a session that shows nothing need only run, as a snippet without an output.
    """
    if snippet.session:
        for example, came in zip(examples(snippet.code), steps, strict=True):
            if example.want:
                yield snippet.span.line + 1 + example.below, example.want, came
    elif wanted:
        raises = snippet.options.raises.rpartition(".")[2]
        yield wanted.span.line + 1, without_module(wanted.text, raises) if raises else wanted.text, steps[0]


def _differs(first: int, snippet: Snippet, mismatch: Mismatch) -> Problem:
    """The problem with an output whose first line in the card file is `first`."""
    message = f"the snippet on line {snippet.span.line} printed something else"
    return Problem(_span(first, snippet, mismatch), "VD501", message, _ACCEPT, detail=_lines(mismatch))


def _borders(first: int, snippet: Snippet, near: Mismatch) -> Problem:
    message = "the last digit shown may be another on another machine: what came lies halfway between the two"
    return Problem(_span(first, snippet, near), "VD520", message, _DIGITS, "warning", _lines(near))


def _span(first: int, snippet: Snippet, mismatch: Mismatch) -> Span:
    return Span(snippet.span.path, first + mismatch.line, mismatch.column + 1, mismatch.width)


def _lines(mismatch: Mismatch) -> str:
    return f"wanted: {mismatch.want.strip() or '(nothing more)'}\n   got: {mismatch.got.strip() or '(nothing more)'}"
