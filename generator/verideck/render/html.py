r"""Blocks of a card as HTML, for every surface that shows HTML: Anki, the preview, the report.

What goes in is a card's Markdown and code; what comes out is `Markup`, in which nothing of the author's
is left unescaped. Colours are classes (Pygments' short names), maths is MathJax's `\(…\)` and `\[…\]`
in an element of class `math`. Nothing is refused: raw HTML, which the parser refuses, would be shown as text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from markdown_it.renderer import RendererHTML
from markupsafe import Markup, escape
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import get_lexer_by_name
from pygments.util import ClassNotFound

from verideck.markdown import markdown
from verideck.model import Block, Listing, Output, Prose, Snippet
from verideck.parse.prose import COMMENT

if TYPE_CHECKING:
    from markdown_it.token import Token
    from markdown_it.utils import EnvType, OptionsDict

# MathJax reads the text of the page, so an entity would not hide a literal `\(` from it. It does not join
# the texts of two elements.
_DELIMITER = re.compile(r"(?<=\\)[(\[]")
_COMPARISONS = {">=": "≥ ", "<=": "≤ ", "!=": "≠ ", "===": "", "==": "", "~=": "~= ", ">": "> ", "<": "< "}
_COMPARISON = re.compile("|".join(re.escape(sign) for sign in sorted(_COMPARISONS, key=len, reverse=True)))


class _Renderer(RendererHTML):
    """markdown-it's own renderer, with a rule for each token that it would render otherwise.

    The rules are found by the token types that they are named after, and have markdown-it's signature.
    """

    def text(self, tokens: Sequence[Token], idx: int, _options: OptionsDict, _env: EnvType) -> str:
        # A plain string: in Markup, what is put in would be escaped once more.
        return _DELIMITER.sub(r"<span>\g<0></span>", str(escape(tokens[idx].content)))

    def code_inline(self, tokens: Sequence[Token], idx: int, _options: OptionsDict, _env: EnvType) -> str:
        return Markup('<code class="inline" dir="ltr">{}</code>').format(tokens[idx].content)

    def code_block(self, tokens: Sequence[Token], idx: int, _options: OptionsDict, _env: EnvType) -> str:
        return code(tokens[idx].content)

    def fence(self, tokens: Sequence[Token], idx: int, _options: OptionsDict, _env: EnvType) -> str:
        return code(tokens[idx].content, tokens[idx].info.partition(" ")[0])

    def math_inline(self, tokens: Sequence[Token], idx: int, _options: OptionsDict, _env: EnvType) -> str:
        return Markup(r'<span class="math">\({}\)</span>').format(tokens[idx].content)

    def math_inline_double(self, tokens: Sequence[Token], idx: int, _options: OptionsDict, _env: EnvType) -> Markup:
        return Markup(r'<span class="math">\[{}\]</span>').format(tokens[idx].content.strip())

    def math_block(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        return Markup("<p>{}</p>\n").format(self.math_inline_double(tokens, idx, options, env))

    def math_block_label(self, tokens: Sequence[Token], idx: int, _options: OptionsDict, _env: EnvType) -> str:
        content, label = tokens[idx].content.strip(), tokens[idx].info
        return Markup('<p><span class="math">\\[{} \\tag{{{}}}\\]</span></p>\n').format(content, label)

    def link_open(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        tokens[idx].attrSet("rel", "noopener")
        return self.renderToken(tokens, idx, options, env)

    def table_open(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        return '<div class="table">' + self.renderToken(tokens, idx, options, env)

    def table_close(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        return self.renderToken(tokens, idx, options, env) + "</div>"

    def html_block(self, tokens: Sequence[Token], idx: int, _options: OptionsDict, _env: EnvType) -> str:
        content = tokens[idx].content
        return "" if COMMENT.fullmatch(content) else Markup("<p>{}</p>\n").format(content)

    def html_inline(self, tokens: Sequence[Token], idx: int, _options: OptionsDict, _env: EnvType) -> str:
        content = tokens[idx].content
        return "" if COMMENT.fullmatch(content) else escape(content)


_RENDERER = _Renderer()


def prose(text: str) -> Markup:
    """Markdown of any length as paragraphs, lists and so on."""
    parser = markdown()
    return Markup(_RENDERER.render(parser.parse(text), parser.options, {}))  # noqa: S704 - the renderer escapes


def inline(text: str) -> Markup:
    """Markdown of one line (a heading, a title) without a paragraph around it."""
    parser = markdown()
    return Markup(_RENDERER.render(parser.parseInline(text), parser.options, {}))  # noqa: S704 - the renderer escapes


def code(text: str, language: str = "") -> Markup:
    """Code in its own box, coloured where Pygments knows the `language`; blank lines at its end are dropped."""
    text = text.rstrip("\n")
    try:
        # Pygments would strip and pad the text by itself.
        lexer = get_lexer_by_name(language or "text", stripnl=False, ensurenl=False)
    except ClassNotFound:
        coloured = escape(text)
    else:
        coloured = Markup(highlight(text, lexer, HtmlFormatter(nowrap=True)).rstrip("\n"))  # noqa: S704 - Pygments escapes
    return Markup('<pre class="code" dir="ltr"><code>{}</code></pre>\n').format(coloured)


def blocks(parts: Iterable[Block], *, outputs: bool = True) -> Markup:
    """The blocks in order, hidden snippets left out, each snippet with what it prints unless `outputs` is false."""
    return Markup("").join(_block(part, outputs=outputs) for part in parts)


def printed(parts: Iterable[Block]) -> Markup:
    """What the snippets among the blocks print, without their code."""
    shown = (part for part in parts if isinstance(part, Snippet) and not part.options.hidden)
    return Markup("").join(_output(output, snippet) for snippet in shown for output in snippet.outputs)


def versions(specifier: str) -> str:
    """A version specifier (PEP 440) as a reader says it: `>=2.12,<2.16` is “≥ 2.12, < 2.16”."""
    clauses = (clause.strip() for clause in specifier.split(","))
    return ", ".join(_COMPARISON.sub(lambda sign: _COMPARISONS[sign[0]], clause, count=1) for clause in clauses)


def _block(part: Block, *, outputs: bool) -> Markup:
    if isinstance(part, Prose):
        return prose(part.markdown)
    if isinstance(part, Listing):
        return Markup('<figure class="listing">{}</figure>\n').format(code(part.text, part.language))
    if part.options.hidden:
        return Markup("")
    return Markup('<figure class="snippet">{}{}{}</figure>\n').format(
        code(part.code, "pycon" if part.session else "python"),
        _caption(part, outputs=outputs),
        printed([part]) if outputs else "",
    )


def _caption(snippet: Snippet, *, outputs: bool) -> Markup:
    """Under which conditions the snippet runs, and what it raises where no output says so."""
    options = snippet.options
    said = [
        Markup("for TensorFlow {}").format(versions(options.tensorflow)) if options.tensorflow else "",
        "needs a GPU" if options.gpu else "",
        Markup("not run: {}").format(options.no_run) if options.no_run else "",
        Markup('raises <code class="inline">{}</code>').format(options.raises)
        if options.raises and outputs and not snippet.outputs
        else "",
    ]
    words = Markup(" · ").join(filter(None, said))
    return Markup('<figcaption class="condition">{}</figcaption>\n').format(words) if words else words


def _output(output: Output, snippet: Snippet) -> Markup:
    verb = "raises" if snippet.options.raises else "prints"
    text = output.text.rstrip("\n")
    label = verb if text else f"{verb} nothing"
    if output.tensorflow:
        label += f" with TensorFlow {versions(output.tensorflow)}"
    shown = Markup('<pre class="output" dir="ltr"><samp>{}</samp></pre>').format(text) if text else ""
    return Markup('<div class="printed"><p class="label" lang="en">{}</p>{}</div>\n').format(label, shown)
