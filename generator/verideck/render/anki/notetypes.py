"""The note types, frozen: names may change, numbers never, and no field is added or taken away.

Anki matches note types, fields and templates by their ids. Notes of a note type whose fields differ from
the learner's cannot be updated any more, so what is needed later takes a spare field.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import genanki

from verideck.model import Kind

SCHEMA = 1
"""Raised with `MODIFIED` whenever a name, a card template or the style changes, so that Anki takes the new ones."""

MODIFIED = 1_788_220_800
"""When this schema was made (2026-09-01, Unix seconds): what Anki compares to tell whether to update a note type."""

_COMMON = (
    (10, "Dispute"),
    (11, "Claims"),
    (12, "Evidence"),
    (13, "Sources"),
    (14, "Origin"),
    (15, "Language"),
    (16, "Id"),
    (17, "Spare1"),
    (18, "Spare2"),
    (19, "Spare3"),
)
_PARTIAL = re.compile(r"\{\{>\s*([\w.-]+)\s*\}\}")


@dataclass(frozen=True, slots=True)
class NoteType:
    """A note type: `fields` and `cards` start with the number from which their id is made.

    A card is its number, its name, and the template files of its front and back, without `.html`.
    """

    id: int
    name: str
    fields: tuple[tuple[int, str], ...]
    cards: tuple[tuple[int, str, str, str], ...]
    cloze: bool = False


_BASIC = NoteType(
    1_788_220_800_001,
    "Verideck Basic",
    ((1, "Front"), (2, "Back"), *_COMMON),
    ((1, "Card", "basic/front", "basic/back"),),
)
_REVERSED = NoteType(
    1_788_220_800_002,
    "Verideck Reversed",
    ((1, "Front"), (2, "Back"), *_COMMON),
    (
        (1, "Forwards", "reversed/front", "reversed/back"),
        (2, "Backwards", "reversed/backwards-front", "reversed/backwards-back"),
    ),
)
_TYPED = NoteType(
    1_788_220_800_003,
    "Verideck Typed",
    ((1, "Front"), (3, "Answer"), (2, "Back"), *_COMMON),
    ((1, "Card", "typed/front", "typed/back"),),
)
_CLOZE = NoteType(
    1_788_220_800_004,
    "Verideck Cloze",
    ((4, "Text"), (2, "Back"), *_COMMON),
    ((1, "Cloze", "cloze/front", "cloze/back"),),
    cloze=True,
)

NOTE_TYPES = {
    Kind.BASIC: _BASIC,
    Kind.OUTPUT: _BASIC,
    Kind.REVERSED: _REVERSED,
    Kind.TYPE: _TYPED,
    Kind.CLOZE: _CLOZE,
}


def model(note_type: NoteType, templates: Mapping[str, str]) -> genanki.Model:
    """The note type as genanki writes it, with its card templates and `style.css` from `templates`.

    A template may take in another with Mustache's `{{>name}}` (`name.html`), which Anki itself cannot.
    Raises `KeyError` where a template is missing.
    """
    return genanki.Model(
        model_id=note_type.id,
        name=note_type.name,
        fields=[_field(note_type, number, name) for number, name in note_type.fields],
        templates=[
            {
                "id": note_type.id * 1000 + 500 + number,
                "name": name,
                "qfmt": _template(front, templates),
                "afmt": _template(back, templates),
            }
            for number, name, front, back in note_type.cards
        ],
        css=templates["style.css"],
        model_type=genanki.Model.CLOZE if note_type.cloze else genanki.Model.FRONT_BACK,
    )


def _field(note_type: NoteType, number: int, name: str) -> dict[str, Any]:
    folded = number >= _COMMON[0][0]  # in Anki's editor: a learner edits what stands on the card
    return {"id": note_type.id * 1000 + number, "name": name, "font": "Arial", "collapsed": folded}


def _template(name: str, templates: Mapping[str, str]) -> str:
    return _PARTIAL.sub(lambda part: templates[f"{part[1]}.html"].strip(), templates[f"{name}.html"]).strip()
