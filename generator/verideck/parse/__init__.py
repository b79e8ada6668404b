"""Markdown in, cards out: the first stage.

`parse` is pure. It gets a file's text and hands back every card it could make, and every problem it saw;
a card with a problem is still handed on where it can be, so that one run shows all there is to mend.
"""

from __future__ import annotations

from verideck.markdown import markdown
from verideck.model import Card, Problem, Span
from verideck.page import Page
from verideck.parse.card import Draft, read_card
from verideck.parse.elements import Element, elements_of
from verideck.parse.frontmatter import read_tags
from verideck.parse.prose import check_prose

__all__ = ["parse"]


def parse(text: str, path: str) -> tuple[tuple[Card, ...], tuple[Problem, ...]]:
    """Read the cards of one file.

    `text` is the file's whole content, `path` its name relative to the project, as it shall stand in spans.
    Returns the cards in the order of the page and the problems, unsorted. Never raises on account of `text`.
    """
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    page = Page(path, tuple(text.split("\n")))
    environment: dict[str, object] = {}
    tokens = markdown(page=True).parse(text, environment)
    check_prose(tokens, environment, page)
    elements = elements_of(tokens)
    tags: tuple[str, ...] = ()
    if elements and elements[0].type == "front_matter":
        front, *elements = elements
        tags = read_tags(front.content, page)
    drafts = _split(elements, page)
    return tuple(read_card(draft, tags, page) for draft in drafts), tuple(page.problems)


def _split(elements: list[Element], page: Page) -> list[Draft]:
    """Cut the page at its level-1 headings."""
    starts = [i for i, element in enumerate(elements) if element.heading == 1]
    stray = elements[: starts[0]] if starts else elements
    if not starts:
        line = stray[0].first + 1 if stray else 1
        hint = "start each card with a line such as `# What is asked? {#an-id}`"
        page.refuse(Span(page.path, line), "VD101", "this file has no card: no level-1 heading", hint)
        return []
    if stray:
        message = "this text stands before the first card and belongs to none"
        hint = "move it below a level-1 heading"
        page.refuse(page.span(stray[0].first), "VD102", message, hint)
    ends = [*starts[1:], len(elements)]
    lasts = [elements[end].first if end < len(elements) else len(page.lines) for end in ends]
    return [
        Draft(elements[start], tuple(elements[start + 1 : end]), last)
        for start, end, last in zip(starts, ends, lasts, strict=True)
    ]
