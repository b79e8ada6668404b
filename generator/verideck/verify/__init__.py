"""Notes in, verdicts out: every snippet that has to run is run in a process of its card's own, and judged."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from verideck.model import Evidence, Note, Problem, Span, Verdict
from verideck.verify.environment import Environment, environment, preload_of
from verideck.verify.judge import SEED, judge
from verideck.verify.plan import Job, Scope, plan
from verideck.verify.server import CannotServeError, Hello, Isolation, request, serving

__all__ = ["SANDBOX", "SEED", "Environment", "Isolation", "Run", "Scope", "stale", "verify"]

SANDBOX = "none"
"""What keeps a snippet from doing harm, beyond limits and a process of its own: nothing yet."""

DIED = "the process that runs the cards died before it had run one"
Progress = Callable[[int, int], None]
_Event = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Run:
    """What a run found: verdicts in the order of the cards, and where it ran.

    `isolation` is empty if nothing had to run; `reason` says why it is not the one asked for.
    """

    here: Environment
    verdicts: tuple[Verdict, ...] = ()
    problems: tuple[Problem, ...] = ()
    isolation: str = ""
    reason: str = ""

    @property
    def evidence(self) -> tuple[Evidence, ...]:
        """The evidence that is new."""
        return tuple(v.evidence for v in self.verdicts if v.evidence is not None and not v.reused)


def verify(
    notes: Sequence[Note],
    known: Mapping[str, Sequence[Evidence]],
    scope: Scope,
    *,
    isolation: Isolation = "fork",
    seed: int = SEED,
    progress: Progress = lambda _done, _total: None,
) -> Run:
    """Verify the snippets of one deck's notes.

    `known` is the lock's evidence by card id, `scope` says which of it is good enough. `progress` is
    called with the number of cards done and of all that run. Starts no process if nothing has to run.
    What cannot be started at all is a problem of the deck, in the result.
    """
    preload = preload_of(notes)
    here = environment(preload)
    jobs = plan(notes, known, here, scope)
    to_run = [job for job in jobs if job.runs]
    if not to_run:
        return Run(here, tuple(verdict for job in jobs for verdict in judge(job, [], here)))
    try:
        hello, events = _run(to_run, preload, isolation, seed, progress)
    except CannotServeError as error:
        names = ", ".join(preload) or "Python"
        message = f"the snippets need {names}, which cannot be imported: {error}"
        hint = f"install it beside Verideck: pip install {' '.join(preload)}"
        return Run(here, problems=(Problem(Span(f"{notes[0].deck.path}/deck.toml", 1), "VD510", message, hint),))
    loaded = {name: hello.versions.get(name, "") for name in ("python", "tensorflow", "keras", "numpy")}
    here = replace(here, **loaded)
    verdicts = tuple(verdict for job in jobs for verdict in judge(job, events.get(job.note.card.id, ()), here))
    problems = tuple(verdict.problem for verdict in verdicts if verdict.problem)
    return Run(here, verdicts, problems, hello.isolation, hello.reason)


def stale(notes: Sequence[Note], known: Mapping[str, Sequence[Evidence]]) -> tuple[Note, ...]:
    """The notes of which a snippet would have to run before they can be published."""
    return tuple(job.note for job in plan(notes, known, environment(preload_of(notes)), "stale") if job.runs)


def _run(
    jobs: Sequence[Job], preload: Sequence[str], isolation: Isolation, seed: int, progress: Progress
) -> tuple[Hello, dict[str, list[_Event]]]:
    """Run the jobs, with another server for the rest should one die; the events by card id."""
    events: dict[str, list[_Event]] = {job.note.card.id: [] for job in jobs}
    requests = [request(number, job, seed) for number, job in enumerate(jobs)]
    ended: set[int] = set()
    progress(0, len(jobs))
    while len(ended) < len(jobs):
        with serving(preload, _processors(), isolation) as server:
            before = len(ended)
            for event in server.run([request for request in requests if request["id"] not in ended]):
                events[jobs[event["id"]].note.card.id].append(event)
                if event["event"] in ("done", "gone"):
                    ended.add(event["id"])
                    progress(len(ended), len(jobs))
        if len(ended) == before:
            raise CannotServeError(DIED)
    return server.hello, events


def _processors() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
