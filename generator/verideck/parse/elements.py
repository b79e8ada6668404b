"""A page as its top-level elements, each with its lines, counted from 0."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markdown_it.token import Token


@dataclass(frozen=True, slots=True)
class Element:
    """A top-level block of Markdown: its `type` as markdown-it names it, and its lines `first` to `last` (excluded)."""

    type: str
    first: int
    last: int
    content: str
    markup: str
    heading: int
    tokens: tuple[Token, ...]

    @property
    def language(self) -> str | None:
        """The language of a fence; `None` for what is not one."""
        return language_of(self.tokens[0]) if self.type == "fence" else None


def language_of(fence: Token) -> str:
    """The first word of a fence's info string: what tells whether it runs."""
    return fence.info.split(maxsplit=1)[0] if fence.info.strip() else ""


def elements_of(tokens: Sequence[Token]) -> list[Element]:
    """Group markdown-it's flat tokens by the top-level block that they make up."""
    elements: list[Element] = []
    group: list[Token] = []
    for token in tokens:
        group.append(token)
        if token.level == 0 and token.nesting <= 0:
            elements.append(_element(group))
            group = []
    return elements


def _element(group: list[Token]) -> Element:
    opening = group[0]
    first, last = opening.map or (0, 0)
    kind = opening.type.removesuffix("_open")
    level = int(opening.tag[1]) if kind == "heading" else 0
    inline = next((token.content for token in group if token.type == "inline"), opening.content)
    return Element(kind, first, last, inline, opening.markup, level, tuple(group))
