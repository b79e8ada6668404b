"""The PDFs, read back: everything is said, nothing is clipped, and the same bytes come out everywhere."""

from __future__ import annotations

import dataclasses
import io
import math
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdf import PdfReader

from pdf_reading import faces, letter_boxes, pages, said, squashed
from print_notes import DECK, dispute, listing, note, one_of_each_kind, prose, snippet
from verideck.model import Kind, Options, Output
from verideck.render.print import TemplateError, cards, study_sheet

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from verideck.model import Deck, Note

    Render = Callable[[Deck, Sequence[Note], Mapping[str, bytes]], bytes]

FOLDER = Path(__file__).parent.parent / "templates" / "print"
TEMPLATES = {path.name: path.read_bytes() for path in FOLDER.iterdir()}
BOTH = pytest.mark.parametrize("render", [study_sheet, cards])


def drawn(render: Render, *notes: Note) -> bytes:
    return render(DECK, notes, TEMPLATES)


# --- everything is said -----------------------------------------------------------------------------


@BOTH
@pytest.mark.parametrize("each", one_of_each_kind(), ids=lambda each: each.card.id)
def test_every_question_is_there(render: Render, each: Note) -> None:
    assert squashed(each.card.title.replace("`", "")) in said(drawn(render, *one_of_each_kind()))


@BOTH
def test_every_answer_is_there(render: Render) -> None:
    text = said(drawn(render, *one_of_each_kind()))
    for words in ("Sets, queues and", "ragged tensors", "a module", "tf.Variable", "numpy", "A method.", "6!", "Six."):
        assert squashed(words) in text
    assert squashed("TensorFlow has thirtytwo bits, NumPy sixtyfour.") in text
    assert "float64" in text


def test_fronts_do_not_give_answers_away() -> None:
    front, back = pages(drawn(cards, *one_of_each_kind()))
    for words in ("thirtytwo", "sixtyfour", "6!", "numpy", "tf.Variable", "Sets"):
        assert words not in front
        assert words in back
    assert "how many" in front


def test_a_session_hides_its_outputs_on_the_front() -> None:
    session = ">>> for i in 'ab':\n...     print(i * 3)\n...\naaa\nbbb\n>>> 7 * 6\n42"
    front, back = pages(drawn(cards, note("session", "What?", front=(snippet(session),), kind=Kind.OUTPUT)))
    assert "print(i * 3)" in front
    assert "7 * 6" in front
    for words in ("aaa", "bbb", "42"):
        assert words not in front
        assert words in back


@BOTH
def test_marks_without_partners_print_as_written(render: Render) -> None:
    cloze = note("open", "Left {{c1::open", front=(prose("and }} closed, {{c1::**x**::a `hint`}}"),), kind=Kind.CLOZE)
    text = said(drawn(render, cloze))
    assert squashed("Left {{c1::open") in text
    assert squashed("and }} closed, x") in text
    assert squashed("(a hint)") in text


@BOTH
def test_a_typed_answer_stands_once(render: Render) -> None:
    typed = note("t", "Which?", prose("tf.Only_Once_Here\n\nMore."), kind=Kind.TYPE, typed="tf.Only_Once_Here")
    assert said(drawn(render, typed)).count("tf.Only_Once_Here") == 1


@BOTH
def test_all_of_markdown_is_there(render: Render) -> None:
    text = """### Third level

Plain *slanted* **heavy** `code` [linked](https://example.org/x) <https://example.org/auto> ![seen](p.png) $a^2$

$$
\\frac{1}{2}
$$

> quoted
>
> > deeper

7. seven
8. eight
   - inner

     ```text
     fenced
     ```

***

    indented

line\\
broken
"""
    found = said(drawn(render, note("all", "All?", prose(text), listing("as it is"))))
    for words in ("Third level", "Plain slanted heavy code linked", "https://example.org/auto", "[seen]", "a^2"):
        assert squashed(words) in found
    for words in ("\\frac{1}{2}", "quoted", "deeper", "7.seven", "8.eight", "inner", "fenced", "indented", "asitis"):
        assert words in found
    assert "linebroken" in found


@BOTH
def test_two_thousand_words(render: Render) -> None:
    words = [f"w{number}x" for number in range(2000)]
    text = said(drawn(render, note("long", "How long?", prose(" ".join(words)))))
    assert [word for word in words if word not in text] == []


@BOTH
def test_a_line_of_300_columns(render: Render) -> None:
    line = (
        "x = "
        + " + ".join(f"name_{number}" for number in range(20))
        + ' + "'
        + "0123456789abcdef" * 9
        + '" if None is not x else 1'
    )
    assert len(line) > 300
    assert squashed(line) in said(drawn(render, note("wide", "How wide?", snippet(f"if True:\n    {line}", "0"))))


@BOTH
def test_code_outputs_and_lists_go_on_over_many_cards(render: Render) -> None:
    code = "\n".join(f"name_{number} = {number}" for number in range(150))
    output = "\n".join(f"out_{number}" for number in range(150))
    items = "\n".join(f"{number + 1}. item_{number} here" for number in range(150))
    monster = "9" * 5000
    long = note("many", "Many?", snippet(code, output), prose(items), listing(monster), prose(f"`{monster}`"))
    text = said(drawn(render, long))
    for number in range(150):
        for words in (f"name_{number}={number}", f"out_{number}", f"{number + 1}.item_{number}here"):
            assert words in text
    assert text.count("9") >= 2 * 5000


@BOTH
def test_a_wide_table(render: Render) -> None:
    head = [f"head{number}" for number in range(12)]
    rows = [[f"tf.keras.losses.Row{row}Column{column}" for column in range(12)] for row in range(3)]
    table = "\n".join(f"| {' | '.join(cells)} |" for cells in [head, ["---"] * 12, *rows])
    text = said(drawn(render, note("table", "A table?", prose(table), prose(f"- in a list\n\n{table}"))))
    for cell in [*head, *(cell for row in rows for cell in row)]:
        assert text.count(cell) >= 2


@BOTH
def test_hidden_code_stays_hidden_and_conditions_are_said(render: Render) -> None:
    unrun = Options(no_run="it needs a cluster")
    fails = snippet("fail()", options=Options(raises="KeyError"))
    versions = dataclasses.replace(snippet("show()"), outputs=(Output("old", snippet("").span, "<2.16"),))
    hidden = snippet("secret = 1", "out of sight", options=Options(hidden=True))
    text = said(drawn(render, note("h", "Hidden?", hidden, snippet("connect()", options=unrun), versions, fails)))
    assert "secret" not in text
    assert "outofsight" not in text
    assert squashed("not run: it needs a cluster") in text
    assert squashed("fail() raises KeyError") in text
    assert squashed("prints, for TensorFlow <2.16") in text


# --- the study sheet --------------------------------------------------------------------------------


def test_study_sheet_gives_the_dispute_and_what_stands_behind_it() -> None:
    text = said(drawn(study_sheet, *one_of_each_kind()))
    for words in (
        "Disputed: placeholders or sets?",
        "A, line 31, upheld: sets are one of six.",
        "B, lines 49\u201352, set aside: placeholders are one.",
        "Ruling: A. Placeholders left with TensorFlow 2.",
        'print(hasattr(tf, "placeholder"))',
        "A, line 31 \u2013 true: sets are one of the six.",
        "B \u2013 stale (TensorFlow 1 only): placeholders feed data.",
        "ran on TensorFlow 2.21.0, Keras 3.15.1, NumPy 2.4.6, Python 3.11.7, CPU",
        "First answers https://example.org/a",
        "CC BY 4.0",
        "What a deck is about.",
    ):
        assert squashed(words) in text


@pytest.mark.parametrize(
    ("verdict", "scope", "words"),
    [
        ("both", "", ["A, line 31, upheld", "52, upheld", "Ruling: both."]),
        ("neither", "", ["A, line 31, set aside", "52, set aside", "Ruling: neither."]),
        ("depends", "on the `device`", ["A, line 31, depends", "Ruling: depends (on the device)."]),
        ("open", "", ["A, line 31, undecided", "Ruling: open."]),
    ],
)
def test_each_verdict_has_its_words(verdict: str, scope: str, words: list[str]) -> None:
    disputed = note("d", "Disputed?", prose("Yes."), disputes=(dispute(verdict, scope),))
    text = said(drawn(study_sheet, disputed))
    assert [each for each in words if squashed(each) not in text] == []
    assert squashed(f"disputed: placeholders or sets? Ruling: {verdict}.") in said(drawn(cards, disputed))
    much = note("d", "Disputed?", prose("Yes."), disputes=(dispute(verdict, scope),) * 3)
    assert squashed("disputed on 3 points: see the study sheet") in said(drawn(cards, much))


def test_study_sheet_says_why_something_did_not_run() -> None:
    unrun = snippet("connect()", options=Options(no_run="it needs a cluster"))
    text = said(drawn(study_sheet, note("n", "Why?", unrun)))
    assert squashed("the snippet on line 7: not run: it needs a cluster") in text
    never = dataclasses.replace(note("m", "When?", snippet("x = 1")), evidence=())
    assert squashed("the snippet on line 7: not run yet") in said(drawn(study_sheet, never))


def test_study_sheet_can_be_navigated() -> None:
    reader = PdfReader(io.BytesIO(drawn(study_sheet, *one_of_each_kind())))
    titles = [str(entry.title) for entry in reader.outline if not isinstance(entry, list)]
    assert titles == [
        "1. Which structures has tf beyond tensors?",
        "2. The mutable tensor",
        "3. Who reads a value?",
        "4. What is printed?",
        "5. The default float",
        "Sources",
        "Licence",
    ]
    root = reader.root_object
    assert str(root["/Lang"]) == "en"
    assert "/StructTreeRoot" in root
    assert reader.metadata is not None
    assert reader.metadata.title == "Parent \u203a Demo deck"
    count = len(reader.pages)
    for number, page in enumerate(reader.pages, start=1):
        assert f"page {number} of {count}" in page.extract_text()


@pytest.mark.parametrize("language", ["de", "de-AT", "zh-Hans-CN", "nonsense", ""])
def test_any_language_can_be_set(language: str) -> None:
    deck = dataclasses.replace(DECK, language=language)
    assert "/Lang" in PdfReader(io.BytesIO(study_sheet(deck, one_of_each_kind(), TEMPLATES))).root_object


# --- the cards --------------------------------------------------------------------------------------


@pytest.mark.parametrize("count", [1, 8, 9, 17])
def test_eight_cards_to_a_sheet(count: int) -> None:
    notes = [note(f"card-{number}", f"Number {number}?", prose("Yes.")) for number in range(count)]
    assert len(pages(drawn(cards, *notes))) == 2 * math.ceil(count / 8)


def test_backs_lie_behind_their_fronts() -> None:
    width = 210
    notes = [note(f"card-{number}-x", f"Number {number}?", prose("Yes.")) for number in range(11)]
    sheets = faces(drawn(cards, *notes))
    found = 0
    for front, back in zip(sheets[::2], sheets[1::2], strict=True):
        behind = {words.text: words for words in back}
        for words in front:
            if re.fullmatch(r"card-\d+-x", words.text):
                other = behind[words.text]
                cell = 96
                left = width / 2 - cell if words.x < width / 2 else width / 2
                # Seen through the paper, the back's cell must cover the front's.
                mirrored = width - left - cell
                assert other.x - mirrored == pytest.approx(words.x - left, abs=0.1)
                assert other.y == pytest.approx(words.y, abs=0.1)
                found += 1
    assert found == 11


def test_long_cards_go_on_and_both_sides_say_so() -> None:
    long = note("long", "Long?", prose(" ".join(f"w{number}x" for number in range(600))))
    front, back = pages(drawn(cards, long, note("short", "Short?", prose("Yes."))))
    for part in ("1/2, part 1/3", "1/2, part 2/3", "1/2, part 3/3", "2/2"):
        assert part in front
        assert part in back
    assert front.count("continued: Long?") == 2


def test_a_long_question_goes_on_too() -> None:
    words = [f"w{number}x" for number in range(400)]
    front, back = pages(drawn(cards, note("long", " ".join(words), prose("Yes."))))
    assert [word for word in words if word not in front] == []
    assert back.count("Yes.") == 1
    assert "continued" in back


@BOTH
def test_nothing_leaves_its_place(render: Render, tmp_path: Path) -> None:
    table = "| " + " | ".join(["tf.keras.losses.Loss"] * 9) + " |\n" + "|---" * 9 + "|\n" + "| cell" * 9 + "|"
    nested = "".join("  " * depth + f"- deep{depth} `tf.keras.losses.SparseCategorical`\n" for depth in range(18))
    monster = "SparseCategoricalCrossentropy" * 20
    awkward = note(
        "an-id-of-many-words-that-is-longer-than-any-id-should-ever-be-and-then-some",
        f"Wide `{monster}`?",
        *(
            prose(text)
            for text in (table, nested, monster, ">" * 18 + " quoted", f"[{monster}](https://e.org/{monster})")
        ),
        snippet(f"{monster} = 1", monster, options=Options(raises="E" * 200)),
        disputes=(dispute("depends", monster),),
    )
    deck = dataclasses.replace(DECK, name="A name " * 30)
    path = tmp_path / "wide.pdf"
    path.write_bytes(render(deck, [awkward], TEMPLATES))
    found = list(letter_boxes(path))
    assert len(found) > 100
    centre, edge = 595.28 / 2, (14 if render is cards else 24) * 72 / 25.4
    for left, top, right, bottom in found:
        assert left >= edge - 1
        assert right <= 595.28 - edge + 1
        assert 0 < bottom < 841.89
        if render is cards:
            gap = 5 * 72 / 25.4 - 1
            assert right <= centre - gap or left >= centre + gap
            row, rest = divmod(bottom - 12.5 * 72 / 25.4, 68 * 72 / 25.4)
            assert 0 <= row < 4
            assert bottom - top < rest < (68 - 4) * 72 / 25.4


# --- the same bytes ---------------------------------------------------------------------------------


@BOTH
def test_same_bytes_twice_and_elsewhere(render: Render, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = drawn(render, *one_of_each_kind())
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1234567890")
    assert drawn(render, *one_of_each_kind()) == first
    assert list(tmp_path.iterdir()) == []


@BOTH
def test_the_date_is_that_of_the_newest_card(render: Render) -> None:
    notes = [note("old", "Old?", mod=1_600_000_000), note("new", "New?", mod=1_700_000_000)]
    metadata = PdfReader(io.BytesIO(drawn(render, *notes))).metadata
    assert metadata is not None
    assert metadata.creation_date is not None
    assert metadata.creation_date.timestamp() == 1_700_000_000


# --- at the edges -----------------------------------------------------------------------------------


@BOTH
def test_an_empty_deck_says_so(render: Render) -> None:
    assert "This deck has no cards yet." in "".join(pages(drawn(render)))


@BOTH
def test_cards_of_nothing_but_an_id(render: Render) -> None:
    empty = [note(kind.value, "", kind=kind) for kind in Kind]
    assert "reversed" in said(drawn(render, *empty, note("blank", "Blank?", snippet("", ""), prose(""), listing("\n"))))


@BOTH
def test_broken_templates_are_named(render: Render) -> None:
    with pytest.raises(TemplateError, match="hold no"):
        render(DECK, [], {})
    broken = dict.fromkeys(TEMPLATES, b"#let x = \n#nonsense")
    with pytest.raises(TemplateError, match=r"\.typ: ") as raised:
        render(DECK, [], broken)
    assert ".typ:1:" in str(raised.value)
    assert "verideck-print" not in str(raised.value)


AWKWARD = st.text(alphabet="#$*_`@<>[](){}\\\"'~=+-/.:;!?&%^| aé9\n", min_size=1, max_size=60)


@settings(max_examples=12, deadline=None)
@given(title=AWKWARD, body=AWKWARD, code=AWKWARD)
def test_markup_of_any_kind_is_text(title: str, body: str, code: str) -> None:
    literal = re.sub(r"([!-/:-@\[-`{-~])", r"\\\1", " ".join(title.split()))
    each = note("x", f"begin{literal}end", prose(f"begin {body} end"), listing(code), snippet(f"{code}!", code))
    for render in (study_sheet, cards):
        text = said(drawn(render, each))
        assert squashed(f"begin{title}end") in text
        assert squashed(code) in text


@BOTH
def test_letters_that_the_fonts_lack_do_no_harm(render: Render) -> None:
    strange = note("strange", "漢字 🎉 עברית \x07 \u202e?", prose("`漢字` \u0301\u200b"), listing("漢字🎉" * 100))
    assert drawn(render, strange).startswith(b"%PDF")
