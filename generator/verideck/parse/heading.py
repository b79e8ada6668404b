"""A heading and the braces at its end."""

from __future__ import annotations

import re
from dataclasses import dataclass

from verideck.nearest import did_you_mean
from verideck.page import Page
from verideck.parse.elements import Element

ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
"""What ids of cards, conflicts and decks are made of."""


@dataclass(frozen=True, slots=True)
class Heading:
    """The heading's Markdown without its braces, the id in them (or empty) and the classes."""

    title: str
    id: str
    classes: tuple[str, ...]


def read_heading(element: Element, page: Page) -> Heading:
    """Read `Title {#id .class}`; what is wrong inside the braces is a problem each."""
    title, braces, inside = _split(element.content)
    if not braces:
        return Heading(title, "", ())
    identifier, classes = "", []
    for part in inside.split():
        if part.startswith("."):
            classes.append(part[1:])
        elif part.startswith("#"):
            identifier = _identifier(part, identifier, element, page)
        else:
            hint = f"write {{#{slug(part)}}}" if not identifier else "write `{#an-id}` or `{#an-id .kind}`"
            page.refuse(
                page.span(element.first, part, behind="{"), "VD104", f"{part} is neither an #id nor a .kind", hint
            )
            identifier = identifier or slug(part)
    return Heading(title, identifier, tuple(classes))


def _split(content: str) -> tuple[str, bool, str]:
    """The title, whether braces end it (those of a gap do not), and what is inside them."""
    content = content.strip()
    start = content.rfind("{")
    inside = content[start + 1 : -1]
    if start < 0 or not content.endswith("}") or "}" in inside or content[:start].endswith("{"):
        return content, False, ""
    return content[:start].strip(), True, inside


def _identifier(part: str, before: str, element: Element, page: Page) -> str:
    span = page.span(element.first, part, behind="{")
    if before:
        page.refuse(span, "VD104", f"a second id: it has #{before} already", "keep the older one")
        return before
    if not ID.fullmatch(part[1:]):
        hint = f"write #{slug(part)}"
        page.refuse(span, "VD104", "an id is made of lower-case letters, digits and hyphens", hint)
    return part[1:]


def require_id(heading: Heading, element: Element, page: Page) -> None:
    """Make a missing id a problem that says which one would do."""
    if not heading.id:
        span = page.span(element.first)
        hint = f"add {{#{slug(heading.title.removeprefix('Conflict:'))}}} at its end; never change it later"
        page.refuse(span, "VD103", "this heading has no id", hint)


def slug(title: str) -> str:
    """An id made of a title's words: at most six of them."""
    words = re.findall(r"[a-z0-9]+", title.lower())
    return "-".join(words[:6]) or "card"


def nearest_section(title: str) -> str:
    """A hint for a level-2 heading that is neither `Conflict: …` nor `Claims`."""
    near = did_you_mean(title.split(":", maxsplit=1)[0].split(" ", maxsplit=1)[0], ("Conflict", "Claims"))
    return near if near.startswith("did") else "level 2 is for `Conflict: …` and `Claims`; use ### inside an answer"
