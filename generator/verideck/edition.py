"""A deck on its way to being published: its notes, its lock, and what the two make together."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

from verideck.lock import LAST, Lock, read_lock, render_lock, seal, update
from verideck.model import Deck, Evidence, Note, Problem, Span
from verideck.project import Project, Shelf
from verideck.resolve import resolve
from verideck.verify.environment import imported_by


@dataclass(frozen=True, slots=True)
class Edition:
    """A deck, its resolved notes in order, the lock, and the lock's text, as read or as renewed."""

    deck: Deck
    notes: tuple[Note, ...]
    lock: Lock
    text: str

    @property
    def lock_path(self) -> str:
        """Where the lock lies, relative to the project."""
        return f"{self.deck.path}/deck.lock"

    @property
    def known(self) -> dict[str, Sequence[Evidence]]:
        """The lock's evidence by card id."""
        return {card: locked.evidence for card, locked in self.lock.items()}

    def reread(self, text: str) -> tuple[Edition, tuple[Problem, ...]]:
        """The edition with its lock as the file holds it now, since another run may have written it meanwhile."""
        lock, problems = read_lock(text, self.lock_path)
        return replace(self, lock=lock, text=text), problems

    def renewed(self, evidence: Sequence[Evidence], now: int) -> Edition:
        """The edition with its lock brought up to date and its notes sealed by it; `now` in Unix seconds."""
        lock = update(self.lock, self.notes, evidence, now)
        return replace(self, lock=lock, notes=seal(self.notes, lock), text=render_lock(lock))


def editions(project: Project) -> tuple[tuple[Edition, ...], tuple[Problem, ...]]:
    """An edition of each deck that was read, and all problems so far, those of reading included."""
    found, problems = [], list(project.problems)
    for shelf in project.shelves:
        edition, more = _edition(shelf)
        found.append(edition)
        problems += more
    return tuple(found), tuple(problems)


def _edition(shelf: Shelf) -> tuple[Edition, tuple[Problem, ...]]:
    notes, problems = resolve(shelf.deck, shelf.cards)
    deck = replace(shelf.deck, verify=replace(shelf.deck.verify, libraries=imported_by(notes)))
    notes = tuple(replace(note, deck=deck) for note in notes)
    lock, unreadable = read_lock(shelf.lock, f"{deck.path}/deck.lock")
    return Edition(deck, notes, lock, shelf.lock), (*problems, *unreadable)


def behind(edition: Edition, waiting: Sequence[Note]) -> list[Problem]:
    """What a locked build refuses: cards that the lock does not know as they are, or that still have to run."""
    problems = []
    hint = "run `verideck build` and commit deck.lock"
    for note in edition.notes:
        locked = edition.lock.get(note.card.id)
        if locked is None or locked.content != note.content:
            problems.append(Problem(note.card.span, "VD602", "deck.lock does not know this card as it is", hint))
        elif note in waiting:
            problems.append(Problem(note.card.span, "VD602", "deck.lock holds no evidence that this card passes", hint))
    gone = sorted(set(edition.lock) - {note.card.id for note in edition.notes})
    span = Span(edition.lock_path, 1)
    return problems + [Problem(span, "VD602", f"deck.lock still holds the card {card}", hint) for card in gone]


def now() -> int:
    """The Unix second that a change gets: `SOURCE_DATE_EPOCH` where set (reproducible-builds.org), else the clock."""
    given = os.environ.get("SOURCE_DATE_EPOCH", "")
    return min(int(given), LAST) if given.isascii() and given.isdigit() and len(given) < 20 else int(time.time())  # noqa: PLR2004
