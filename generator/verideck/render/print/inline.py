"""Running text as nodes, and the gaps in it.

| `t` | fields | is |
|---|---|---|
| `text`, `code` | `s` | words, literally |
| `math` | `s`, `display` | LaTeX without its dollars |
| `strong`, `em`, `filled` | `c` | what it holds; `filled` is the answer to a cloze deletion |
| `link` | `c`, `url` | a link |
| `gap` | `hint` | a cloze deletion that is still to be filled |
| `break` | | a line break that the author asked for |
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from markdown_it.tree import SyntaxTreeNode

from verideck.markdown import markdown
from verideck.parse.prose import COMMENT
from verideck.render.print.node import Node, node, text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

# Anki's own syntax: https://docs.ankiweb.net/editing.html#cloze-deletion
MARK = re.compile(r"(?P<open>\{\{c\d+(?:,\d+)*::)|(?P<close>\}\})")
CLOZE_IN_CODE = re.compile(r"\{\{c\d+(?:,\d+)*::(?P<answer>.*?)(?:::(?P<hint>.*?))?\}\}")


def title(markdown_text: str, *, reveal: bool) -> list[Node]:
    """Turn one line of Markdown into inline nodes; `reveal` fills its gaps."""
    return inlines(SyntaxTreeNode(markdown().parseInline(markdown_text)).children[0].children, reveal=reveal)


def inlines(children: Sequence[SyntaxTreeNode], *, reveal: bool) -> list[Node]:
    """Turn the children of a paragraph into nodes; `reveal` fills its gaps."""
    return _gaps([part for child in children for part in _inline(child, reveal=reveal)], reveal=reveal)


def _inline(child: SyntaxTreeNode, *, reveal: bool) -> list[Node]:
    """Turn one inline element into nodes. What we have no rule for prints as it was written: nothing is lost."""
    if child.type in {"strong", "em"}:
        return [node(child.type, c=inlines(child.children, reveal=reveal))]
    rule = LEAVES.get(child.type)
    if rule:
        return [rule(child)]
    if child.type == "link":
        return [node("link", c=inlines(child.children, reveal=reveal), url=str(child.attrs.get("href", "")))]
    if child.type == "code_inline":
        return list(_code(child.content, reveal=reveal))
    return [text(child.content)]


LEAVES: dict[str, Callable[[SyntaxTreeNode], Node]] = {
    "softbreak": lambda _: text(" "),
    "hardbreak": lambda _: node("break"),
    "math_inline": lambda child: node("math", s=child.content, display=False),
    "math_inline_double": lambda child: node("math", s=child.content, display=True),
    "html_inline": lambda child: text("") if COMMENT.fullmatch(child.content) else node("code", s=child.content),
    # A note holds no media yet, so paper shows what a screen reader would say.
    "image": lambda child: node("em", c=[text(f"[{child.content or child.attrs.get('src', '')}]")]),
}


def _code(string: str, *, reveal: bool) -> Iterator[Node]:
    """Yield inline code, in which a cloze deletion may stand whole."""
    end = 0
    for match in CLOZE_IN_CODE.finditer(string):
        if match.start() > end:
            yield node("code", s=string[end : match.start()])
        yield _cloze([node("code", s=match["answer"])], match["hint"] or "", reveal=reveal)
        end = match.end()
    if end < len(string) or not string:
        yield node("code", s=string[end:])


def _gaps(nodes: Sequence[Node], *, reveal: bool) -> list[Node]:
    """Make one node of each `{{c1::…}}` among `nodes`; a mark without its partner stays as it was written."""
    levels: list[list[Node]] = [[]]
    opened: list[str] = []
    for part in nodes:
        for piece, mark in _pieces(part):
            if mark == "open":
                opened.append(str(piece["s"]))
                levels.append([])
            elif mark == "close" and opened:
                opened.pop()
                answer, hint = _split_hint(levels.pop())
                levels[-1].append(_cloze(answer, hint, reveal=reveal))
            else:
                levels[-1].append(piece)
    while opened:
        left = levels.pop()
        levels[-1] += [text(opened.pop()), *left]
    return levels[0]


def _pieces(part: Node) -> Iterator[tuple[Node, str]]:
    """Cut a node at the marks in its text; yield each piece and `open`, `close` or nothing."""
    string = part["s"] if part["t"] == "text" else None
    if not isinstance(string, str):
        yield part, ""
        return
    end = 0
    for match in MARK.finditer(string):
        if match.start() > end:
            yield text(string[end : match.start()]), ""
        yield text(match[0]), str(match.lastgroup)
        end = match.end()
    if end < len(string):
        yield text(string[end:]), ""


def _split_hint(nodes: Sequence[Node]) -> tuple[list[Node], str]:
    """Split a deletion into its answer and its hint, which Anki finds behind the first `::` of its text."""
    for index, part in enumerate(nodes):
        answer, found, hint = str(part.get("s", "")).partition("::")
        if part["t"] == "text" and found:
            rest = "".join(str(later.get("s", "")) for later in nodes[index + 1 :])
            return [*nodes[:index], text(answer)], hint + rest
    return list(nodes), ""


def _cloze(answer: list[Node], hint: str, *, reveal: bool) -> Node:
    """Make a gap, or what fills it; a gap's node does not hold its answer."""
    return node("filled", c=answer) if reveal else node("gap", hint=hint)
