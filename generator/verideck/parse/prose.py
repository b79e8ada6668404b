"""What may not stand anywhere in a card file's text."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from markdown_it.token import Token

from verideck.markdown import NESTING
from verideck.page import Page
from verideck.parse.elements import language_of

COMMENT = re.compile(r"\s*<!--(?:(?!-->).)*-->\s*", re.DOTALL)
"""One comment, and nothing beside it."""

_NEARLY_GAP = re.compile(r"\{\{c(?:\d*:(?!:)|::)")
GAP = re.compile(r"\{\{c\d+::")
"""The beginning of a gap, as Anki writes it."""

GAP_EDGE = re.compile(r"\{\{c\d+::|\}\}")
"""Where a gap begins or ends."""

_RUNNABLE = ("python", "output")


def check_prose(tokens: Sequence[Token], environment: Mapping[str, object], page: Page) -> None:
    """Refuse raw HTML, images, link definitions and fences out of place.

    Comments are let through, and left out of what is rendered. `environment` is what markdown-it filled.
    """
    for token in tokens:
        first = token.map[0] if token.map else 0
        if token.type == "html_block" and not COMMENT.fullmatch(token.content):
            _refuse_html(page, first, token.content)
        elif token.type == "fence" and token.level:
            _check_nested_fence(token, first, page)
        elif token.type == "code_block":
            _check_indented(token, first, page)
        elif token.type == "inline":
            _check_inline(token, first, page)
    deep = next((token for token in tokens if token.level > NESTING // 2 and token.map), None)
    if deep is not None and deep.map:
        hint = "say it with fewer lists and quotations inside one another"
        page.refuse(page.span(deep.map[0]), "VD125", "this is nested too deeply", hint)
    references = environment.get("references", {})
    assert isinstance(references, dict)
    for label, reference in references.items():
        message = f"the link definition [{label.lower()}] is out of reach of the card's parts"
        page.refuse(page.span(reference["map"][0]), "VD123", message, "write the link inline: `[text](address)`")


def has_gap(tokens: Sequence[Token]) -> bool:
    """Whether a gap begins in the text of these tokens, where Anki will see it; not in a comment or an address."""
    children = (child for token in tokens if token.type == "inline" for child in token.children or ())
    blocks = (token for token in tokens if token.type == "math_block")
    kinds = ("text", "code_inline", "math_inline", "math_inline_double", "math_block")
    return any(GAP.search(part.content) for part in (*children, *blocks) if part.type in kinds)


def _check_nested_fence(token: Token, first: int, page: Page) -> None:
    language = language_of(token)
    if language in _RUNNABLE:
        hint = "move it out to the left margin; a list may go on behind it"
        message = f"a fence marked {language} stands inside a list or quotation, where it is not run"
        page.refuse(page.span(first), "VD207", message, hint)
    elif GAP.search(token.content):
        _refuse_gap(page, first)


def _check_indented(token: Token, first: int, page: Page) -> None:
    if token.content.lstrip().startswith(("```", "~~~")):
        hint = "move it to the left margin"
        page.refuse(page.span(first), "VD207", "this fence is indented, which makes it text that is not run", hint)
    elif GAP.search(token.content):
        _refuse_gap(page, first)


def _refuse_gap(page: Page, first: int) -> None:
    page.refuse(page.span(first), "VD116", "a gap {{c…::…}} cannot stand in code", "put it into the text above")


def _check_inline(token: Token, first: int, page: Page) -> None:
    position = 0
    for child in token.children or ():
        if child.type not in ("html_inline", "image"):
            continue
        part = child.content if child.type == "html_inline" else "!["
        position = max(token.content.find(part, position), position)
        line = first + token.content.count("\n", 0, position)
        position += len(part)
        if child.type == "image":
            message = "pictures are not supported yet"
            page.refuse(page.span(line, part), "VD124", message, "describe it in words, or show text in a fence")
        elif not COMMENT.fullmatch(part):
            _refuse_html(page, line, part)
    for match in _NEARLY_GAP.finditer(token.content):
        line = first + token.content.count("\n", 0, match.start())
        hint = "write {{c1::the answer}} or {{c1::the answer::a hint}}"
        page.refuse(page.span(line, match[0]), "VD118", f"{match[0]} looks like a gap, and is none", hint)


def _refuse_html(page: Page, line: int, content: str) -> None:
    opening = content.strip().split("\n")[0]
    hint = f"write `{opening}` in backquotes"
    if opening.startswith("<!--"):
        hint = "give a comment lines of its own, with an empty line below"
    page.refuse(page.span(line, opening), "VD108", "raw HTML is refused", hint)
