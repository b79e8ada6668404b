"""Blocks of a card as nodes.

| `t` | fields | is |
|---|---|---|
| `paragraph` | `c` | inline nodes (see `inline`) |
| `heading` | `c`, `level` | a heading inside an answer |
| `list` | `items` (lists of blocks), `start` (a number, or null for bullets), `tight` | a list |
| `quote` | `c` | blocks |
| `table` | `head`, `rows`, `align` (`left`, `center`, `right`, `auto`) | a table; a cell is a list of inline nodes |
| `code` | `s`, `lang`, `no_run`, `gpu`, `tensorflow`, `raises` | a fence; when it runs, what it raises without output |
| `output` | `s`, `raises`, `tensorflow` | what the code above it prints |
| `rule` | | a ruled line |
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from markdown_it.tree import SyntaxTreeNode

from verideck.markdown import markdown
from verideck.model import Listing, Prose
from verideck.parse.prose import COMMENT
from verideck.render.print.inline import inlines
from verideck.render.print.node import Node, node, text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from verideck.model import Block, Snippet

# Deeper than this, lists and quotes are no longer indented: the page is only so wide, and Typst nests
# layouts so far and no farther.
DEEPEST = 4


def blocks(source: Iterable[Block], *, reveal: bool = True, outputs: bool = True) -> list[Node]:
    """Turn blocks of a card into nodes, in order. `reveal` fills gaps, `outputs` shows what snippets print."""
    return [part for block in source for part in _one(block, reveal=reveal, outputs=outputs)]


def _one(block: Block, *, reveal: bool, outputs: bool) -> Iterator[Node]:
    """Yield the nodes of one block of a card."""
    if isinstance(block, Prose):
        yield from prose(block.markdown, reveal=reveal)
    elif isinstance(block, Listing):
        yield _code(block.text, block.language)
    elif not block.options.hidden:
        yield _snippet(block, outputs=outputs)
        if outputs:
            yield from printed(block)


def _snippet(block: Snippet, *, outputs: bool) -> Node:
    """Show a snippet's code; without `outputs`, a session shows its input alone."""
    options = block.options
    shown = _typed_in(block.code) if block.session and not outputs else block.code
    # Above an output it is the output that names the exception.
    raises = options.raises if outputs and not block.outputs else ""
    conditions: Node = {"no_run": options.no_run, "gpu": options.gpu, "tensorflow": options.tensorflow}
    return {**_code(shown, "python"), **conditions, "raises": raises}


def _typed_in(session: str) -> str:
    """Keep the lines of a `>>>` session that a person types; `...` counts only right behind another of these."""
    lines: list[str] = []
    typing = False
    for line in session.splitlines():
        mark = line.lstrip()[:3]
        typing = mark == ">>>" or (typing and mark == "...")
        if typing:
            lines.append(line)
    return "\n".join(lines)


def printed(block: Snippet) -> Iterator[Node]:
    """Yield the outputs of a snippet that is shown."""
    if not block.options.hidden:
        for output in block.outputs:
            shown = output.text.rstrip("\n")
            yield node("output", s=shown, raises=block.options.raises, tensorflow=output.tensorflow)


def _code(string: str, lang: str) -> Node:
    """Make a node of a fence that knows no conditions, without its last line breaks."""
    return node("code", s=string.rstrip("\n"), lang=lang)


def prose(source: str, *, reveal: bool = True) -> list[Node]:
    """Turn Markdown into blocks."""
    return _nested(SyntaxTreeNode(markdown().parse(source)).children, reveal=reveal, depth=0)


def _nested(children: Iterable[SyntaxTreeNode], *, reveal: bool, depth: int) -> list[Node]:
    """Turn what is inside a container that stands `depth` containers deep into blocks."""
    return [part for child in children for part in _element(child, reveal=reveal, depth=depth)]


def _element(child: SyntaxTreeNode, *, reveal: bool, depth: int) -> list[Node]:
    """Turn one block element of Markdown into nodes. What we have no rule for prints as it was written."""
    if child.type in {"bullet_list", "ordered_list"}:
        return _listed(child, reveal=reveal, depth=depth)
    if child.type == "blockquote":
        held = _nested(child.children, reveal=reveal, depth=depth + 1)
        return [node("quote", c=held)] if depth < DEEPEST else held
    if child.type == "html_block" and COMMENT.fullmatch(child.content):
        return []
    return [_leaf(child, reveal=reveal)]


def _leaf(child: SyntaxTreeNode, *, reveal: bool) -> Node:
    """Turn a block element that holds no other blocks into a node."""
    if child.type == "paragraph":
        return node("paragraph", c=inlines(child.children[0].children, reveal=reveal))
    if child.type == "heading":
        return node("heading", c=inlines(child.children[0].children, reveal=reveal), level=int(child.tag[1:]))
    if child.type == "table":
        return _table(child, reveal=reveal)
    if child.type.startswith("math_block"):
        return node("paragraph", c=[node("math", s=child.content.strip(), display=True)])
    if child.type == "hr":
        return node("rule")
    language = child.info.split() if child.type == "fence" else []
    return _code(child.content, language[0] if language else "")


def _listed(child: SyntaxTreeNode, *, reveal: bool, depth: int) -> list[Node]:
    """Make a list, or put its items one below the other where it stands too deep."""
    items = [_nested(item.children, reveal=reveal, depth=depth + 1) for item in child.children]
    start = int(child.attrs.get("start", 1)) if child.type == "ordered_list" else None
    if depth < DEEPEST:
        tight = all(held.hidden for item in child.children for held in item.children if held.type == "paragraph")
        return [node("list", items=items, start=start, tight=tight)]
    marks = ["• " if start is None else f"{start + index}. " for index in range(len(items))]
    return [part for mark, item in zip(marks, items, strict=True) for part in _led(mark, item)]


def _led(mark: str, item: list[Node]) -> list[Node]:
    """Put `mark` in front of an item's first words."""
    if item and item[0]["t"] == "paragraph":
        held = item[0]["c"]
        return [node("paragraph", c=[text(mark), *(held if isinstance(held, list) else [])]), *item[1:]]
    return [node("paragraph", c=[text(mark)]), *item]


def _table(child: SyntaxTreeNode, *, reveal: bool) -> Node:
    """Make a table, the first row of which is its head."""
    rows = [row for group in child.children for row in group.children]
    cells = [[inlines(cell.children[0].children, reveal=reveal) for cell in row.children] for row in rows]
    styles = [str(cell.attrs.get("style", "")) for cell in rows[0].children]
    return node("table", head=cells[0], rows=cells[1:], align=[s.partition(":")[2] or "auto" for s in styles])
