"""A deck and its notes as the one tree that every print template reads."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from verideck.model import Kind, Snippet
from verideck.render.print.content import blocks, printed, prose
from verideck.render.print.inline import title
from verideck.render.print.node import Node, node, text

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from verideck.model import Card, Citation, Claim, Deck, Dispute, Evidence, Note, Reading

LANGUAGE = re.compile(r"(?P<lang>[a-z]{2,3})(?:[-_](?:[A-Z][a-z]{3}[-_])?(?P<region>[A-Z]{2}))?$")


def document(deck: Deck, notes: Sequence[Note]) -> Node:
    """Lay out what the templates get: the deck's own fields, `cards` and `sources`.

    `language` and `region` are codes
    that Typst takes (https://typst.app/docs/reference/text/text/#parameters-lang), else English.
    """
    language = LANGUAGE.match(deck.language)
    cited = {source.key: source for note in notes for source in note.sources}
    sources = {source.key: source for source in deck.sources} | cited
    return {
        "name": deck.name,
        "description": deck.description,
        "licence": deck.licence,
        "url": deck.url,
        "language": language["lang"] if language else "en",
        "region": language["region"] if language else None,
        "sources": [{"key": s.key, "title": s.title, "url": s.url} for _, s in sorted(sources.items())],
        "cards": [_card(note, number) for number, note in enumerate(notes, start=1)],
    }


def _card(note: Note, number: int) -> Node:
    """Lay out one card: `title` has its gaps, `front` stands below it, `answer` is all that the back says."""
    shown = note.card
    outputs = shown.kind is not Kind.OUTPUT
    return {
        "n": number,
        "id": shown.id,
        "kind": shown.kind.value,
        "tags": list(note.tags),
        "title": title(shown.title, reveal=False),
        "front": blocks(shown.front, reveal=False, outputs=outputs),
        "answer": _answer(shown),
        "disputes": [_dispute(each) for each in note.disputes],
        "claims": [_claim(each) for each in shown.claims],
        "ran": _environments(evidence for found in note.evidence for evidence in found),
        "unrun": _unrun(note),
    }


def _answer(shown: Card) -> list[Node]:
    """Make the back, and in front of it whatever the card's kind asked for."""
    back = blocks(shown.back)
    if shown.kind is Kind.CLOZE:
        return [*_filled(shown), *back]
    if shown.kind is Kind.OUTPUT:
        return [*_confirmed(shown), *back]
    if shown.kind is Kind.TYPE:
        return _typed(shown.typed, back)
    return back


def _filled(shown: Card) -> list[Node]:
    """Repeat what of a cloze card's front had gaps, complete."""
    lines = [node("paragraph", c=title(shown.title, reveal=True)), *blocks(shown.front)]
    gapped = [node("paragraph", c=title(shown.title, reveal=False)), *blocks(shown.front, reveal=False)]
    return [full for full, gap in zip(lines, gapped, strict=True) if full != gap]


def _confirmed(shown: Card) -> list[Node]:
    """Say what the front's snippets print; a session, which holds its outputs itself, is shown whole."""
    nodes: list[Node] = []
    for block in shown.front:
        if isinstance(block, Snippet):
            nodes += blocks([block]) if block.session else printed(block)
    return nodes


def _typed(wanted: str, back: list[Node]) -> list[Node]:
    """Set the answer to be typed in bold, whether or not the back starts with it."""
    bold = node("paragraph", c=[node("strong", c=[text(wanted)])])
    first = back[0].get("c") if back and back[0]["t"] == "paragraph" else None
    starts = isinstance(first, list) and "".join(str(part.get("s", "")) for part in first) == wanted
    return [bold, *(back[1:] if starts else back)]


def _cited(citation: Citation) -> Node:
    """Name a source's key and its lines, as text (`31`, `31-33`, or nothing)."""
    first, last = citation.lines or (0, 0)
    lines = str(first) if first == last else f"{first}-{last}"
    return {"source": citation.source, "lines": lines if citation.lines else ""}


def _dispute(each: Dispute) -> Node:
    """Lay out a conflict, its readings with what became of them, its ruling and what supports that."""
    ruling = each.conflict.ruling
    return {
        "title": title(each.conflict.title, reveal=True),
        "readings": [
            {**_cited(reading.citation), "text": prose(reading.markdown), "fate": _fate(each, reading)}
            for reading in each.conflict.readings
        ],
        "verdict": ruling.verdict,
        "scope": title(ruling.scope, reveal=True) if ruling.scope else [],
        "reason": prose(ruling.reason),
        "evidence": blocks(each.conflict.evidence),
    }


def _fate(each: Dispute, reading: Reading) -> str:
    """Say `upheld`, `set-aside`, or the verdict that leaves the reading standing (`depends`, `open`)."""
    if reading in each.upheld:
        return "upheld"
    return "set-aside" if reading in each.set_aside else each.conflict.ruling.verdict


def _claim(each: Claim) -> Node:
    """Lay out one statement of a source and its verdict."""
    condition = title(each.condition, reveal=True) if each.condition else []
    return {**_cited(each.citation), "verdict": each.verdict, "condition": condition, "text": prose(each.markdown)}


def _environments(found: Iterable[Evidence]) -> list[Node]:
    """List where the snippets passed, each place once.

    One that loaded fewer libraries goes into one that loaded more.
    """
    places = [
        {"tensorflow": e.tensorflow, "keras": e.keras, "numpy": e.numpy, "python": e.python, "device": e.device}
        for e in dict.fromkeys(found)
        if e.outcome == "pass"
    ]
    kept: list[dict[str, str]] = []
    for place in sorted(places, key=lambda p: sum(map(bool, p.values())), reverse=True):
        if not any(all(value in {"", more[name]} for name, value in place.items()) for more in kept):
            kept.append(place)
    return [{name: place[name] for name in place} for place in sorted(kept, key=lambda p: tuple(p.values()))]


def _unrun(note: Note) -> list[Node]:
    """List the snippets without passing evidence, by line, with what their options say about the reason."""
    nodes: list[Node] = []
    for index, snippet in enumerate(note.card.snippets()):
        found = note.evidence[index] if index < len(note.evidence) else ()
        if not any(evidence.outcome == "pass" for evidence in found):
            options = snippet.options
            conditions: Node = {"no_run": options.no_run, "gpu": options.gpu, "tensorflow": options.tensorflow}
            nodes.append({"line": snippet.span.line, **conditions})
    return nodes
