"""A heading and the braces at its end."""

from __future__ import annotations

import re
from dataclasses import dataclass

from verideck.nearest import did_you_mean
from verideck.page import Page
from verideck.parse.elements import Element

_BRACES = re.compile(r"\s*\{([^{}]*)\}\s*$")
_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


@dataclass(frozen=True, slots=True)
class Heading:
    """The heading's Markdown without its braces, the id in them (or empty) and the classes."""

    title: str
    id: str
    classes: tuple[str, ...]


def read_heading(element: Element, page: Page) -> Heading:
    """Read `Title {#id .class}`; what is wrong inside the braces is a problem each."""
    match = _BRACES.search(element.content)
    if match is None:
        return Heading(element.content.strip(), "", ())
    title = element.content[: match.start()].strip()
    identifier, classes = "", []
    for part in match[1].split():
        if part.startswith("#"):
            identifier = _identifier(part, identifier, element, page)
        elif part.startswith("."):
            classes.append(part[1:])
        else:
            hint = "write `{#an-id}` or `{#an-id .kind}`"
            message = f"{part} is neither an #id nor a .kind"
            page.refuse(page.span(element.first, part), "VD104", message, hint)
    return Heading(title, identifier, tuple(classes))


def _identifier(part: str, before: str, element: Element, page: Page) -> str:
    span = page.span(element.first, part)
    if before:
        page.refuse(span, "VD104", f"a second id: it has #{before} already", "keep the older one")
        return before
    if not _ID.fullmatch(part[1:]):
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
