"""`verify --accept`: what came out, written into the cards."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import groupby

import click

from verideck.commands import options
from verideck.commands.execution import LAST_SEED, chosen
from verideck.commands.running import refusal, run_notes
from verideck.files import write
from verideck.model import Note, Problem, Verdict
from verideck.parse import parse
from verideck.project import Project
from verideck.report.again import with_command
from verideck.verify import Execution, Run
from verideck.verify.accept import accept, acceptable, objection


def accept_outputs(project: Project, decks: Iterable[tuple[Sequence[Note], Execution]]) -> list[Problem]:
    """Write outputs into the card files; refuse those that are not the same in a second run and with another seed.

    A file with other problems stays as it is: what an unclosed fence has swallowed would be taken for output.
    """
    written: list[str] = []
    return [problem for notes, execution in decks for problem in _accept(project, notes, execution, written)]


def _accept(project: Project, notes: Sequence[Note], execution: Execution, written: list[str]) -> list[Problem]:
    """The outputs of one deck; the files that are `written` are added to those of the decks before."""
    first = _run(project, notes, execution, written)
    readable = project.selected - {problem.span.path for problem in project.problems if problem.code != "VD111"}
    pending = [v for v in first.verdicts if acceptable(v) and v.snippet.span.path in readable]
    cards = {verdict.card for verdict in pending}
    again = [note for note in notes if note.card.id in cards]
    another = execution.seed + (1 if execution.seed < LAST_SEED else -1)
    others = [_run(project, again, replace(execution, seed=seed), written) for seed in (execution.seed, another)]
    objections = [(verdict, objection(verdict, [run.verdicts for run in others])) for verdict in pending]
    steady = sorted((v for v, problem in objections if problem is None), key=lambda verdict: verdict.snippet.span)
    problems = [problem for _, problem in objections if problem is not None]
    for path, verdicts in groupby(steady, key=lambda verdict: verdict.snippet.span.path):
        faults = _write(project, path, list(verdicts), first)
        written += [path] if not faults else []
        problems += faults
    root, arguments = options.seen_from_here(project), ("--accept", *chosen(execution, notes))
    return [with_command(problem, notes, arguments, root) for problem in problems]


def _run(project: Project, notes: Sequence[Note], execution: Execution, written: Sequence[str]) -> Run:
    """The run, if it came to its end; else it is also the end of the command."""
    run = run_notes(project, notes, {}, "fresh", execution)
    if run.interrupted:
        kept = f"the outputs in {', '.join(written)} were written" if written else "nothing was written"
        options.leave((), interrupted=kept)
    if run.stopped:
        raise refusal(run.stopped, execution)
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
