"""Cards in, notes out: rulings are applied to conflicts, and what only the whole deck can tell is checked."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence

from verideck.model import Card, Citation, Conflict, Deck, Dispute, Note, Problem, Span
from verideck.nearest import did_you_mean
from verideck.parse.sections import RULINGS


def resolve(deck: Deck, cards: Sequence[Card]) -> tuple[tuple[Note, ...], tuple[Problem, ...]]:
    """Resolve a deck's cards, in order.

    Problems: ids used twice, sources that deck.toml does not list, rulings for nobody, rulings left
    open. A card whose id is taken, or that has none, makes no note.
    """
    problems: list[Problem] = []
    notes: list[Note] = []
    ids: dict[str, Card] = {}
    conflicts: dict[str, Conflict] = {}
    for card in cards:
        first = ids.setdefault(card.id, card) if card.id else card
        if first is not card:
            problems.append(_taken(card.span, card.id, first.span, "card"))
        for conflict in card.conflicts:
            other = conflicts.setdefault(conflict.id, conflict) if conflict.id else conflict
            if other is not conflict:
                problems.append(_taken(conflict.span, conflict.id, other.span, "conflict"))
            problems += _check_ruling(conflict, deck)
        problems += _check_citations(card, deck)
        if card.id and first is card:
            notes.append(_note(deck, card))
    return tuple(notes), tuple(problems)


def guid(deck_id: str, card_id: str) -> str:
    """Anki's global id of a note. JSON keeps the two apart, whatever is in them (`a`, `b-c` and `a-b`, `c`)."""
    return hashlib.sha256(json.dumps(["verideck", deck_id, card_id]).encode()).hexdigest()[:20]


def content_hash(card: Card) -> str:
    """What a learner is to be told of when it changes: the card as written and its tags, nothing of its neighbours."""
    lines = (line.rstrip() + ("  " if line.endswith("  ") and line.strip() else "") for line in card.text.split("\n"))
    text = "\n".join(lines)  # two spaces at its end break a line in Markdown, more or fewer mean nothing
    return hashlib.sha256(json.dumps([text, card.tags]).encode()).hexdigest()[:20]


def _note(deck: Deck, card: Card) -> Note:
    disputes = tuple(_settle(conflict) for conflict in card.conflicts)
    cited = {citation.source for citation, _ in _citations(card)}
    state = [tag for tag, holds in (("disputed", bool(disputes)), ("stale", _stale(card))) if holds]
    return Note(
        deck=deck,
        card=card,
        guid=guid(deck.id, card.id),
        content=content_hash(card),
        disputes=disputes,
        tags=tuple(dict.fromkeys((*card.tags, *state))),
        sources=tuple(source for source in deck.sources if source.key in cited),
    )


def _settle(conflict: Conflict) -> Dispute:
    """Split the readings by the ruling: those of the source that it names, or all, or none, stand."""
    verdict = conflict.ruling.verdict
    if verdict in ("depends", "open"):
        return Dispute(conflict, (), ())
    upheld = tuple(r for r in conflict.readings if verdict in ("both", r.citation.source))
    return Dispute(conflict, upheld, tuple(r for r in conflict.readings if r not in upheld))


def _stale(card: Card) -> bool:
    return any(claim.verdict == "stale" for claim in card.claims)


def _citations(card: Card) -> Iterator[tuple[Citation, Span]]:
    for conflict in card.conflicts:
        yield from ((reading.citation, reading.span) for reading in conflict.readings)
    yield from ((claim.citation, claim.span) for claim in card.claims)


def _check_citations(card: Card, deck: Deck) -> Iterator[Problem]:
    keys = [source.key for source in deck.sources]
    for citation, span in _citations(card):
        if citation.source not in keys:
            at = Span(span.path, span.line, span.column, len(citation.source))
            yield Problem(at, "VD307", f"deck.toml has no source {citation.source}", _known(citation.source, keys))


def _check_ruling(conflict: Conflict, deck: Deck) -> Iterator[Problem]:
    verdict, span = conflict.ruling.verdict, conflict.ruling.span
    keys = [source.key for source in deck.sources]
    speakers = [reading.citation.source for reading in conflict.readings]
    if verdict == "open":
        if span != conflict.span and not deck.allow_open:  # a missing or unreadable ruling is a problem of its own
            hint = "decide, or write allow-open = true under [reconcile] in deck.toml"
            yield Problem(span, "VD308", f"the conflict “{conflict.title}” is still open", hint)
    elif verdict not in (*keys, *RULINGS):
        yield Problem(span, "VD309", f"{verdict} is neither a source nor a ruling", _known(verdict, [*keys, *RULINGS]))
    elif verdict in keys and verdict not in speakers:
        hint = "rule for one that does, or neither, or add its reading"
        yield Problem(span, "VD309", f"source {verdict} has no reading in this conflict", hint)


def _known(name: str, keys: Iterable[str]) -> str:
    return did_you_mean(name, keys) or f'add [sources.{name}] with title = "…" to deck.toml'


def _taken(span: Span, identifier: str, first: Span, what: str) -> Problem:
    message = f"the id {identifier} belongs to the {what} at {first.path}:{first.line}"
    return Problem(span, "VD401", message, "give this one another id; an id that learners know must stay")
