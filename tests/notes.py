"""Notes made by hand, for the tests of what renders them: one line of a test says what differs from an ordinary one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from verideck.model import (
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

SPAN = Span("cards/demo/01-example.md", 5)
SOURCES = (Source("A", "First answers", "https://example.org/a?x=1&y=2"), Source("B", "Second answers"))
DECK = Deck(
    id="demo",
    name="Languages::Demo",
    path="cards/demo",
    description="For tests <only>.",
    licence="CC BY 4.0",
    url="https://example.org/demo",
    sources=SOURCES,
)
RAN = Evidence(key="k", python="3.11.7", tensorflow="2.21.0", keras="3.15.1", numpy="2.4.0")


def templates(surface: str = "anki") -> dict[str, str]:
    """The files of templates/<surface>, by their names relative to it."""
    root = Path(__file__).parent.parent / "templates" / surface
    return {path.relative_to(root).as_posix(): path.read_text("utf-8") for path in root.rglob("*") if path.is_file()}


def text(markdown: str) -> Prose:
    return Prose(markdown, SPAN)


def listing(code: str, language: str = "") -> Listing:
    return Listing(language, code, SPAN)


def snippet(code: str, *outputs: str, session: bool = False, **options: Any) -> Snippet:
    return Snippet(code, SPAN, Options(**options), tuple(Output(output, SPAN) for output in outputs), session)


def card(id: str = "one", kind: Kind = Kind.BASIC, **changes: Any) -> Card:  # noqa: A002 - Card's own names
    made: dict[str, Any] = {
        "title": "Which *dtype* has `tf.range(3)`?",
        "front": (),
        "back": (text("`tf.int32`."),),
        "conflicts": (),
        "claims": (),
        "tags": (),
        "typed": "",
        "text": "",
        "span": SPAN,
    }
    return Card(id=id, kind=kind, **(made | changes))


def note(made: Card | None = None, **changes: Any) -> Note:
    made = made or card()
    values: dict[str, Any] = {
        "deck": DECK,
        "guid": f"demo/{made.id}",
        "content": "",
        "disputes": (),
        "tags": ("tensors", "verideck::demo"),
        "sources": (),
        "mod": 1_788_300_000,
    }
    return Note(card=made, **(values | changes))


def disputed() -> Note:
    """A note with all that can be folded away: a conflict that is ruled on, claims, evidence, sources."""
    sets = Reading(Citation("A", (31, 33)), "sets are one of the *structures*.", SPAN)
    placeholders = Reading(Citation("B", (49, 49)), "placeholders are one; they feed `values`.", SPAN)
    ruling = Ruling("A", "", "Placeholders left the main interface with TensorFlow 2.", SPAN)
    probe = snippet('import tensorflow as tf\nprint(hasattr(tf, "placeholder"))\n', "False\n")
    conflict = Conflict("which", "placeholders or `sets`?", (sets, placeholders), ruling, (probe,), SPAN)
    claims = (
        Claim(Citation("A", (31, 31)), "true", "", "sets are one of the six.", SPAN),
        Claim(Citation("B", (49, 49)), "stale", "TensorFlow 1 only", "placeholders feed data into a graph.", SPAN),
    )
    shown = snippet("import tensorflow as tf\nprint(tf.constant([1]))\n", "tf.Tensor([1], shape=(1,), dtype=int32)\n")
    back = (text("Sets, kept as tensors."), shown)
    made = card("disputed", title="Name a structure beyond tensors.", back=back, conflicts=(conflict,), claims=claims)
    dispute = Dispute(conflict, upheld=(sets,), set_aside=(placeholders,))
    return note(made, disputes=(dispute,), sources=SOURCES, evidence=((RAN,), (RAN,)))


def every_kind() -> list[Note]:
    """A note of every kind, and the one of `disputed`."""
    tensor = "<tf.Tensor: shape=(), dtype=int32, numpy=3>\n"
    prints = snippet("import tensorflow as tf\nprint(repr(tf.constant(3)))\n", tensor)
    rest = "the rest"
    return [
        note(card("basic", back=(text("A tensor:"), prints)), evidence=((RAN,),)),
        note(card("reversed", Kind.REVERSED, title="The mutable tensor", back=(text("`tf.Variable`"),))),
        note(card("typed", Kind.TYPE, typed="numpy", back=(text("numpy\n\nA method of every eager tensor."),))),
        note(
            card("output", Kind.OUTPUT, title="What does this print?", front=(prints,), back=(text(rest),)),
            evidence=((RAN,),),
        ),
        note(
            card(
                "cloze",
                Kind.CLOZE,
                title="The default float",
                front=(text("It has {{c1::32::how many}} bits, NumPy's {{c2::sixty-{{c3::four}}}}: `{'a': {}}`."),),
                back=(snippet("print({'a': {'b': '{{c9::no}}'}})\n", "{'a': {'b': '{{c9::no}}'}}\n"),),
            )
        ),
        disputed(),
    ]
