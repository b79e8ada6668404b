"""The values that pass between the stages, left to right.

Every value is frozen, so a stage can only hand on what it was given or make something new. Whatever
came from a file knows where: each such value carries a `Span`. The words are those of the glossary in
README.md.

    text ──parse──▶ Card ──resolve──▶ Note ──verify──▶ Evidence ──▶ Note with `mod` and `evidence`
"""

from __future__ import annotations

from verideck.model.card import (
    Block,
    Card,
    Citation,
    Claim,
    Conflict,
    Kind,
    Listing,
    Options,
    Output,
    Prose,
    Reading,
    Ruling,
    Snippet,
    snippets_of,
)
from verideck.model.deck import Deck, Source, VerifySettings
from verideck.model.evidence import Evidence, Outcome, Verdict
from verideck.model.note import Dispute, Note
from verideck.model.problem import Problem, Severity, Span

__all__ = [
    "Block",
    "Card",
    "Citation",
    "Claim",
    "Conflict",
    "Deck",
    "Dispute",
    "Evidence",
    "Kind",
    "Listing",
    "Note",
    "Options",
    "Outcome",
    "Output",
    "Problem",
    "Prose",
    "Reading",
    "Ruling",
    "Severity",
    "Snippet",
    "Source",
    "Span",
    "Verdict",
    "VerifySettings",
    "snippets_of",
]
