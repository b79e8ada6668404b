"""The one place that configures the Markdown parser, so that every stage reads the same language."""

from __future__ import annotations

from functools import cache

from markdown_it import MarkdownIt
from mdit_py_plugins.dollarmath import dollarmath_plugin
from mdit_py_plugins.front_matter import front_matter_plugin

NESTING = 100
"""How deep Markdown may nest; what is deeper, the parser would leave out."""


@cache
def markdown(*, page: bool = False) -> MarkdownIt:
    """CommonMark with tables and `$maths$`; a whole `page` may start with front matter.

    Raw HTML is parsed as such (`html_block`, `html_inline`), so that it can be refused at its line.
    Tokens of type `math_inline` and `math_block` hold LaTeX without its dollars. A dollar beside a
    space or a digit is a dollar, as Pandoc has it.
    """
    parser = MarkdownIt("commonmark", {"maxNesting": NESTING}).enable("table")
    if page:
        parser.use(front_matter_plugin)
    parser.use(dollarmath_plugin, allow_space=False, allow_digits=False, double_inline=True)
    return parser
