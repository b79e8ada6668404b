"""`verideck verify`: run snippets, judge what they print, remember what passed."""

from __future__ import annotations

from collections.abc import Collection
from itertools import groupby
from pathlib import Path

import click

from verideck.commands import options
from verideck.edition import Edition, editions, now
from verideck.files import write
from verideck.model import Note, Problem, Verdict
from verideck.parse import parse
from verideck.project import Project
from verideck.report.again import with_command, with_commands
from verideck.report.problems import in_order
from verideck.report.verdicts import as_json, summary
from verideck.verify import SEED, Execution, Isolation, Run, Scope, verify
from verideck.verify.accept import accept, acceptable, objection


@click.command()
@options.paths
@click.option("--accept", "accepting", is_flag=True, help="Write what came out into the cards; read the difference.")
@click.option("--card", "ids", multiple=True, metavar="ID", help="Only cards with this id; may be given repeatedly.")
@click.option("--fresh", is_flag=True, help="Run everything, whatever deck.lock says.")
@click.option(
    "--isolation",
    type=click.Choice(["fork", "spawn", "cold"]),
    default="fork",
    show_default=True,
    help="A child forked from one process that has imported the libraries, or a new Python for each card.",
)
@options.formats
def command(
    paths: tuple[Path, ...], form: str, ids: tuple[str, ...], isolation: Isolation, *, accepting: bool, fresh: bool
) -> None:
    """Run the snippets and hold what they print against what the cards say.

    PATH is a deck, a folder or a card file; without one, all decks are verified. What has passed in this
    environment is not run again; deck.lock remembers it.

    Example: verideck verify --accept cards/hands-on-ml-12/03-range.md
    """
    project = options.read_project(paths)
    found, _ = editions(project)
    options.require_cards(ids, project, (note for edition in found for note in _selected(project, edition)))
    refused: list[Problem] = []
    if accepting:
        for edition in found:
            refused += _accept(project, edition, ids, isolation)
        project = options.read_project(paths)
    found, problems = editions(project)
    runs: list[Run] = []
    for edition in found:
        if not any(run.interrupted for run in runs):
            runs.append(_verify(project, edition, ids, "fresh" if fresh else "missing", isolation))
    readable = not options.failed(problems)
    problems = (*problems, *refused, *(problem for run in runs for problem in run.problems))
    problems = tuple(problem for problem in problems if problem.span.path in project.selected or not paths)
    options.report(problems, project.texts, form)
    if form == "json":
        options.print_json(as_json(runs, in_order(problems)))
    elif form == "text":
        click.echo("".join(map(summary, runs)), nl=False)
    if readable:
        for edition, run in zip(found, runs, strict=False):  # after Ctrl-C, decks are left over
            _remember(project, edition, run)
    elif any(run.evidence for run in runs):  # a card that could not be read would lose its line in the lock
        click.echo("deck.lock was not written: it waits until every file of the deck can be read", err=True)
    kept = "what has passed is in deck.lock" if readable else "nothing was written"
    options.leave(problems, interrupted=kept if any(run.interrupted for run in runs) else "")


def _selected(project: Project, edition: Edition, ids: Collection[str] = ()) -> list[Note]:
    """The notes in the files that are meant; of these, where ids are given, those that have one."""
    notes = [note for note in edition.notes if note.card.span.path in project.selected]
    return [note for note in notes if not ids or note.card.id in ids]


def _chosen(isolation: Isolation) -> tuple[str, ...]:
    """Those options of this run without which a verdict might be another, for the command that repeats it."""
    return ("--isolation", isolation) if isolation != "fork" else ()


def _verify(project: Project, edition: Edition, ids: Collection[str], scope: Scope, isolation: Isolation) -> Run:
    notes = _selected(project, edition, ids)
    with options.progress_bar(f"Running {edition.deck.id}") as progress:
        run = verify(notes, edition.known, scope, Execution(isolation), progress=progress)
    return with_commands(run, notes, _chosen(isolation), options.seen_from_here(project))


def _remember(project: Project, edition: Edition, run: Run) -> None:
    renewed = edition.renewed(run.evidence, now())
    write(project.root / edition.lock_path, renewed.text.encode())


def _uninterrupted(run: Run) -> Run:
    """The run, if nobody interrupted it; else it is also the end of the command."""
    if run.interrupted:
        options.leave((), interrupted="nothing was written")
    return run


def _accept(project: Project, edition: Edition, ids: Collection[str], isolation: Isolation) -> list[Problem]:
    """Write outputs into the card files; refuse those that are not the same in a second run and with another seed.

    A file with other problems stays as it is: what an unclosed fence has swallowed would be taken for output.
    """
    first = _uninterrupted(_verify(project, edition, ids, "fresh", isolation))
    readable = project.selected - {problem.span.path for problem in project.problems if problem.code != "VD111"}
    pending = [v for v in first.verdicts if acceptable(v) and v.snippet.span.path in readable]
    cards = {verdict.card for verdict in pending}
    notes = [note for note in edition.notes if note.card.id in cards]
    seeds = (SEED, SEED + 1)
    again = [_uninterrupted(verify(notes, {}, "fresh", Execution(isolation, seed=seed))) for seed in seeds]
    steady: list[Verdict] = []
    problems: list[Problem] = []
    for verdict in pending:
        problem = objection(verdict, [run.verdicts for run in again])
        if problem:
            problems.append(problem)
        else:
            steady.append(verdict)
    steady.sort(key=lambda verdict: verdict.snippet.span)
    for path, verdicts in groupby(steady, key=lambda verdict: verdict.snippet.span.path):
        accepted = list(verdicts)
        text = accept(project.texts[path], accepted, first.here)
        faults = [fault for fault in parse(text, path)[1] if fault.code != "VD111"]
        if faults:
            message = f"the outputs of this file cannot be written, as then {faults[0].message}"
            problems.append(Problem(accepted[0].snippet.span, "VD512", message, "print something else, or less"))
            continue
        write(project.root / path, text.encode())
        click.echo(f"{path}: outputs written; read the difference before you commit it", err=True)
    root = options.seen_from_here(project)
    return [with_command(problem, notes, ("--accept", *_chosen(isolation)), root) for problem in problems]
