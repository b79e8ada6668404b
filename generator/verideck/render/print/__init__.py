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
    """Set `notes`, in their order, with disputes, claims, evidence and sources; return the bytes of an A4 PDF.

    `templates` maps names such as `study-sheet.typ` to content. Raises `TemplateError`.
    """
    return typeset("study-sheet.typ", document(deck, notes), templates, _newest(notes))


def cards(deck: Deck, notes: Sequence[Note], templates: Mapping[str, bytes]) -> bytes:
    """Set `notes`, in their order, as cards to cut out, eight to an A4 page; return the bytes of the PDF.

    Pages alternate between fronts and backs, for printing on both sides, turned at the long edge.
    `templates` maps names such as `cards.typ` to content. Raises `TemplateError`.
    """
    return typeset("cards.typ", document(deck, notes), templates, _newest(notes))


def _newest(notes: Sequence[Note]) -> int:
    """Return the Unix second in which the newest of `notes` changed; 0 where none is known."""
    return max((note.mod for note in notes), default=0)
