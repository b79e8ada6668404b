"""Top-level elements as blocks: prose, snippets with their outputs, listings."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby, pairwise

from verideck.model import Block, Output, Prose, Snippet
from verideck.page import Page
from verideck.parse.elements import Element
from verideck.parse.fence import attach, read_fence


def read_blocks(elements: Iterable[Element], page: Page) -> tuple[Block, ...]:
    """The blocks of a part of a card, in order; an output joins the snippet right above it."""
    blocks: list[Block] = []
    for fenced, group in groupby(elements, key=lambda element: element.type == "fence"):
        if not fenced:
            blocks += [_prose(run, page) for run in _runs(list(group), page)]
            continue
        for element in group:
            block = read_fence(element, page)
            if not isinstance(block, Output):
                blocks.append(block)
            elif blocks and isinstance(blocks[-1], Snippet):
                blocks[-1] = attach(blocks[-1], block, page)
            else:
                hint = "put it right behind the ```python fence that prints it, or mark it text"
                page.refuse(block.span, "VD206", "this output has no snippet", hint)
    return tuple(blocks)


def _runs(elements: list[Element], page: Page) -> Iterator[list[Element]]:
    """The elements in runs between which nothing stands that was taken out, such as a ruling."""
    run = elements[:1]
    for before, element in pairwise(elements):
        if any(line.strip() for line in page.lines[before.last : element.first]):
            yield run
            run = []
        run.append(element)
    yield run


def _prose(run: list[Element], page: Page) -> Prose:
    return Prose(page.slice(run[0].first, run[-1].last), page.span(run[0].first))
