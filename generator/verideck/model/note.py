"""What the renderers get."""

from __future__ import annotations

from dataclasses import dataclass, field

from verideck.model.card import Card, Conflict, Reading
from verideck.model.deck import Deck, Source
from verideck.model.evidence import Evidence


@dataclass(frozen=True, slots=True)
class Dispute:
    """A conflict with its ruling applied: `upheld` and `set_aside` split the readings, in document order.

    Under `both` all are upheld, under `neither` none; under `depends` and `open` neither list has any.
    """

    conflict: Conflict
    upheld: tuple[Reading, ...]
    set_aside: tuple[Reading, ...]


@dataclass(frozen=True, slots=True)
class Note:
    """A card with its conflicts resolved: what the renderers get.

    `guid` is Anki's global id, `content` the content hash, `mod` the Unix time in seconds at which the
    content last changed, `evidence` the passing evidence of each snippet, by snippet key, in the
    order of `card.snippets()`. `sources` are those the card cites.
    """

    deck: Deck
    card: Card
    guid: str
    content: str
    disputes: tuple[Dispute, ...]
    tags: tuple[str, ...]
    sources: tuple[Source, ...]
    mod: int = 0
    evidence: tuple[tuple[Evidence, ...], ...] = field(default=())
