from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from verideck.model import Citation, Kind, Listing, Prose, Snippet, Span
from verideck.parse import parse

ROOT = Path(__file__).parent.parent
CARD = """\
---
tags: [tensors, q04]
---

# What is in `x`? {#in-x}

Look closely.

```python hidden timeout=5
x = 1
```

---

A **one**.

```python tensorflow=">=2.16"
print(x)
```

```output tensorflow=">=2.20"
1
```

```output
2
```

```text
aside
```

## Conflict: one or two? {#one-or-two}

- A:31: it is one,
  no more.
- B:49-52: it is two.

Ruling: depends (version 2.20). It changed.

Here is how.

```python
print(x)
```

## Claims

- A:31 true: it is one.
- B:50 stale (before `f(x)` came): it is two.
"""


def only(text: str):
    (card,), problems = parse(text, "cards/demo/01.md")
    assert problems == ()
    return card


def test_a_card_knows_what_it_is_made_of() -> None:
    card = only(CARD)
    assert (card.id, card.kind, card.title, card.tags) == ("in-x", Kind.BASIC, "What is in `x`?", ("tensors", "q04"))
    assert card.span == Span("cards/demo/01.md", 5, 1, 25)
    prose, hidden = card.front
    assert prose == Prose("Look closely.", Span("cards/demo/01.md", 7, 1, 13))
    assert isinstance(hidden, Snippet)
    assert (hidden.code, hidden.span.line, hidden.options.hidden, hidden.options.timeout) == ("x = 1\n", 9, True, 5.0)
    answer, snippet, aside = card.back
    assert isinstance(answer, Prose)
    assert isinstance(snippet, Snippet)
    assert snippet.options.tensorflow == ">=2.16"
    assert [(o.text, o.tensorflow, o.span.line) for o in snippet.outputs] == [("1\n", ">=2.20", 21), ("2\n", "", 25)]
    assert aside == Listing("text", "aside\n", Span("cards/demo/01.md", 29, 1, 7))


def test_a_conflict_keeps_every_reading() -> None:
    (conflict,) = only(CARD).conflicts
    assert (conflict.id, conflict.title) == ("one-or-two", "one or two?")
    assert [(r.citation, r.markdown, r.span.line) for r in conflict.readings] == [
        (Citation("A", (31, 31)), "it is one,\nno more.", 35),
        (Citation("B", (49, 52)), "it is two.", 37),
    ]
    assert (conflict.ruling.verdict, conflict.ruling.scope) == ("depends", "version 2.20")
    assert conflict.ruling.reason == "It changed."
    assert [type(block) for block in conflict.evidence] == [Prose, Snippet]


def test_claims_have_verdicts_and_conditions() -> None:
    assert [(c.citation.source, c.verdict, c.condition, c.markdown) for c in only(CARD).claims] == [
        ("A", "true", "", "it is one."),
        ("B", "stale", "before `f(x)` came", "it is two."),
    ]


def test_the_snippets_of_a_card_come_in_the_order_of_the_page() -> None:
    assert [snippet.span.line for snippet in only(CARD).snippets()] == [9, 17, 43]


@pytest.mark.parametrize("newline", ["\r\n", "\r"])
def test_line_ends_do_not_matter(newline: str) -> None:
    assert only(CARD.replace("\n", newline)) == only(CARD)


def test_a_byte_order_mark_does_not_matter() -> None:
    assert only("\ufeff" + CARD) == only(CARD)


def test_lines_are_those_of_an_editor() -> None:
    card = only(
        "# Asked? {#a}\n\nA form feed \x0c and a line separator \u2028 do not end a line.\n\n```python\nx = 1\n```\n"
    )
    assert next(card.snippets()).span.line == 5


@pytest.mark.parametrize(
    ("braces", "kind"),
    [("", Kind.BASIC), (" .reversed", Kind.REVERSED), (" .type", Kind.TYPE)],
)
def test_the_class_in_the_braces_is_the_kind(braces: str, kind: Kind) -> None:
    assert only(f"# Asked? {{#a{braces}}}\n\n`answer`\n").kind is kind


def test_the_typed_answer_is_the_first_paragraph() -> None:
    card = only("# Asked? {#a .type}\n\n`tf.int32`\n\nBecause.\n")
    assert card.typed == "tf.int32"


def test_a_cloze_ends_before_the_first_fence() -> None:
    card = only("# Fill in {#a}\n\nIt is {{c1::one::how many}}.\n\n```python\nx = 1\n```\n")
    assert card.kind is Kind.CLOZE
    assert [type(block) for block in card.front + card.back] == [Prose, Snippet]
    assert len(card.front) == 1


@pytest.mark.parametrize("rule", ["", "---\n\n"])
def test_an_output_card_keeps_its_output_with_its_snippet(rule: str) -> None:
    card = only(
        f"# What does it print? {{#a .output}}\n\n```python\nprint(1)\n```\n\n{rule}```output\n1\n```\n\nOne.\n"
    )
    (snippet,) = card.front
    assert isinstance(snippet, Snippet)
    assert [output.text for output in snippet.outputs] == ["1\n"]
    assert [type(block) for block in card.back] == [Prose]


def test_comments_are_allowed() -> None:
    assert only("# Asked? {#a}\n\nAnswered. <!-- to do -->\n\n<!-- more\nto do -->\n").id == "a"


def test_a_cloze_at_the_end_of_a_heading_is_not_its_braces() -> None:
    card = only("# A tensor is {{c1::an array}} {#a}\n")
    assert (card.title, card.id) == ("A tensor is {{c1::an array}}", "a")


PIECES = [
    *CARD.splitlines(keepends=True),
    "```\n",
    "---\n",
    "# ",
    "## ",
    "- ",
    "> ",
    "  ",
    "{#a}",
    "{{c1::",
    "}}",
    "$",
    "<b>",
    "|",
    "\t",
    "Ruling: ",
    "~~~",
    "\r",
    "\u2028",
    "\x00",
    "é",
    "[a]: b\n",
    "![",
    "](",
    ">>> ",
    "...",
    "%YAML\n",
    "&a *a",
    "\\",
]


@settings(max_examples=400, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=30).map("".join))
def test_nothing_that_a_person_writes_raises(text: str) -> None:
    cards, problems = parse(text, "a.md")
    assert cards or problems
    lines = len(text.replace("\r\n", "\n").replace("\r", "\n").split("\n"))
    for problem in problems:
        assert 1 <= problem.span.line <= lines
        assert problem.span.column >= 1
        assert problem.message
        assert problem.hint


def test_deep_nesting_ends() -> None:
    _, (problem,) = parse("# Asked? {#a}\n\n" + "> " * 5000 + "deep\n" + "[" * 20000 + "\n", "a.md")
    assert problem.code == "VD125"


def test_a_heading_of_a_megabyte_ends() -> None:
    (card,), _ = parse("# x" + " " * 1_000_000 + "y {#a}\n\nYes.\n", "a.md")
    assert card.id == "a"
