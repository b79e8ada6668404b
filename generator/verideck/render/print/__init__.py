"""Notes in, PDF out: a study sheet to read and cut-out cards to learn from.

Both functions are pure. The templates are those of `templates/print/`, by name relative to that folder;
they alone decide on looks and wording, and get the deck as JSON. Refused: templates that Typst cannot
set (`TemplateError`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from verideck.render.print.document import document
from verideck.render.print.typeset import TemplateError, typeset

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from verideck.model import Deck, Note

__all__ = ["TemplateError", "cards", "study_sheet"]


def study_sheet(deck: Deck, notes: Sequence[Note], templates: Mapping[str, bytes]) -> bytes:
    """`notes` in their order, with disputes, claims, evidence and sources, as the bytes of an A4 PDF.

    `templates` maps names such as `study-sheet.typ` to content. Raises `TemplateError`.
    """
    return typeset("study-sheet.typ", document(deck, notes), templates, newest(notes))


def cards(deck: Deck, notes: Sequence[Note], templates: Mapping[str, bytes]) -> bytes:
    """`notes` in their order as cards to cut out, eight to an A4 page, for printing on both sides (long edge).

    Pages alternate between fronts and backs. `templates` maps names such as `cards.typ` to content.
    Raises `TemplateError`.
    """
    return typeset("cards.typ", document(deck, notes), templates, newest(notes))


def newest(notes: Sequence[Note]) -> int:
    """The Unix second in which the newest of `notes` changed; 0 where none is known."""
    return max((note.mod for note in notes), default=0)
