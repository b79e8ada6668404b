"""`verideck verify`: run snippets, judge what they print, remember what passed."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from functools import partial
from pathlib import Path

import click

from verideck.commands import options
from verideck.commands.accepting import accept_outputs
from verideck.commands.execution import Wanted, all_options, executions
from verideck.commands.matrix import run_matrix
from verideck.commands.running import remember
from verideck.edition import Edition, editions
from verideck.files import write
from verideck.model import Evidence, Note, Problem
from verideck.project import Project
from verideck.report.problems import in_order
from verideck.report.table import table
from verideck.report.verdicts import as_json, summary
from verideck.verify import Execution, Run, Scope


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
    found, unread = editions(project)
    options.require_cards(ids, project, (note for edition in found for note in _selected(project, edition)))
    if wanted.shard.status_file:
        write(Path(wanted.shard.status_file), b"")
    where = [executions(wanted, edition.deck) for edition in found]
    refused: list[Problem] = []
    if accepting:
        notes = [_selected(project, edition, ids, wanted) for edition in found]
        refused += accept_outputs(project, zip(notes, (on[0] for on in where), strict=True))
        project = options.read_project(paths)
        found, unread = editions(project)
        where = [executions(wanted, edition.deck) for edition in found]
    problems = [problem for problem in (*unread, *refused) if problem.span.path in project.selected or not paths]
    show = partial(_show, project, form)
    show(problems)
    readable = not options.failed(unread)
    notes = [_selected(project, edition, ids, wanted) for edition in found]
    scope: Scope = "fresh" if fresh else "missing"
    runs, late, stop = _run_decks(project, zip(found, notes, where, strict=True), scope, show, keeping=readable)
    problems += [*late, *(problem for some in runs for run in some for problem in run.problems)]
    if any(runs) or not stop:
        _print(runs, problems, project, form)
    if not readable and any(map(_evidence, runs)):  # a card that could not be read would lose its line
        click.echo("deck.lock was not written: it waits until every file of the deck can be read", err=True)
    if stop:
        raise stop
    kept = "what has passed is in deck.lock" if readable else "nothing was written"
    options.leave(problems, interrupted=kept if any(map(_interrupted, runs)) else "")


def _run_decks(
    project: Project,
    decks: Iterable[tuple[Edition, Sequence[Note], Sequence[Execution]]],
    scope: Scope,
    show: Callable[[Sequence[Problem]], None],
    *,
    keeping: bool,
) -> tuple[list[list[Run]], list[Problem], Exception | None]:
    """The runs of each deck, whose lock is written after them if `keeping`; what is said late; what ended it early."""
    runs: list[list[Run]] = []
    problems: list[Problem] = []
    stop: Exception | None = None
    for edition, notes, on in decks:
        some, stop = run_matrix(project, notes, edition.known, scope, on, show)
        runs.append(some)
        late = _late(some)
        try:
            late += remember(project, edition, _evidence(some))[1] if keeping else ()
        except OSError as error:
            stop = error
        show(late)
        problems += late
        if stop or _interrupted(some):
            break
    return runs, problems, stop


def _show(project: Project, form: str, problems: Sequence[Problem]) -> None:
    """Report problems as they are found, if people read them; other formats tell all of it in the end."""
    if form == "text":
        options.report(problems, project.texts, form)


def _selected(project: Project, edition: Edition, ids: Collection[str] = (), wanted: Wanted = Wanted()) -> list[Note]:
    """The notes in the files that are meant; of these, those with one of the ids, if any, and in the shard."""
    notes = [note for note in edition.notes if note.card.span.path in project.selected]
    return wanted.shard.share([note for note in notes if not ids or note.card.id in ids])


def _evidence(runs: Sequence[Run]) -> list[Evidence]:
    return [one for run in runs for one in run.evidence]


def _late(runs: Sequence[Run]) -> list[Problem]:
    """What is said of a deck only after its runs: that it could not run at all."""
    told = {problem for run in runs for verdict in run.verdicts for problem in verdict.problems}
    return [problem for run in runs for problem in run.problems if problem not in told]


def _print(runs: Sequence[Sequence[Run]], problems: Sequence[Problem], project: Project, form: str) -> None:
    """What the format asks for of the whole; with `text`, the problems have been shown already."""
    everything = [run for some in runs for run in some]
    if form == "json":
        options.print_json(as_json(everything, in_order(problems)))
    elif form == "text":
        words = "".join(map(summary, everything)) + "".join(map(table, runs))
        nothing = "" if problems else "nothing to run: what was selected has no snippets\n"
        click.echo(words or nothing, nl=False)
    else:
        options.report(problems, project.texts, form)


def _interrupted(runs: Sequence[Run]) -> bool:
    return any(run.interrupted for run in runs)
