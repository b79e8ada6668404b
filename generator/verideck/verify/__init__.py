"""Notes in, verdicts out: every snippet that has to run is run in a process of its card's own, and judged."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from verideck.model import Evidence, Note, Problem, Span, Verdict
from verideck.verify.environment import Environment, environment, preload_of, used_by
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

    `isolation` is empty if nothing had to run; `reason` says why it is not the one asked for. `interrupted`: somebody
    pressed Ctrl-C, and the cards that were not through yet have verdicts of `skip`.
    """

    here: Environment
    verdicts: tuple[Verdict, ...] = ()
    problems: tuple[Problem, ...] = ()
    isolation: str = ""
    reason: str = ""
    interrupted: bool = False

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
    here = environment((*preload, *used_by(notes)))
    jobs = plan(notes, known, here, scope)
    to_run = [job for job in jobs if job.runs]
    if not to_run:
        return Run(here, tuple(verdict for job in jobs for verdict in judge(job, [], here)))
    try:
        hello, interrupted, events = _run(to_run, preload, isolation, seed, progress)
    except CannotServeError as error:
        names = ", ".join(preload) or "Python"
        message = f"the snippets need {names}, which cannot be imported: {error}"
        hint = f"install it beside Verideck: pip install {' '.join(preload)}"
        return Run(here, problems=(Problem(Span(f"{notes[0].deck.path}/deck.toml", 1), "VD510", message, hint),))
    if hello is None:  # interrupted before the first card was through
        return Run(here, interrupted=True)
    here = replace(here, **hello.versions)
    verdicts = tuple(verdict for job in jobs for verdict in judge(job, events.get(job.note.card.id, ()), here))
    problems = tuple(verdict.problem for verdict in verdicts if verdict.problem)
    return Run(here, verdicts, problems, hello.isolation, hello.reason, interrupted)


def stale(notes: Sequence[Note], known: Mapping[str, Sequence[Evidence]]) -> tuple[Note, ...]:
    """The notes of which a snippet would have to run before they can be published."""
    here = environment((*preload_of(notes), *used_by(notes)))
    return tuple(job.note for job in plan(notes, known, here, "stale") if job.runs)


def _run(
    jobs: Sequence[Job], preload: Sequence[str], isolation: Isolation, seed: int, progress: Progress
) -> tuple[Hello | None, bool, dict[str, list[_Event]]]:
    """Run the jobs; the server's greeting, whether somebody interrupted it, and the events by card id."""
    requests = {number: request(number, job, seed) for number, job in enumerate(jobs)}
    events: dict[int, list[_Event]] = {number: [] for number in requests}
    hello: Hello | None = None
    interrupted = False
    progress(0, len(jobs))
    try:
        for greeting in _rounds(requests, events, preload, isolation):
            hello = greeting
            progress(sum(_ended(some) for some in events.values()), len(jobs))
    except KeyboardInterrupt:
        interrupted = True
    return hello, interrupted, {job.note.card.id: events[number] for number, job in enumerate(jobs)}


def _rounds(
    requests: Mapping[int, dict[str, Any]],
    events: dict[int, list[_Event]],
    preload: Sequence[str],
    isolation: Isolation,
) -> Iterator[Hello]:
    """Run the requests and put what is said of them into `events`; yields whenever a card has ended.

    A server that dies is replaced. The cards that were under way are then run one by one, so that the one
    that killed it is found, and the others get their verdicts.
    """
    suspects: list[int] = []
    while waiting := [number for number in requests if not _ended(events[number])]:
        batch = [suspects.pop()] if suspects else waiting
        with serving(preload, _processors(), isolation) as server:
            for event in server.run([requests[number] for number in batch]):
                events[event["id"]].append(event)
                if event["event"] in ("done", "gone"):
                    yield server.hello
        if not server.sent:
            raise CannotServeError(DIED)
        under_way = [number for number in server.sent if not _ended(events[number])]
        if under_way and len(batch) == 1:
            snippet = max((event["snippet"] for event in events[batch[0]]), default=0)
            killed = {"event": "gone", "snippet": snippet, "why": "crash", "status": -signal.SIGKILL, "said": ""}
            events[batch[0]].append(killed)
            yield server.hello
        elif under_way:
            suspects = under_way
            events.update({number: [] for number in under_way})


def _ended(events: Sequence[_Event]) -> bool:
    return any(event["event"] in ("done", "gone") for event in events)


def _processors() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
