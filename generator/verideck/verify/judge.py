"""From what a child reported to a verdict on each snippet."""

from __future__ import annotations

import re
import signal
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from verideck.model import Outcome, Output, Problem, Snippet, Span, Verdict
from verideck.verify.environment import Environment
from verideck.verify.outputs import hold
from verideck.verify.plan import Job, Planned, applies

_NOISE = re.compile(
    r"^(?:[IWEF]\d{4} \d\d:\d\d:\d\d\.|[IWEF]0000 00:00:\d|WARNING: All log messages before absl).*\n?", re.MULTILINE
)
NOT_THROUGH = "an earlier snippet of the card did not get through"
INTERRUPTED = "the run was interrupted before it"
_MEMORY = ("MemoryError", "ResourceExhaustedError")
_NOT_READY = "the card is not to blame: see what this machine allows, or try --isolation cold and --sandbox off"
_LESS_MEMORY = "use less, or raise memory under [verify] in deck.toml"


def judge(job: Job, events: Sequence[Mapping[str, Any]], here: Environment) -> Iterator[Verdict]:
    """A verdict for each snippet of a card, in order; `events` are what the server sent about the card."""
    ends = {event["snippet"]: event for event in events if event["event"] == "end"}
    gone = next((event for event in events if event["event"] == "gone"), None)
    over = any(event["event"] in ("done", "gone") for event in events)
    sent = -1
    for planned in job.snippets:
        verdict = Verdict(job.note.deck.id, job.note.card.id, planned.snippet, "skip")
        runs = bool(events) and not planned.skip
        sent += runs
        if planned.reused and not runs:
            yield replace(verdict, outcome="pass", reused=True, evidence=planned.reused)
        elif planned.skip:
            yield replace(verdict, reason=planned.skip)
        elif not events:
            yield replace(verdict, reason=INTERRUPTED)
        elif sent in ends:
            yield _with_evidence(_judge_end(verdict, ends[sent], here), planned, here)
        elif gone is not None and max(gone["snippet"], 0) == sent:
            yield _with_evidence(_judge_gone(verdict, gone, job.note.deck.verify.timeout), planned, here)
        else:
            yield replace(verdict, reason=NOT_THROUGH if over else INTERRUPTED)


def _with_evidence(verdict: Verdict, planned: Planned, here: Environment) -> Verdict:
    """What came of it is evidence, failures too; that nothing wanted was there to hold it against is none."""
    if verdict.outcome == "skip":
        return verdict
    return replace(verdict, evidence=here.evidence(planned.key, verdict.outcome))


def output_for(snippet: Snippet, tensorflow: str) -> Output | None:
    """The first of a snippet's outputs that is for this version."""
    return next((output for output in snippet.outputs if applies(output.tensorflow, tensorflow)), None)


def _judge_end(verdict: Verdict, event: Mapping[str, Any], here: Environment) -> Verdict:
    """The snippet came to its end: it printed something, and may have raised."""
    snippet, raised = verdict.snippet, event["raised"]
    steps = tuple(_NOISE.sub("", text) for text in event["got"])
    verdict = replace(verdict, seconds=event["seconds"], got="".join(steps), steps=steps)
    if event["flood"]:
        return _failed(verdict, "error", _flood(snippet))
    if event["unexpected"]:
        return _failed(verdict, *_raised(snippet, raised))
    if snippet.options.raises:
        wrong = _wrong_exception(snippet, raised)
        if wrong:
            return _failed(verdict, *wrong)
        got = f"{verdict.got}{raised['line']}\n"
        verdict = replace(verdict, got=got, steps=(got,))
    if snippet.outputs and output_for(snippet, here.tensorflow) is None:
        version = here.tensorflow or "none at all"
        return replace(verdict, reason=f"it ran, but none of its outputs is for this TensorFlow: {version}")
    held = hold(snippet, output_for(snippet, here.tensorflow), verdict.steps, here.profile)
    verdict = replace(verdict, want=held.want, warning=held.warning)
    if held.problem:
        return _failed(verdict, held.outcome, held.problem)
    return replace(verdict, outcome="pass")


def _failed(verdict: Verdict, outcome: Outcome, problem: Problem) -> Verdict:
    return replace(verdict, outcome=outcome, reason=problem.message, problem=problem)


def _raised(snippet: Snippet, raised: Mapping[str, Any]) -> tuple[Outcome, Problem]:
    span = Span(snippet.span.path, raised["lineno"] or snippet.span.line + 1)
    message = f"the snippet raised {raised['summary']}"
    if raised["type"] in _MEMORY:
        return "memory", Problem(span, "VD505", message, _LESS_MEMORY)
    if snippet.session:
        hint = "correct the code, or write the traceback under it if that is the point"
    else:
        hint = f"correct the code, or write raises={raised['type']} behind python if that is the point"
    return "error", Problem(span, "VD502", message, hint)


def _wrong_exception(snippet: Snippet, raised: Mapping[str, Any] | None) -> tuple[Outcome, Problem] | None:
    """What is wrong with what was raised where something had to be."""
    expected = snippet.options.raises
    if raised is None:
        hint = f"remove raises={expected}, or correct the code"
        return "fail", Problem(snippet.span, "VD503", f"the snippet did not raise {expected}", hint)
    if expected.rpartition(".")[2] == raised["type"]:
        return None
    span = Span(snippet.span.path, raised["lineno"] or snippet.span.line + 1)
    message = f"the snippet raised {raised['summary']}, where {expected} was to come"
    return "error", Problem(span, "VD502", message, f"correct the code, or write raises={raised['type']}")


def _judge_gone(verdict: Verdict, event: Mapping[str, Any], timeout: float) -> Verdict:
    """The child did not come to its end: it was late, too loud, or died."""
    verdict = replace(verdict, seconds=event["seconds"], got=_NOISE.sub("", event["said"]))
    snippet, said = verdict.snippet, event["said"]
    if event["why"] == "timeout":
        return _late(verdict, f"the snippet did not end within {snippet.options.timeout or timeout:g} s")
    if event["why"] == "flood":
        return _failed(verdict, "error", _flood(snippet))
    if event["why"] in ("broken", "start"):
        reason = said if event["why"] == "broken" else "it took too long to import"
        message = f"the process of the card did not get ready: {reason}"
        return _failed(verdict, "crash", Problem(snippet.span, "VD514", message, _NOT_READY))
    if event["why"] in _EXCESSES:
        return _failed(verdict, *_excess(snippet, event["why"]))
    if event["status"] < 0 and ("bad_alloc" in said or "MemoryError" in said):
        return _failed(verdict, "memory", Problem(snippet.span, "VD505", "the snippet ran out of memory", _LESS_MEMORY))
    status = event["status"]
    how = f"by {_signal(-status)}" if status < 0 else f"with exit status {status}"
    message = f"the snippet ended its process {how}"
    hint = "every snippet must come to its own end: look for os._exit, a signal, or a crash in a library"
    return _failed(verdict, "crash", Problem(snippet.span, "VD506", message, hint))


_EXCESSES: dict[str, tuple[Outcome, str, str, str]] = {
    "memory": ("memory", "VD505", "the snippet ran out of memory", _LESS_MEMORY),
    "processes": ("error", "VD509", "the snippet started more than 256 processes", "start fewer"),
    "disk": ("error", "VD509", "the snippet wrote more than 512 MiB of files", "write less"),
}


def _excess(snippet: Snippet, what: str) -> tuple[Outcome, Problem]:
    outcome, code, message, hint = _EXCESSES[what]
    return outcome, Problem(snippet.span, code, message, hint)


def _signal(number: int) -> str:
    return signal.Signals(number).name if number in set(signal.Signals) else f"signal {number}"


def _flood(snippet: Snippet) -> Problem:
    return Problem(snippet.span, "VD507", "the snippet printed more than 1 MiB", "print less")


def _late(verdict: Verdict, message: str) -> Verdict:
    hint = "make it shorter, or give it more with timeout= behind python"
    return _failed(verdict, "timeout", Problem(verdict.snippet.span, "VD504", message, hint))
