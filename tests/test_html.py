"""Blocks of a card as HTML: what the author wrote is what stands there, and nothing of it is markup."""

from __future__ import annotations

import re
from html import unescape

import pytest

from notes import SPAN, listing, snippet, text
from verideck.model import Options, Output, Snippet
from verideck.render.html import blocks, code, inline, printed, prose, versions


def visible(html: str) -> str:
    return unescape(re.sub(r"<[^>]*>", "", html))


@pytest.mark.parametrize(
    ("markdown", "html"),
    [
        ("*a* & `<b>`", '<p><em>a</em> &amp; <code class="inline" dir="ltr">&lt;b&gt;</code></p>\n'),
        ("Where $a<b$ holds.", '<p>Where <span class="math">\\(a&lt;b\\)</span> holds.</p>\n'),
        ("It is $$a&b$$ here.", '<p>It is <span class="math">\\[a&amp;b\\]</span> here.</p>\n'),
        ("$$\na\n$$", '<p><span class="math">\\[a\\]</span></p>\n'),
        ("$$\na\n$$ (one)", '<p><span class="math">\\[a \\tag{one}\\]</span></p>\n'),
        ("It costs $5 or $6.", "<p>It costs $5 or $6.</p>\n"),
        ("a <!-- note to self --> b", "<p>a  b</p>\n"),
        ("<!-- note\nto self -->", ""),
        ("<b onclick=x>", "<p>&lt;b onclick=x&gt;</p>\n"),
        ("[a](https://example.org)", '<p><a href="https://example.org" rel="noopener">a</a></p>\n'),
    ],
)
def test_prose(markdown: str, html: str) -> None:
    assert prose(markdown) == html


def test_script_in_a_block_of_html_is_text() -> None:
    assert "<script" not in prose("<script>alert(1)</script>\n\n<div onload=x>\n")


def test_a_script_is_no_link() -> None:
    assert "href" not in prose("[a](javascript:alert(1))")


@pytest.mark.parametrize("markdown", [r"It is \\(x\\).", r"It is \\[x\\].", r"# \\(x\\)"])
def test_a_literal_delimiter_is_not_maths(markdown: str) -> None:
    html = prose(markdown)
    assert r"\(" not in html
    assert r"\[" not in html
    assert visible(html).strip() == markdown.removeprefix("# ").replace(r"\\", "\\")


def test_a_table_scrolls_in_a_box_of_its_own() -> None:
    html = prose("| a |\n|---|\n| 1 |\n")
    assert html.startswith('<div class="table"><table>')
    assert html.rstrip().endswith("</table>\n</div>")


def test_a_title_has_no_paragraph() -> None:
    assert inline("What is `a`?") == 'What is <code class="inline" dir="ltr">a</code>?'


def test_a_snippet_shows_its_output() -> None:
    html = blocks([snippet("print(repr(x))\n", "<tf.Tensor: shape=()>\n")])
    assert '<span class="nb">print</span>' in html
    assert '<p class="label" lang="en">prints</p>' in html
    assert "<samp>&lt;tf.Tensor: shape=()&gt;</samp>" in html


def test_a_front_keeps_what_a_snippet_prints_or_raises_to_itself() -> None:
    asked = [snippet("1/0", "ZeroDivisionError: division by zero", raises="ZeroDivisionError")]
    assert visible(blocks(asked, outputs=False)).strip() == "1/0"
    assert visible(printed(asked)).strip() == "raisesZeroDivisionError: division by zero"


def test_a_hidden_snippet_is_not_shown() -> None:
    hidden = [snippet("assert True\n", "secret", hidden=True)]
    assert blocks(hidden) == ""
    assert printed(hidden) == ""


def test_outputs_name_their_versions() -> None:
    outputs = (Output("new", SPAN, ">=2.16"), Output("old", SPAN, "<2.16"))
    said = visible(blocks([Snippet("f()", SPAN, Options(), outputs)]))
    assert "prints with TensorFlow ≥ 2.16" in said
    assert "prints with TensorFlow < 2.16" in said


def test_conditions_are_said() -> None:
    said = visible(blocks([snippet("f()", no_run="it needs <4 GB>", gpu=True, tensorflow=">=2.12,<2.16")]))
    assert "for TensorFlow ≥ 2.12, < 2.16 · needs a GPU · not run: it needs <4 GB>" in said


def test_an_exception_without_an_output_is_said() -> None:
    assert "raises KeyError" in visible(blocks([snippet("{}[1]", raises="KeyError")]))


def test_an_empty_output_is_said() -> None:
    assert "prints nothing" in visible(blocks([snippet("pass", "\n")]))


def test_a_session_is_coloured_as_one() -> None:
    html = blocks([snippet(">>> 1 + 1\n2\n", session=True)])
    assert '<span class="gp">&gt;&gt;&gt; </span>' in html
    assert visible(html).strip() == ">>> 1 + 1\n2"


@pytest.mark.parametrize("language", ["", "python", "pycon", "c++", "no-such-language", "json", "text"])
def test_code_is_shown_as_it_stands(language: str) -> None:
    source = '\n  <b class="x">&amp;</b>\t\\(x\\)\n\n# é 🎴 {{c1::x}}'
    assert visible(code(source, language)) == source + "\n"


def test_fences_in_a_list_are_coloured() -> None:
    assert '<span class="nb">print</span>' in prose("- a\n\n  ```python\n  print(1)\n  ```\n")


def test_blocks_stand_in_order() -> None:
    said = visible(blocks([text("one"), listing("two"), snippet("three"), text("four")]))
    assert said.split() == ["one", "two", "three", "four"]


@pytest.mark.parametrize(
    ("specifier", "said"),
    [(">=2.16", "≥ 2.16"), ("==2.15.*", "2.15.*"), ("!=2.13, <3", "≠ 2.13, < 3"), ("~=2.4", "~= 2.4")],
)
def test_versions(specifier: str, said: str) -> None:
    assert versions(specifier) == said
