"""What may not stand anywhere in a card file's text."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from markdown_it.token import Token

from verideck.page import Page

_COMMENT = re.compile(r"\s*<!--.*?-->\s*", re.DOTALL)
GAP = re.compile(r"\{\{c\d+::")
"""The beginning of a gap, as Anki writes it."""

_RUNNABLE = ("python", "output")


def check_prose(tokens: Sequence[Token], environment: Mapping[str, object], page: Page) -> None:
    """Refuse raw HTML, images, link definitions and fences out of place.

    Comments are let through, and left out of what is rendered. `environment` is what markdown-it filled.
    """
    for token in tokens:
        first = token.map[0] if token.map else 0
        if token.type == "html_block" and not _COMMENT.fullmatch(token.content):
            _refuse_html(page, first, token.content)
        elif token.type == "fence" and token.level and token.info.split(" ")[0] in _RUNNABLE:
            language = token.info.split(" ")[0]
            hint = "move it out to the left margin; a list may go on behind it"
            message = f"a fence marked {language} stands inside a list or quotation, where it is not run"
            page.refuse(page.span(first), "VD207", message, hint)
        elif (
            token.type in ("fence", "code_block")
            and GAP.search(token.content)
            and (token.level or token.type != "fence")
        ):
            page.refuse(page.span(first), "VD116", "a gap {{c…::…}} cannot stand in code", "put it into the text above")
        elif token.type == "inline":
            _check_inline(token, first, page)
    references = environment.get("references", {})
    assert isinstance(references, dict)
    for label, reference in references.items():
        message = f"the link definition [{label.lower()}] is out of reach of the card's parts"
        page.refuse(page.span(reference["map"][0]), "VD123", message, "write the link inline: `[text](address)`")


def _check_inline(token: Token, line: int, page: Page) -> None:
    for child in token.children or ():
        if child.type == "html_inline" and not _COMMENT.fullmatch(child.content):
            _refuse_html(page, line, child.content)
        elif child.type == "image":
            message = "pictures are not supported yet"
            page.refuse(page.span(line, "!["), "VD124", message, "describe it in words, or show text in a fence")
        line += child.content.count("\n") + (child.type in ("softbreak", "hardbreak"))


def _refuse_html(page: Page, line: int, content: str) -> None:
    opening = content.strip().split("\n")[0]
    page.refuse(page.span(line, opening), "VD108", "raw HTML is refused", f"write `{opening}` in backquotes")
