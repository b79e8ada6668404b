"""Notes made by hand for the tests of print: no parser stands between a test and what it means."""

from __future__ import annotations

from verideck.model import (
    Block,
    Card,
    Citation,
    Claim,
    Conflict,
    Deck,
    Dispute,
    Evidence,
    Kind,
    Listing,
    Note,
    Options,
    Output,
    Prose,
    Reading,
    Ruling,
    Snippet,
    Source,
    Span,
)

HERE = Span("cards/demo/01-first.md", 7)
A = Source("A", "First answers", "https://example.org/a")
B = Source("B", "Second answers")
DECK = Deck(
    id="demo",
    name="Parent::Demo deck",
    path="cards/demo",
    description="What a deck is about.",
    licence="CC BY 4.0",
    sources=(A, B),
)
RAN = Evidence("k", python="3.11.7", tensorflow="2.21.0", keras="3.15.1", numpy="2.4.6")


def prose(markdown: str) -> Prose:
    return Prose(markdown, HERE)


def listing(text: str, language: str = "text") -> Listing:
    return Listing(language, text, HERE)


def snippet(code: str, *outputs: str, options: Options | None = None) -> Snippet:
    session = code.startswith(">>>")
    return Snippet(code, HERE, options or Options(), tuple(Output(text, HERE) for text in outputs), session=session)


def note(  # noqa: PLR0913 - each names one part of a card
    card_id: str,
    title: str,
    *back: Block,
    front: tuple[Block, ...] = (),
    kind: Kind = Kind.BASIC,
    typed: str = "",
    disputes: tuple[Dispute, ...] = (),
    claims: tuple[Claim, ...] = (),
    mod: int = 0,
) -> Note:
    """A note whose snippets all ran, but for those that say that they do not."""
    conflicts = tuple(dispute.conflict for dispute in disputes)
    card = Card(card_id, kind, title, front, back, conflicts, claims, (), typed, "", HERE)
    evidence = tuple(() if found.options.no_run else (RAN,) for found in card.snippets())
    return Note(DECK, card, f"guid-{card_id}", "hash", disputes, (), (A, B), mod, evidence)


def dispute(verdict: str, scope: str = "") -> Dispute:
    first = Reading(Citation("A", (31, 31)), "sets are one of *six*.", HERE)
    second = Reading(Citation("B", (49, 52)), "placeholders are one.", HERE)
    ruling = Ruling(verdict, scope, "Placeholders left with TensorFlow 2.", HERE)
    evidence = (snippet('print(hasattr(tf, "placeholder"))', "False"),)
    conflict = Conflict("sets", "placeholders or sets?", (first, second), ruling, evidence, HERE)
    upheld = tuple(r for r in (first, second) if verdict in {"both", r.citation.source})
    decided = verdict not in {"depends", "open"}
    set_aside = tuple(r for r in (first, second) if r not in upheld) if decided else ()
    return Dispute(conflict, upheld, set_aside)


def one_of_each_kind() -> list[Note]:
    """A short card of every kind, with a question that no other has."""
    claims = (
        Claim(Citation("A", (31, 31)), "true", "", "sets are one of the six.", HERE),
        Claim(Citation("B"), "stale", "TensorFlow 1 only", "placeholders feed data.", HERE),
    )
    return [
        note(
            "basic",
            "Which structures has `tf` beyond tensors?",
            prose("Sets, **queues** and\n\n- strings\n- ragged tensors"),
            snippet("print(tf.sets)", "a module"),
            disputes=(dispute("A"),),
            claims=claims,
        ),
        note("reversed", "The mutable tensor", prose("`tf.Variable`"), kind=Kind.REVERSED),
        note("type", "Who reads a value?", prose("numpy\n\nA method."), kind=Kind.TYPE, typed="numpy"),
        note("output", "What is printed?", prose("Six."), front=(snippet("print(3 + 3)", "6!"),), kind=Kind.OUTPUT),
        note(
            "cloze",
            "The default float",
            snippet("print(np.zeros(1).dtype)", "float64"),
            front=(prose("TensorFlow has {{c1::thirtytwo::how many}} bits, NumPy {{c2::`sixtyfour`}}."),),
            kind=Kind.CLOZE,
        ),
    ]
