"""Sealed notes in, the files that learners and teachers get out, as bytes."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from verideck.edition import Edition
from verideck.templates import read_templates


@dataclass(frozen=True, slots=True)
class Artifact:
    """A file to be: its name in `build/`, what it is, its content."""

    name: str
    kind: str
    content: bytes


def publish(edition: Edition, project: Path) -> tuple[Artifact, ...]:
    """Render a deck's Anki package, study sheet and cut-out cards."""
    from verideck.render import anki
    from verideck.render import print as paper

    deck, notes = edition.deck, edition.notes
    web = {name: content.decode() for name, content in read_templates(project, "anki").items()}
    typst = read_templates(project, "print")
    return (
        Artifact(f"{deck.id}.apkg", "anki", anki.render(deck, notes, web)),
        Artifact(f"{deck.id}-study-sheet.pdf", "study-sheet", paper.study_sheet(deck, notes, typst)),
        Artifact(f"{deck.id}-cards.pdf", "cards", paper.cards(deck, notes, typst)),
    )
