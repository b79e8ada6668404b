"""`verideck check`: everything that can be said of the cards without running them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from verideck.commands import options
from verideck.edition import Edition, editions
from verideck.report.problems import as_json, in_order


@click.command()
@options.paths
@options.formats
def command(paths: tuple[Path, ...], form: str) -> None:
    """Say what is wrong with the cards, without running any.

    PATH is a deck, a folder or a card file; without one, all decks are checked.

    Example: verideck check cards/hands-on-ml-12/03-range.md
    """
    project = options.read_project(paths)
    found, problems = editions(project)
    problems = tuple(problem for problem in problems if problem.span.path in project.selected or not paths)
    if form == "json":
        decks = [_summary(edition) for edition in found]
        options.print_json({"problems": [as_json(problem) for problem in in_order(problems)], "decks": decks})
    options.report(problems, project.texts, form)
    if form == "text" and not options.failed(problems):
        fine = "no errors" if problems else "no problems"
        for edition in found:
            cards, conflicts = len(edition.notes), sum(len(note.disputes) for note in edition.notes)
            counted = f"{options.count(cards, 'card')}, {options.count(conflicts, 'conflict')}"
            click.echo(f"{edition.deck.id}: {counted}, {fine}")
    options.leave(problems)


def _summary(edition: Edition) -> dict[str, Any]:
    conflicts = [conflict for note in edition.notes for conflict in note.card.conflicts]
    return {
        "id": edition.deck.id,
        "cards": len(edition.notes),
        "conflicts": len(conflicts),
        "open": sum(conflict.ruling.verdict == "open" for conflict in conflicts),
    }
