"""`verify --accept`: what came out, written into the cards."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby

import click

from verideck.commands import options
from verideck.commands.execution import chosen
from verideck.commands.running import run_notes
from verideck.files import write
from verideck.model import Note, Problem, Verdict
from verideck.parse import parse
from verideck.project import Project
from verideck.report.again import with_command
from verideck.verify import Execution, Run
from verideck.verify.accept import accept, acceptable, objection


def accept_outputs(project: Project, notes: Sequence[Note], execution: Execution) -> list[Problem]:
    """Write outputs into the card files; refuse those that are not the same in a second run and with another seed.

    A file with other problems stays as it is: what an unclosed fence has swallowed would be taken for output.
    """
    first = _run(project, notes, execution)
    readable = project.selected - {problem.span.path for problem in project.problems if problem.code != "VD111"}
    pending = [v for v in first.verdicts if acceptable(v) and v.snippet.span.path in readable]
    cards = {verdict.card for verdict in pending}
    again = [note for note in notes if note.card.id in cards]
    others = [_run(project, again, replace(execution, seed=execution.seed + by)) for by in (0, 1)]
    objections = [(verdict, objection(verdict, [run.verdicts for run in others])) for verdict in pending]
    steady = sorted((v for v, problem in objections if problem is None), key=lambda verdict: verdict.snippet.span)
    problems = [problem for _, problem in objections if problem is not None]
    for path, verdicts in groupby(steady, key=lambda verdict: verdict.snippet.span.path):
        problems += _write(project, path, list(verdicts), first)
    root, arguments = options.seen_from_here(project), ("--accept", *chosen(execution))
    return [with_command(problem, notes, arguments, root) for problem in problems]


def _run(project: Project, notes: Sequence[Note], execution: Execution) -> Run:
    """The run, if nobody interrupted it; else it is also the end of the command."""
    run = run_notes(project, notes, {}, "fresh", execution)
    if run.interrupted:
        options.leave((), interrupted="nothing was written")
    return run


def _write(project: Project, path: str, verdicts: list[Verdict], run: Run) -> list[Problem]:
    """Write the outputs into one file, unless it could then not be read as it is meant."""
    text = accept(project.texts[path], verdicts, run.here)
    faults = [fault for fault in parse(text, path)[1] if fault.code != "VD111"]
    if faults:
        message = f"the outputs of this file cannot be written, as then {faults[0].message}"
        return [Problem(verdicts[0].snippet.span, "VD512", message, "print something else, or less")]
    write(project.root / path, text.encode())
    click.echo(f"{path}: outputs written; read the difference before you commit it", err=True)
    return []
