"""One card: its heading, its front and back, its sections."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import takewhile

from verideck.markdown import markdown
from verideck.model import Block, Card, Claim, Conflict, Kind, Prose, Snippet
from verideck.nearest import did_you_mean
from verideck.page import Page
from verideck.parse.blocks import read_blocks
from verideck.parse.elements import Element
from verideck.parse.heading import Heading, nearest_section, read_heading, require_id
from verideck.parse.prose import COMMENT, GAP, GAP_EDGE, has_gap
from verideck.parse.sections import read_claims, read_conflict

SECTION = 2  # the level of the headings that are reserved
_CLASSES = [kind.value for kind in Kind if kind not in (Kind.BASIC, Kind.CLOZE)]


@dataclass(frozen=True, slots=True)
class Draft:
    """The elements of one card: its heading, what follows, and the line (from 0) before which it ends."""

    opening: Element
    body: tuple[Element, ...]
    last: int


def read_card(draft: Draft, tags: tuple[str, ...], page: Page) -> Card:
    """Make a `Card` of a draft; whatever is wrong with it is refused on the page."""
    heading = read_heading(draft.opening, page)
    require_id(heading, draft.opening, page)
    if not heading.title:
        hint = "write the question behind the #"
        page.refuse(page.span(draft.opening.first), "VD105", "this card asks nothing", hint)
    own = list(takewhile(lambda element: not _starts_section(element), draft.body))
    for element in own:
        if element.heading == SECTION:
            message = f"“{element.content}” is underlined with ---, which makes it a heading"
            hint = "leave an empty line above --- to end the front there"
            page.refuse(page.span(element.first), "VD109", message, hint)
    kind = _kind(heading, own, draft, page)
    front, back = _faces(kind, own, draft, page)
    conflicts, claims = _sections(draft.body[len(own) :], page)
    return Card(
        id=heading.id,
        kind=kind,
        title=heading.title,
        front=front,
        back=back,
        conflicts=conflicts,
        claims=claims,
        tags=tags,
        typed=_typed(back, draft, page) if kind is Kind.TYPE else "",
        text=page.slice(draft.opening.first, draft.last),
        span=page.span(draft.opening.first),
    )


def _starts_section(element: Element) -> bool:
    """Whether it is a heading such as `## Claims`; one underlined with dashes is a `---` that was to end a front."""
    return element.heading == SECTION and element.markup == "##"


def _kind(heading: Heading, own: Iterable[Element], draft: Draft, page: Page) -> Kind:
    span = page.span(draft.opening.first)
    named = []
    for name in heading.classes:
        if name in _CLASSES:
            named.append(Kind(name))
        else:
            at = page.span(draft.opening.first, f".{name}", behind="{")
            page.refuse(at, "VD106", f"there is no kind of card .{name}", did_you_mean(name, _CLASSES))
    if GAP.search(heading.title) or any(has_gap(element.tokens) for element in own):
        named.append(Kind.CLOZE)
    if len(named) > 1:
        names = " and ".join(kind.value for kind in named)
        page.refuse(span, "VD106", f"a card is of one kind, this one is {names}", "split it into two cards")
    return named[0] if named else Kind.BASIC


def _faces(kind: Kind, own: list[Element], draft: Draft, page: Page) -> tuple[tuple[Block, ...], tuple[Block, ...]]:
    """The blocks of the front and of the back, split as FORMAT.md says under *Kinds of card*."""
    rules = [i for i, element in enumerate(own) if element.type == "hr" and element.markup.startswith("-")]
    for second in rules[1:]:
        message = "a second --- in a card: the front has ended already"
        page.refuse(page.span(own[second].first), "VD114", message, "write *** for a ruled line")
    ends_at = rules[0] if rules else _implied_end(kind, own)
    above, below = own[:ends_at], own[ends_at + 1 if rules else ends_at :]
    if rules and below and below[0].language == "output":
        above, below = _reunite(above, below)
    front, back = read_blocks(above, page), read_blocks(below, page)
    _check_faces(kind, front, back, draft, page)
    return front, back


def _implied_end(kind: Kind, own: list[Element]) -> int:
    """Where the front ends without a `---`."""
    languages = [element.language for element in own]
    if kind is Kind.CLOZE:
        return next((i for i, language in enumerate(languages) if language is not None), len(own))
    if kind is Kind.OUTPUT and "output" in languages:
        behind = languages.index("output")
        while behind < len(own) and languages[behind] == "output":
            behind += 1
        return behind
    return 0


def _reunite(above: list[Element], below: list[Element]) -> tuple[list[Element], list[Element]]:
    """Hand outputs right under `---` to the snippet right above it; the renderers show them on the back."""
    outputs = list(takewhile(lambda element: element.language == "output", below))
    return above + outputs, below[len(outputs) :]


def _check_faces(kind: Kind, front: tuple[Block, ...], back: tuple[Block, ...], draft: Draft, page: Page) -> None:
    span = page.span(draft.opening.first)
    if kind is Kind.OUTPUT:
        if not any(isinstance(block, Snippet) and _asks(block) for block in front):
            message = "an .output card needs a snippet that runs, with its output behind it: that is its back"
            hint = "run `verideck verify --accept` to write what comes out, then read it"
            page.refuse(span, "VD111", message, hint)
    elif kind is Kind.CLOZE:
        _check_gaps(front, draft, page)
        for block in back:
            if isinstance(block, Prose) and GAP.search(block.markdown):
                hint = "put it above the first fence, or above ---"
                page.refuse(block.span, "VD117", "this gap stands on the back, where nothing is asked", hint)
    elif not any(_says(block) for block in back):
        page.refuse(span, "VD107", "this card has no answer", "write it below the heading")


def _asks(snippet: Snippet) -> bool:
    """Whether a learner can be asked what it prints: it is shown, it runs, and the output is there."""
    return bool(snippet.outputs) and not snippet.options.hidden and not snippet.options.no_run


def _says(block: Block) -> bool:
    """Whether a learner sees anything of it."""
    if isinstance(block, Prose):
        return not COMMENT.fullmatch(block.markdown)
    return not (isinstance(block, Snippet) and block.options.hidden)


def _check_gaps(front: tuple[Block, ...], draft: Draft, page: Page) -> None:
    texts = [(draft.opening.content, page.span(draft.opening.first))]
    texts += [(block.markdown, block.span) for block in front if isinstance(block, Prose)]
    for text, span in texts:
        depth = 0
        for edge in GAP_EDGE.finditer(text):
            depth = max(0, depth + (1 if edge[0] != "}}" else -1))
        if depth:
            page.refuse(span, "VD118", "a gap {{c…:: is not closed", "end it with }}, after its answer or hint")
        if "{{c0::" in text:
            page.refuse(span, "VD118", "a gap is numbered 0", "number gaps from 1: {{c1::…}}")


def _typed(back: tuple[Block, ...], draft: Draft, page: Page) -> str:
    """The answer to type: the back's first paragraph, if it is one line of plain text."""
    if back and isinstance(back[0], Prose):
        tokens = markdown().parse(back[0].markdown)
        children = tokens[1].children or [] if tokens and tokens[0].type == "paragraph_open" else []
        text = "".join(child.content for child in children)
        if text.strip() and all(child.type in ("text", "code_inline", "text_special") for child in children):
            return text.strip()
    hint = "start the back with a paragraph that is just the answer"
    message = "a .type card needs an answer that can be typed: one line of plain text"
    page.refuse(page.span(draft.opening.first), "VD115", message, hint)
    return ""


def _sections(elements: tuple[Element, ...], page: Page) -> tuple[tuple[Conflict, ...], tuple[Claim, ...]]:
    conflicts: list[Conflict] = []
    claims: list[Claim] = []
    rest = list(elements)
    while rest:
        opening, *rest = rest
        body = list(takewhile(lambda element: not _starts_section(element), rest))
        rest = rest[len(body) :]
        heading = read_heading(opening, page)
        if heading.title.startswith("Conflict:"):
            conflicts.append(read_conflict(opening, heading, body, page))
        elif heading.title == "Claims":
            claims.extend(read_claims(body, page))
        else:
            message = f"there is no section “{heading.title}”"
            page.refuse(page.span(opening.first), "VD110", message, nearest_section(heading.title))
    return tuple(conflicts), tuple(claims)
