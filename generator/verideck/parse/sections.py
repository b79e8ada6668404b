"""The two reserved sections of a card: `## Conflict: …` and `## Claims`."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from difflib import get_close_matches

from verideck.model import Citation, Claim, Conflict, Reading, Ruling, Span
from verideck.nearest import did_you_mean
from verideck.page import Page
from verideck.parse.blocks import read_blocks
from verideck.parse.elements import Element
from verideck.parse.heading import Heading, require_id

VERDICTS = ("true", "partial", "exaggerated", "stale", "false", "opinion")
RULINGS = ("both", "neither", "depends", "open")
"""The rulings that name no source; so no source may be called like one."""

_CITATION = r"(?P<key>[A-Za-z][\w-]*)(?::(?P<first>\d{1,7})(?:-(?P<last>\d{1,7}))?)?"
_READING = re.compile(_CITATION + r":\s+(?P<text>\S.*)", re.DOTALL)
_CLAIM = re.compile(_CITATION + r"\s+(?P<verdict>[A-Za-z]+)(?:\s+\((?P<condition>.*?)\))?:\s+(?P<text>\S.*)", re.DOTALL)
_RULING = re.compile(r"Ruling:\s*(?P<verdict>[\w-]+)(?:\s*\((?P<scope>.*?)\))?\s*[.:](?P<reason>.*)", re.DOTALL)


def read_conflict(opening: Element, heading: Heading, body: list[Element], page: Page) -> Conflict:
    """Readings are the first list, the ruling the first paragraph that starts with that word; the rest is evidence."""
    title = heading.title.partition(":")[2].strip()
    span = page.span(opening.first)
    require_id(heading, opening, page)
    rest = list(body)
    ruled = [e for e in rest if e.type == "paragraph" and _is_like_ruling(e.content)]
    ends = ruled[0].first if ruled else math.inf
    listed = [e for e in rest if e.type == "bullet_list" and e.first < ends]
    readings = tuple(reading for element in listed for reading in _readings(element, page))
    rest = [element for element in rest if element not in listed]
    for name in heading.classes:
        hint = "leave it out; kinds are for cards"
        page.refuse(page.span(opening.first, f".{name}", behind="{"), "VD106", f"a conflict has no kind .{name}", hint)
    if not listed:
        hint = "add a bullet for each, such as `- A:31: what source A claims.`"
        page.refuse(span, "VD301", f"the conflict “{title}” has no readings", hint)
    for second in ruled[1:]:
        page.refuse(page.span(second.first), "VD305", "a conflict has one ruling, this is another", "keep one")
    ruling = Ruling("open", "", "", span)
    if ruled:
        rest.remove(ruled[0])
        ruling = _ruling(ruled[0], page) or ruling
    else:
        swallowed = any("\nRuling:" in reading.markdown for reading in readings)
        hint = "end it with a paragraph such as `Ruling: A. Why.`"
        hint = "leave an empty line above `Ruling:`; it now belongs to the last reading" if swallowed else hint
        page.refuse(span, "VD303", f"the conflict “{title}” has no ruling", hint)
    return Conflict(heading.id, title, readings, ruling, read_blocks(rest, page), span)


def read_claims(body: list[Element], page: Page) -> Iterator[Claim]:
    """The bullets of a `## Claims` section; anything else in it is a problem."""
    example = "write `- A:31 true: sentence` or `- A:31 stale (condition): sentence`"
    for element in body:
        if element.type != "bullet_list":
            page.refuse(page.span(element.first), "VD310", "Claims holds bullets and nothing else", example)
            continue
        for text, span in _items(element, page):
            match = _CLAIM.fullmatch(text)
            if match is None or match["first"] is None:
                page.refuse(span, "VD311", "this bullet is not a claim", example)
                continue
            if match["verdict"] not in VERDICTS:
                at = page.span(span.line - 1, match["verdict"])
                hint = did_you_mean(match["verdict"], VERDICTS)
                page.refuse(at, "VD312", f"there is no verdict {match['verdict']}", hint)
            condition = (match["condition"] or "").strip()
            yield Claim(_citation(match, span, page), match["verdict"], condition, match["text"].strip(), span)


def _is_like_ruling(text: str) -> bool:
    """Whether a paragraph is a ruling, or was meant to be: `Ruling:`, `**Ruling:**`, or misspelt."""
    word = re.match(r"[*_]*(\w+)[*_]*\s*[:.*_]", text)
    return word is not None and bool(get_close_matches(word[1].lower(), ["ruling"], cutoff=0.8))


def _readings(element: Element, page: Page) -> Iterator[Reading]:
    for text, span in _items(element, page):
        match = _READING.fullmatch(text)
        if match is None:
            hint = "write `- A: sentence` or, with its line there, `- A:31: sentence`"
            page.refuse(span, "VD302", "this bullet is not a reading", hint)
        else:
            yield Reading(_citation(match, span, page), match["text"].strip(), span)


def _ruling(element: Element, page: Page) -> Ruling | None:
    span = page.span(element.first)
    match = _RULING.fullmatch(element.content)
    if match is None:
        hint = "write `Ruling: VERDICT. Why.` with a source's key, or " + ", ".join(RULINGS)
        page.refuse(span, "VD304", "this ruling cannot be read", hint)
        return None
    ruling = Ruling(match["verdict"], (match["scope"] or "").strip(), match["reason"].strip(), span)
    if not ruling.reason and ruling.verdict != "open":
        page.refuse(span, "VD306", "this ruling gives no reason", "say why, in a sentence behind it")
    if ruling.verdict == "depends" and not ruling.scope:
        hint = "write `Ruling: depends (versions, device, …). Why.`"
        page.refuse(span, "VD306", "a ruling that depends must say on what", hint)
    return ruling


def _items(element: Element, page: Page) -> Iterator[tuple[str, Span]]:
    """The text of each bullet of a list, dedented, with the place of its first line."""
    for token in element.tokens:
        if token.type == "list_item_open" and token.level == 1 and token.map:
            first, last = token.map
            marker = page.lines[first].lstrip()[:1]
            indent = page.lines[first].index(marker) + 1
            lines = [page.lines[first][indent:].strip(), *(line.strip() for line in page.lines[first + 1 : last])]
            text = "\n".join(lines).strip()
            yield text, page.span(first, lines[0])


def _citation(match: re.Match[str], span: Span, page: Page) -> Citation:
    if match["first"] is None:
        return Citation(match["key"])
    first, last = int(match["first"]), int(match["last"] or match["first"])
    if last < first:
        page.refuse(span, "VD313", f"the lines {first}-{last} run backwards", f"write {last}-{first}")
    return Citation(match["key"], (min(first, last), max(first, last)))
