"""Verdicts as a summary for people, and as JSON."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from verideck.model import Outcome, Problem, Verdict
from verideck.report.problems import as_json as problem_as_json
from verideck.report.problems import safe
from verideck.verify import WEAKEST, Environment, Isolation, Run

_WORDS: dict[Outcome, str] = {
    "pass": "passed", "fail": "failed", "error": "raised", "timeout": "ran too long", "memory": "ran out of memory",
    "crash": "crashed", "skip": "skipped",
}  # fmt: skip

_WAYS: dict[Isolation, str] = {
    "fork": "a forked process for each card",
    "spawn": "a Python started ahead for each card",
    "cold": "a new Python for each card",
}
_SANDBOXES = {
    "namespaces": "namespaces (no network, no processes and no files but a card's own)",
    "landlock": "Landlock (no network, no files but a card's own)",
    "none": "none",
}

_SLOWEST: tuple[Isolation, ...] = ("cold", "spawn", "fork")


def summary(run: Run) -> str:
    """What was run, where, how it was isolated, and each skip with its reason; lines of text."""
    if not run.verdicts:
        return ""
    counts = Counter(verdict.outcome for verdict in run.verdicts)
    words = ", ".join(f"{counts[outcome]:,} {word}" for outcome, word in _WORDS.items() if counts[outcome])
    deck = run.verdicts[0].deck
    reused = sum(verdict.reused for verdict in run.verdicts)
    known = f" ({reused:,} known from deck.lock)" if reused else ""
    lines = [f"{deck}: {words}{known}"]
    if run.hello:
        lines.append(f"  on {where(run.here)}; {_WAYS[run.hello.isolation]}; sandbox: {_SANDBOXES[run.hello.sandbox]}")
        if run.hello.reason:
            lines.append(f"  not forked, because {run.hello.reason}")
        if run.hello.gap:
            missing = "no sandbox, because" if run.hello.sandbox == "none" else "the sandbox is not complete:"
            lines.append(f"  {missing} {run.hello.gap}")
    for verdict in run.verdicts:
        if verdict.outcome == "skip":
            span = verdict.snippet.span
            lines.append(f"  {span.path}:{span.line}: skipped: {verdict.reason}")
    return "".join(safe(line) + "\n" for line in lines)


def where(here: Environment) -> str:
    """An environment in words: `TensorFlow 2.21.0, Keras 3.15.1, NumPy 2.4.6, Python 3.11, CPU`."""
    versions = [("TensorFlow", here.tensorflow), ("Keras", here.keras), ("NumPy", here.numpy), ("Python", here.python)]
    return ", ".join([*(f"{name} {version}" for name, version in versions if version), here.device.upper()])


def as_json(runs: Sequence[Run], problems: Iterable[Problem]) -> dict[str, Any]:
    """What `verify --format json` prints; the keys are a promise of the design."""
    verdicts = [(run, verdict) for run in runs for verdict in run.verdicts]
    return {
        "snippets": [_snippet(run, verdict) for run, verdict in verdicts],
        **isolation_of(runs),
        "summary": dict(sorted(Counter(verdict.outcome for _, verdict in verdicts).items())),
        "problems": [problem_as_json(problem) for problem in problems],
    }


def isolation_of(runs: Sequence[Run]) -> dict[str, str]:
    """What `verify` and `build` print of how cards were kept apart: the weakest sandbox and isolation of the runs."""
    isolations = [run.hello.isolation for run in runs if run.hello]
    sandboxes = [run.hello.sandbox for run in runs if run.hello]
    return {
        "sandbox": next((weakest for weakest in WEAKEST if weakest in sandboxes), ""),
        "isolation": next((slowest for slowest in _SLOWEST if slowest in isolations), "fork"),
    }


def _snippet(run: Run, verdict: Verdict) -> dict[str, Any]:
    place = verdict.evidence or run.here
    return {
        "deck": verdict.deck,
        "card": verdict.card,
        "path": verdict.snippet.span.path,
        "line": verdict.snippet.span.line,
        "python": place.python,
        "tensorflow": place.tensorflow or None,
        "keras": place.keras or None,
        "numpy": place.numpy or None,
        "device": place.device,
        "outcome": verdict.outcome,
        "seconds": round(verdict.seconds, 3),
        "want": verdict.want,
        "got": verdict.got,
        "reused": verdict.reused,
        "reason": verdict.reason,
        "again": verdict.problem.again if verdict.problem else "",
    }
