"""`verideck verify`: run snippets, judge what they print, remember what passed."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from itertools import pairwise
from pathlib import Path

import click

from verideck.commands import options
from verideck.commands.accepting import accept_outputs
from verideck.commands.execution import Wanted, all_options, executions
from verideck.commands.running import run_notes
from verideck.edition import Edition, editions, now
from verideck.files import write
from verideck.model import Note, Problem
from verideck.project import Project
from verideck.report.problems import in_order
from verideck.report.table import table
from verideck.report.verdicts import as_json, summary
from verideck.verify import Run, Scope
from verideck.verify.agreement import disagreements


@click.command()
@options.paths
@click.option("--accept", "accepting", is_flag=True, help="Write what came out into the cards; read the difference.")
@click.option("--card", "ids", multiple=True, metavar="ID", help="Only cards with this id; may be given repeatedly.")
@click.option("--fresh", is_flag=True, help="Run everything, whatever deck.lock says.")
@all_options
@options.formats
def command(
    paths: tuple[Path, ...], form: str, ids: tuple[str, ...], wanted: Wanted, *, accepting: bool, fresh: bool
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
            notes = _selected(project, edition, ids, wanted)
            refused += accept_outputs(project, notes, next(executions(wanted, edition.deck)))
        project = options.read_project(paths)
    found, unread = editions(project)
    problems = [problem for problem in (*unread, *refused) if problem.span.path in project.selected or not paths]

    def show(some: Sequence[Problem]) -> None:
        if form == "text":  # the others tell all of it in the end
            options.report(some, project.texts, form)

    show(problems)
    scope: Scope = "fresh" if fresh else "missing"
    runs = _run_decks(
        project, [(edition, _selected(project, edition, ids, wanted)) for edition in found], wanted, scope, show
    )
    late = [problem for some in runs for problem in _late(some)]
    show(late)
    problems += [*late, *(problem for some in runs for run in some for problem in run.problems)]
    _print(runs, problems, project, form)
    readable = not options.failed(unread)
    if readable:
        for edition, some in zip(found, runs, strict=False):  # after Ctrl-C, decks are left over
            evidence = [one for run in some for one in run.evidence]
            write(project.root / edition.lock_path, edition.renewed(evidence, now()).text.encode())
    elif any(run.evidence for some in runs for run in some):  # a card that could not be read would lose its line
        click.echo("deck.lock was not written: it waits until every file of the deck can be read", err=True)
    kept = "what has passed is in deck.lock" if readable else "nothing was written"
    options.leave(problems, interrupted=kept if _interrupted(runs) else "")


def _run_decks(
    project: Project,
    decks: Sequence[tuple[Edition, Sequence[Note]]],
    wanted: Wanted,
    scope: Scope,
    show: Callable[[Sequence[Problem]], None],
) -> list[list[Run]]:
    """The runs of each deck, one for each version and device; Ctrl-C ends them all."""
    runs: list[list[Run]] = []
    for edition, notes in decks:
        runs.append([])
        for execution in executions(wanted, edition.deck):
            runs[-1].append(run_notes(project, notes, edition.known, scope, execution, show))
            if runs[-1][-1].interrupted:
                return runs
    return runs


def _selected(project: Project, edition: Edition, ids: Collection[str] = (), wanted: Wanted = Wanted()) -> list[Note]:
    """The notes in the files that are meant; of these, those with one of the ids, if any, and in the shard."""
    notes = [note for note in edition.notes if note.card.span.path in project.selected]
    return wanted.shard.share([note for note in notes if not ids or note.card.id in ids])


def _late(runs: Sequence[Run]) -> list[Problem]:
    """What is said of a deck only after its runs: that it could not run at all; where CPU and GPU disagree."""
    told = {problem for run in runs for verdict in run.verdicts for problem in verdict.problems}
    found = [problem for run in runs for problem in run.problems if problem not in told]
    for cpu, gpu in pairwise(runs):
        if (cpu.here.device, gpu.here.device) == ("cpu", "gpu"):
            found += disagreements(cpu.verdicts, gpu.verdicts)
    return found


def _print(runs: Sequence[Sequence[Run]], problems: Sequence[Problem], project: Project, form: str) -> None:
    """What the format asks for of the whole; with `text`, the problems have been shown already."""
    everything = [run for some in runs for run in some]
    if form == "json":
        options.print_json(as_json(everything, in_order(problems)))
    elif form == "text":
        click.echo("".join(map(summary, everything)) + "".join(map(table, runs)), nl=False)
    else:
        options.report(problems, project.texts, form)


def _interrupted(runs: Iterable[Sequence[Run]]) -> bool:
    return any(run.interrupted for some in runs for run in some)
