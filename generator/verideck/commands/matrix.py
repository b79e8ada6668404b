"""A deck's runs: one for each version and device."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import click

from verideck.commands import options
from verideck.commands.execution import chosen
from verideck.commands.running import refusal, run_notes
from verideck.model import Evidence, Note, Problem
from verideck.project import Project
from verideck.report.again import with_command
from verideck.verify import Execution, Run, Scope
from verideck.verify.agreement import agreeing, comparable, paired

_Show = Callable[[Sequence[Problem]], None]


def run_matrix(
    project: Project,
    notes: Sequence[Note],
    known: Mapping[str, Sequence[Evidence]],
    scope: Scope,
    executions: Sequence[Execution],
    show: _Show,
) -> tuple[list[Run], click.UsageError | None]:
    """A run for each execution, in their order, and what ended them before their time, if anything did.

    Of a version's two devices the GPU comes first, since a card that runs anew on it runs on the CPU again, so that
    the two can be compared. Ctrl-C ends them all.
    """
    versions = [one.tensorflow for one in executions]
    runs: dict[Execution, Run] = {}
    stop: click.UsageError | None = None
    for execution in sorted(executions, key=lambda one: (versions.index(one.tensorflow), one.device == "cpu")):
        on_gpu = replace(execution, device="gpu")
        good = known
        if on_gpu in runs:
            good = comparable(known, runs[on_gpu].verdicts)
        elif replace(execution, device="cpu") in executions:
            good = paired(known, notes)
        try:
            run = run_notes(project, notes, good, scope, execution, show)
        except click.UsageError as error:
            stop = error
            break
        if on_gpu in runs:
            runs[on_gpu] = _compared(project, notes, run, runs[on_gpu], on_gpu, show)
        runs[execution] = run
        stop = refusal(run.stopped, execution) if run.stopped else None
        if stop or run.interrupted:
            break
    return [runs[one] for one in executions if one in runs], stop


def _compared(project: Project, notes: Sequence[Note], cpu: Run, gpu: Run, execution: Execution, show: _Show) -> Run:
    """The run on the GPU, in which what disagrees with the CPU fails; `show` is told."""
    arguments, seen = ("--fresh", *chosen(execution, notes, "all")), options.seen_from_here(project)
    verdicts, problems = [], []
    for before, after in zip(gpu.verdicts, agreeing(cpu.verdicts, gpu.verdicts), strict=True):
        problem = after.problem
        if problem and problem != before.problem:
            problem = with_command(problem, notes, arguments, seen)
            problems.append(problem)
        verdicts.append(replace(after, problem=problem))
    show(problems)
    return replace(gpu, verdicts=tuple(verdicts), problems=(*gpu.problems, *problems))
