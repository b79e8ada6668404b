"""Notes in, verdicts out: every snippet that has to run is run in a process of its card's own, and judged.

    Note ──plan──▶ Job ──request──▶ Request ──local, or cluster and worker──▶ Report ──judge──▶ Verdict, Evidence
           key, environment, shard          through server, to a process of isolate/       outputs, compare, session

`accept` makes Markdown of what came out; `agreement` holds what a CPU and a GPU printed against each other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from verideck.model import Evidence, Note, Problem, Span, Verdict
from verideck.verify import cluster, local
from verideck.verify.environment import Environment, environment, preload_of, used_by
from verideck.verify.execution import (
    SEED,
    WEAKEST,
    CannotServeError,
    ClusterError,
    Device,
    Execution,
    Hello,
    Isolation,
    NoGpuError,
    Report,
    Runner,
    UnprotectedError,
    weakest,
)
from verideck.verify.judge import judge
from verideck.verify.plan import Job, Scope, plan
from verideck.verify.request import request
from verideck.verify.shard import Shard

__all__ = [
    "SEED", "WEAKEST", "ClusterError", "Device", "Environment", "Execution", "Isolation", "Run", "Scope", "Shard",
    "UnprotectedError", "stale", "verify",
]  # fmt: skip

NO_GPU = "TensorFlow finds no GPU on this machine"
Progress = Callable[[int, int, Sequence[Verdict]], None]
"""Told how many cards are through, of how many that run, and the verdicts that follow on those told before."""


@dataclass(frozen=True, slots=True)
class Run:
    """What a run found: verdicts in the order of the cards, and where it ran.

    `hello` tells how it was isolated, and is missing where nothing had to run; of several servers it is the one
    that protects least. `interrupted`: somebody pressed Ctrl-C; `stopped` is the error that has ended the run early.
    After either, the cards that were not through yet have verdicts of `skip`.
    """

    here: Environment
    verdicts: tuple[Verdict, ...] = ()
    problems: tuple[Problem, ...] = ()
    hello: Hello | None = None
    interrupted: bool = False
    stopped: Exception | None = None

    @property
    def evidence(self) -> tuple[Evidence, ...]:
        """The evidence that is new, of failures too, and of what did not get through: it replaces an old pass."""
        return tuple(v.evidence for v in self.verdicts if v.evidence is not None and not v.reused)


def verify(
    notes: Sequence[Note],
    known: Mapping[str, Sequence[Evidence]],
    scope: Scope,
    execution: Execution = Execution(),
    *,
    progress: Progress = lambda _done, _total, _new: None,
) -> Run:
    """Verify the snippets of one deck's notes.

    `known` is the lock's evidence by card id, `scope` says which of it is good enough. Verdicts are told to
    `progress` as soon as all before them are. Starts no process if nothing has to run. What cannot be started
    at all is a problem of the deck, in the result. Raises `UnprotectedError` where a sandbox is required and not to
    be had, and `ClusterError` where a cluster does not serve: but once a card has run, what is known by then is the
    result, and tells what has stopped it.
    """
    preload = preload_of(notes)
    interpreter = Path(execution.interpreter) if execution.interpreter else None
    here = environment((*preload, *used_by(notes)), interpreter)
    here = replace(here, device=execution.device, seed=execution.seed)
    jobs = plan(notes, known, here, scope)
    try:
        return _run(jobs, preload, here, execution, progress)
    except NoGpuError as error:
        jobs = tuple(job.skipped(str(error) or NO_GPU) for job in jobs)
        return _run(jobs, preload, here, execution, progress)
    except CannotServeError as error:
        names = ", ".join(preload) or "Python"
        message = f"the snippets need {names}, which cannot be imported: {error}"
        hint = f"install it beside Verideck: pip install {' '.join(preload)}"
        if execution.interpreter:
            hint = "name the package under requires in deck.toml, for the environments that are made"
        return Run(here, problems=(Problem(Span(f"{notes[0].deck.path}/deck.toml", 1), "VD510", message, hint),))


def stale(notes: Sequence[Note], known: Mapping[str, Sequence[Evidence]]) -> tuple[Note, ...]:
    """The notes of which a snippet would have to run before they can be published."""
    here = environment((*preload_of(notes), *used_by(notes)))
    return tuple(job.note for job in plan(notes, known, here, "stale") if job.runs)


def _run(
    jobs: Sequence[Job], preload: Sequence[str], here: Environment, execution: Execution, progress: Progress
) -> Run:
    """Run the jobs that have to, and judge them all, in order."""
    requests = [request(number, job, execution.seed) for number, job in enumerate(jobs) if job.runs]
    reports: dict[int, Report] = {}
    verdicts: list[Verdict] = []
    left = list(enumerate(jobs))
    interrupted = False
    stopped: Exception | None = None
    progress(0, len(requests), ())
    try:
        runner: Runner = cluster.run if execution.cluster else local.run
        for report in runner(requests, preload, execution):
            reports[report.number] = report
            told = len(verdicts)
            while left and (not left[0][1].runs or left[0][0] in reports):
                verdicts += _judged(*left.pop(0), reports, here)
            progress(len(reports), len(requests), verdicts[told:])
    except KeyboardInterrupt:
        interrupted = True
    except (CannotServeError, UnprotectedError, NoGpuError, ClusterError) as error:
        if not reports:
            raise
        stopped = error if str(error) else NoGpuError(NO_GPU)
    told = len(verdicts)
    for number, job in left:
        verdicts += _judged(number, job, reports, here)
    progress(len(reports), len(requests), verdicts[told:])
    hello = weakest(report.hello for report in reports.values())
    here = here.at(hello.versions) if hello else here
    problems = tuple(problem for verdict in verdicts for problem in verdict.problems)
    return Run(here, tuple(verdicts), problems, hello, interrupted, stopped)


def _judged(number: int, job: Job, reports: Mapping[int, Report], here: Environment) -> Iterator[Verdict]:
    """The verdicts on a card, by what its own server has told of itself."""
    if number not in reports:
        return judge(job, (), here)
    return judge(job, reports[number].events, here.at(reports[number].hello.versions))
