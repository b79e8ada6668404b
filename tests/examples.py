"""Examples in Markdown documents, and what Verideck says about them.

A document is the test: a fence of four backquotes marked `markdown` is a card file; a fence marked
`problems` right behind it is, to the letter, what must be said about it; without one, nothing must be.
A `toml` fence right before it is the deck's deck.toml. Used for FORMAT.md and for `tests/problems/`.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from markdown_it import MarkdownIt

CARD = "cards/demo/01-example.md"
DECK = """\
id = "demo"
name = "Demo"

[sources.A]
title = "Answer set A"

[sources.B]
title = "Answer set B"
"""


@dataclass(frozen=True)
class Example:
    """A card file, its deck.toml, the problems it must have, and the place of these in the document (lines from 0)."""

    document: Path
    line: int
    text: str
    toml: str
    problems: str
    problems_at: tuple[int, int] | None

    def __str__(self) -> str:
        return f"{self.document.name}:{self.line}"


def examples(document: Path) -> list[Example]:
    """The document's examples, in order."""
    tokens = [token for token in MarkdownIt("commonmark").parse(document.read_text()) if token.nesting >= 0]
    found = []
    for before, token, behind in zip([None, *tokens], tokens, [*tokens[1:], None], strict=False):
        if token.type != "fence" or token.info != "markdown":
            continue
        toml = before.content if before and before.type == "fence" and before.info == "toml" else DECK
        has = behind is not None and behind.type == "fence" and behind.info == "problems"
        at = tuple(behind.map) if has else None
        found.append(Example(document, token.map[0] + 1, token.content, toml, behind.content if has else "", at))
    return found


def lay_out(root: Path, text: str, toml: str = DECK) -> Path:
    """A project in `root` with one deck of one card file."""
    (root / "cards/demo").mkdir(parents=True)
    (root / "cards/demo/deck.toml").write_text(toml)
    (root / CARD).write_text(text)
    return root
