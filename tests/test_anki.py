"""The Anki package, as Anki's own engine takes it."""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from html import unescape
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unicodedata import normalize

import pytest
from anki.collection import Collection, ImportAnkiPackageOptions, ImportAnkiPackageRequest
from anki.import_export_pb2 import ImportAnkiPackageUpdateCondition, ImportResponse
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from jinja2 import UndefinedError

from notes import DECK, RAN, SPAN, card, disputed, every_kind, listing, note, snippet, templates, text
from verideck.model import Citation, Conflict, Deck, Dispute, Evidence, Kind, Note, Reading, Ruling, Snippet
from verideck.render.anki import render
from verideck.render.anki.notetypes import MODIFIED, NOTE_TYPES, SCHEMA

if TYPE_CHECKING:  # these modules of Anki cannot be imported before its collection
    from anki.cards import Card as AnkiCard
    from anki.notes import Note as AnkiNote

TEMPLATES = templates()
MEMORY = Path("/dev/shm")  # noqa: S108 - the engine waits for the disk at every write; a private folder is made in it
IF_NEWER = ImportAnkiPackageUpdateCondition.IMPORT_ANKI_PACKAGE_UPDATE_CONDITION_IF_NEWER


class Learner:
    """A collection of somebody who imports packages."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.collection = Collection(str(folder / "collection.anki2"))

    def imports(
        self, notes: Sequence[Note], deck: Deck = DECK, files: Mapping[str, str] = TEMPLATES
    ) -> ImportResponse.Log:
        path = self.folder / "deck.apkg"
        path.write_bytes(render(deck, notes, files))
        options = ImportAnkiPackageOptions(update_notes=IF_NEWER, update_notetypes=IF_NEWER)
        return self.collection.import_anki_package(
            ImportAnkiPackageRequest(package_path=str(path), options=options)
        ).log

    def takes(self, made: Note) -> list[AnkiCard]:
        """The cards of this note, imported under a GUID that no other has."""
        guid = f"taken/{self.collection.note_count()}"
        self.imports([replace(made, guid=guid)])
        assert self.collection.db is not None
        (found,) = self.collection.db.list("select id from notes where guid = ?", guid)
        return sorted(self.collection.get_note(found).cards(), key=lambda card: card.ord)

    def everything(self) -> list[Any]:
        """What an import could change, as it stands in the database."""
        database = self.collection.db
        assert database is not None
        tables = ("notes", "cards", "notetypes", "fields", "templates")
        return [database.all(f"select * from {table}") for table in tables]  # noqa: S608 - the names stand above

    def note(self, id: str) -> AnkiNote:  # noqa: A002 - the word of cards
        (found,) = self.collection.find_notes(f'"Id:demo/{id}"')
        return self.collection.get_note(found)

    def cards(self, id: str) -> list[AnkiCard]:  # noqa: A002 - the word of cards
        return sorted(self.note(id).cards(), key=lambda found: found.ord)

    def answer(self, id: str) -> str:  # noqa: A002 - the word of cards
        return self.cards(id)[0].render_output().answer_text


@contextmanager
def a_learner() -> Iterator[Learner]:
    with tempfile.TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None) as folder:
        learner = Learner(Path(folder))
        yield learner
        learner.collection.close()


@pytest.fixture
def learner() -> Iterator[Learner]:
    with a_learner() as found:
        yield found


@pytest.fixture(scope="module")
def shelf() -> Iterator[Learner]:
    """A learner for the tests that `take` one note each: a collection takes long to make."""
    with a_learner() as found:
        yield found


@pytest.fixture(scope="module")
def studied() -> Iterator[Learner]:
    """Who has imported a note of every kind, for tests that only look."""
    with a_learner() as found:
        found.imports(every_kind())
        yield found


def visible(html: str) -> str:
    return unescape(re.sub(r"<[^>]*>", "", html))


# --- what arrives -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("id", "note_type", "count"),
    [
        ("basic", "Verideck Basic", 1),
        ("reversed", "Verideck Reversed", 2),
        ("typed", "Verideck Typed", 1),
        ("output", "Verideck Basic", 1),
        ("cloze", "Verideck Cloze", 3),
        ("disputed", "Verideck Basic", 1),
    ],
)
def test_every_kind_arrives(studied: Learner, id: str, note_type: str, count: int) -> None:  # noqa: A002
    arrived = studied.note(id)
    kind = arrived.note_type()
    assert kind is not None
    assert kind["name"] == note_type
    cards = studied.cards(id)
    assert [found.ord for found in cards] == list(range(count))
    assert {studied.collection.decks.name(found.did) for found in cards} == {"Languages::Demo"}
    assert arrived.guid == f"demo/{id}"
    assert arrived.tags == ["tensors", "verideck::demo"]
    assert arrived.mod == 1_788_300_000
    assert [arrived[name] for name in ("Language", "Spare1", "Spare2", "Spare3")] == ["en", "", "", ""]


def test_cards_come_up_in_the_order_of_the_notes(studied: Learner) -> None:
    ids = ["basic", "reversed", "typed", "output", "cloze", "disputed"]
    assert [[found.due for found in studied.cards(id)] for id in ids] == [[1], [2, 2], [3], [4], [5, 5, 5], [6]]  # noqa: A001


def test_no_card_is_empty(studied: Learner) -> None:
    assert not studied.collection.get_empty_cards().notes


def test_ids_are_the_frozen_ones(studied: Learner) -> None:
    for expected in NOTE_TYPES.values():
        arrived = studied.collection.models.by_name(expected.name)
        assert arrived is not None
        assert arrived["id"] == expected.id
        assert [(f["name"], f["id"]) for f in arrived["flds"]] == [
            (name, expected.id * 1000 + number) for number, name in expected.fields
        ]
        assert [(t["name"], t["id"]) for t in arrived["tmpls"]] == [
            (name, expected.id * 1000 + 500 + number) for number, name, _, _ in expected.cards
        ]
        assert arrived["mod"] == MODIFIED


def test_the_schema_stays_frozen() -> None:
    frozen = repr(sorted({kind.id: (kind.fields, kind.cards, kind.cloze) for kind in NOTE_TYPES.values()}.items()))
    digest = hashlib.sha256(frozen.encode()).hexdigest()[:16]
    assert (SCHEMA, digest) == (1, "6b72ec25434a90e4"), "raise SCHEMA and MODIFIED; never take a field away or add one"


def test_the_deck_describes_itself(studied: Learner) -> None:
    deck = studied.collection.decks.by_name("Languages::Demo")
    assert deck is not None
    assert "For tests &lt;only&gt;." in deck["desc"]
    assert "CC BY 4.0" in deck["desc"]


def test_an_empty_deck_is_a_package(learner: Learner) -> None:
    assert len(learner.imports([]).new) == 0


# --- what an update does ----------------------------------------------------------------------------


def test_importing_again_changes_nothing(learner: Learner) -> None:
    learner.imports(every_kind())
    before = learner.everything()
    log = learner.imports(every_kind())
    assert (len(log.new), len(log.updated), len(log.duplicate)) == (0, 0, 6)
    assert learner.everything() == before


def test_only_a_note_that_changed_is_updated(learner: Learner) -> None:
    first, second = note(card("first")), note(card("second"))
    learner.imports([first, second])
    for id in ("first", "second"):  # noqa: A001
        edited = learner.note(id)
        edited["Back"] += "my own words"
        edited.tags.append("mine")
        learner.collection.update_note(edited)
    changed = replace(first, card=card("first", back=(text("corrected"),)), mod=int(time.time()) + 60)
    log = learner.imports([changed, second])
    assert len(log.updated) == 1
    assert "corrected" in learner.note("first")["Back"]
    assert "my own words" in learner.note("second")["Back"]
    assert "mine" in learner.note("second").tags


def test_a_schedule_outlives_an_update(learner: Learner) -> None:
    learner.imports([note(card("one"))])
    (studied,) = learner.cards("one")
    learner.collection.sched.set_due_date([studied.id], "5")
    learner.imports([note(card("one", back=(text("new"),)), mod=int(time.time()) + 60)])
    assert "new" in learner.note("one")["Back"]
    assert learner.cards("one")[0].ivl == 5


def test_a_gap_that_an_update_adds_becomes_a_card(learner: Learner) -> None:
    learner.imports([note(card("gaps", Kind.CLOZE, front=(text("{{c1::a}} b"),)))])
    learner.imports([note(card("gaps", Kind.CLOZE, front=(text("{{c1::a}} {{c2::b}}"),)), mod=int(time.time()) + 60)])
    assert [found.ord for found in learner.cards("gaps")] == [0, 1]


def test_two_decks_keep_apart(learner: Learner) -> None:
    other = replace(DECK, id="other", name="Other")
    learner.imports([note(card("same", back=(text("mine"),)))])
    learner.imports([note(card("same", back=(text("theirs"),)), deck=other, guid="other/same")], other)
    assert learner.collection.note_count() == 2
    assert "mine" in learner.note("same")["Back"]
    assert {deck.name for deck in learner.collection.decks.all_names_and_ids()} >= {"Languages::Demo", "Other"}


# --- what the learner sees --------------------------------------------------------------------------


def test_nothing_is_left_unresolved(studied: Learner) -> None:
    for id in ("basic", "reversed", "typed", "output", "disputed"):  # noqa: A001
        for found in studied.cards(id):
            shown = found.render_output()
            assert "{{" not in shown.question_text + shown.answer_text
            assert "{%" not in shown.question_text + shown.answer_text
            assert 'lang="en" dir="auto"' in shown.question_text


def test_a_basic_card_shows_code_and_its_output(studied: Learner) -> None:
    shown = studied.cards("basic")[0].render_output()
    assert "tf.Tensor" not in shown.question_text
    assert '<span class="nb">print</span>' in shown.answer_text
    assert "&lt;tf.Tensor: shape=(), dtype=int32, numpy=3&gt;" in shown.answer_text


def test_an_output_card_asks_for_its_output(studied: Learner) -> None:
    shown = studied.cards("output")[0].render_output()
    assert "print(repr(tf.constant(3)))" in visible(shown.question_text)
    assert "numpy=3" not in shown.question_text
    answer = shown.answer_text.partition('<hr id="answer">')[2]
    assert answer.index("numpy=3") < answer.index("the rest")


def test_a_reversed_card_asks_both_ways(studied: Learner) -> None:
    forwards, backwards = (found.render_output() for found in studied.cards("reversed"))
    assert "The mutable tensor" in forwards.question_text
    assert "tf.Variable" not in forwards.question_text
    assert "The mutable tensor" not in backwards.question_text
    assert "tf.Variable" in backwards.question_text
    assert "The mutable tensor" in backwards.answer_text


def test_a_typed_card_asks_for_its_word(studied: Learner) -> None:
    shown = studied.cards("typed")[0].render_output()
    assert "[[type:Answer]]" in shown.question_text
    assert "[[type:Answer]]" in shown.answer_text
    assert studied.note("typed")["Answer"] == "numpy"
    assert "A method of every eager tensor." in shown.answer_text
    assert "numpy" not in studied.note("typed")["Back"], "the comparison shows it already"


@pytest.mark.parametrize("word", ["a<b & c", "it's", "{{c1::x}}", "[sound:x.mp3]", '"é"'])
def test_a_typed_word_is_compared_as_it_is_written(shelf: Learner, word: str) -> None:
    (found,) = shelf.takes(note(card("typed", Kind.TYPE, typed=word, back=(text("x"),))))
    compared = shelf.collection.compare_answer(found.note()["Answer"], word)
    assert "typeBad" not in compared
    assert "typeMissed" not in compared


def test_a_gap_hides_its_words_and_shows_its_hint(studied: Learner) -> None:
    first, second, third = (found.render_output() for found in studied.cards("cloze"))
    assert "[how many]" in visible(first.question_text)
    assert "32" not in visible(first.question_text)
    assert "sixty" not in visible(second.question_text)
    assert "sixty-[...]" in visible(third.question_text)
    assert "32 bits" in visible(first.answer_text)
    assert "{'a': {}}" in visible(first.question_text)
    assert "print({'a': {'b': '{{c9::no}}'}})" in visible(first.answer_text)


@pytest.mark.parametrize(
    ("markdown", "hidden", "around"),
    [
        ("Take {{c1::`std::map<a, {b: {}}>`::which}}.", "std::map", "Take [which]."),
        ("Take `tf.{{c1::constant}}(1)`.", "constant", "Take tf.[...](1)."),
        ("Take `f({{c1::{'a': {}}}})` now.", "{'a': {}}", "Take f([...]) now."),
        (r"Take {{c1::$\frac{1}{x^{2}}$::this}}.", "frac", "Take [this]."),
        (r"Take $\frac{{{c1::a}}}{b_{c_{d}}}$.", "{a}", r"Take \(\frac{[...]}{b_{c_{d} } }\)."),
        ("Take {{c1::[a](https://example.org/x::y}})::this}}.", "example", "Take [this]."),
        ("Take {{c1::**one**}}, {{c1::two}}.", "one, two", "Take [...], [...]."),
    ],
)
def test_what_a_gap_may_hold(shelf: Learner, markdown: str, hidden: str, around: str) -> None:
    (found,) = shelf.takes(note(card("gap", Kind.CLOZE, title="It", front=(text(markdown),))))
    shown = found.render_output()
    assert hidden not in visible(shown.question_text)
    assert visible(shown.question_text).strip().endswith(around)
    assert hidden in visible(shown.answer_text)


def test_only_the_front_makes_gaps(shelf: Learner) -> None:
    brace = "{{c5::no}}"
    made = card(
        "cloze",
        Kind.CLOZE,
        title="Is it {{c1::yes}}?",
        front=(listing(brace),),
        back=(text(f"`{brace}` {brace} [a](x '{brace}')"), snippet(brace, brace)),
    )
    (found,) = shelf.takes(note(made))
    assert visible(found.render_output().answer_text).count(brace) == 5


def test_the_dispute_is_folded_under_the_answer(studied: Learner) -> None:
    answer = studied.answer("disputed")
    folds = re.findall(r"<details class=\"fold\"><summary.*?>(.*?)</summary>", answer)
    assert folds == ["Conflict and ruling", "What the sources say", "Evidence", "Sources"]
    said = " ".join(visible(answer).split())
    assert "placeholders or sets?" in said
    assert "✓ upheld sets are one of the structures. A · First answers, lines 31–33" in said  # noqa: RUF001 - a range takes an en dash
    assert "✗ set aside placeholders are one; they feed values. B · Second answers, line 49" in said
    assert "Ruling: A is upheld. Placeholders left the main interface with TensorFlow 2." in said
    assert 'print(hasattr(tf, "placeholder"))' in said
    assert "↺ stale TensorFlow 1 only placeholders feed data into a graph. B · Second answers, line 49" in said
    assert "Both snippets ran on TensorFlow 2.21.0, Keras 3.15.1, Python 3.11.7, CPU." in said
    assert '<a href="https://example.org/a?x=1&amp;y=2" rel="noopener">First answers</a>' in answer
    assert 'href="https://example.org/demo/cards/demo/01-example.md#L5"' in answer
    assert "CC BY 4.0" in said


def test_nothing_is_folded_where_there_is_nothing(studied: Learner) -> None:
    assert "<details" not in studied.answer("reversed")


@pytest.mark.parametrize(
    ("ruling", "said", "marks"),
    [
        (Ruling("both", "", "Why.", SPAN), "Ruling: both hold. Why.", ("upheld", "upheld")),
        (Ruling("neither", "", "Why.", SPAN), "Ruling: neither holds. Why.", ("set aside", "set aside")),
        (
            Ruling("depends", "Keras 2 or 3", "Why.", SPAN),
            "Ruling: it depends (Keras 2 or 3). Why.",
            ("it depends",) * 2,
        ),
        (Ruling("open", "", "", SPAN), "Ruling: still open.", ("undecided", "undecided")),
    ],
)
def test_every_ruling_is_said(shelf: Learner, ruling: Ruling, said: str, marks: tuple[str, str]) -> None:
    one, two = Reading(Citation("A"), "one.", SPAN), Reading(Citation("Z"), "two.", SPAN)
    conflict = Conflict("c", "which?", (one, two), ruling, (), SPAN)
    upheld, aside = {"both": ((one, two), ()), "neither": ((), (one, two))}.get(ruling.verdict, ((), ()))
    (found,) = shelf.takes(note(card(conflicts=(conflict,)), disputes=(Dispute(conflict, upheld, aside),)))
    shown = " ".join(visible(found.render_output().answer_text).split())
    assert said in shown
    assert f"{marks[0]} one. A · First answers" in shown
    assert f"{marks[1]} two. Z" in shown


OLD = replace(RAN, tensorflow="2.12.1", keras="2.12.0")
PLAIN = Evidence(key="k", python="3.12.1", numpy="2.4.0")
GPU = replace(RAN, device="gpu")


@pytest.mark.parametrize(
    ("snippets", "evidence", "said"),
    [
        (["a"], ((PLAIN,),), "The snippet ran on NumPy 2.4.0, Python 3.12.1, CPU."),
        (["a"], ((replace(PLAIN, numpy=""),),), "The snippet ran on Python 3.12.1, CPU."),
        (["a"], (), "Not run yet: the snippet."),
        (["a"], ((replace(PLAIN, outcome="fail"),),), "Not run yet: the snippet."),
        (["a", "b", "c"], ((GPU,),) * 3, "All 3 snippets ran on TensorFlow 2.21.0, Keras 3.15.1, Python 3.11.7, GPU."),
        (["a", "b", "c"], ((PLAIN,), (), (PLAIN,)), "Snippets 1 and 3 ran on NumPy 2.4.0, Python 3.12.1, CPU."),
        (["a", "b", "c"], ((PLAIN,), (), (PLAIN,)), "Not run yet: snippet 2."),
        (
            ["a"],
            ((OLD, RAN),),
            "The snippet ran on TensorFlow 2.12.1, Keras 2.12.0, Python 3.11.7, CPU TensorFlow 2.21.0",
        ),
        ([{"no_run": "it needs <4 GB>"}], ((),), "Not run: the snippet (it needs <4 GB>)."),
        ([{"gpu": True}, {"gpu": True}], (), "Not run: both snippets (they need a GPU)."),
        ([{"tensorflow": "<2.16"}], (), "Not run: the snippet (it is for TensorFlow < 2.16)."),
        ([{"hidden": True}, "a"], ((PLAIN,), (PLAIN,)), "The snippet and a hidden check ran on NumPy"),
        ([{"hidden": True}], ((PLAIN,),), "A hidden check ran on NumPy 2.4.0"),
    ],
)
def test_evidence_says_what_ran_where(
    shelf: Learner,
    snippets: list[str | dict[str, Any]],
    evidence: tuple[tuple[Evidence, ...], ...],
    said: str,
) -> None:
    made: list[Snippet] = [snippet("f()", **({} if isinstance(options, str) else options)) for options in snippets]
    (found,) = shelf.takes(note(card(back=tuple(made)), evidence=evidence))
    assert said in " ".join(visible(found.render_output().answer_text).split())


def test_links_lead_to_the_web_alone(shelf: Learner) -> None:
    bad = replace(disputed().sources[0], url="javascript:alert(1)")
    (found,) = shelf.takes(replace(disputed(), deck=replace(DECK, url="file:///etc"), sources=(bad,)))
    assert "href" not in found.render_output().answer_text


# --- any text ---------------------------------------------------------------------------------------

AWKWARD = r"""
    < > & &amp; {{ }} {{c1:: :: \ \( \) \[ \] 🎴 漢字 é " ' $ ` # {{Front}} {% #} </script> </pre> </details> <!--
    [sound:a.mp3] [anki:play:q:0] [latex]x[/latex] [$]x[/$] [[type:Front]]
"""
PIECES = st.sampled_from([*AWKWARD.split(), "\n", "\t", " ", "\x1f", "\x1b[31m"])
TEXTS = st.lists(PIECES | st.text(max_size=5), max_size=12).map("".join)


def as_shown(source: str) -> str:
    """Controls as their pictures, and composed as Anki composes whatever it stores."""
    pictures = {code: 0x2400 + code for code in range(0x20) if chr(code) not in "\t\n\r"} | {0x7F: 0x2421}
    return normalize("NFC", source.translate(pictures).replace("\r\n", "\n").replace("\r", "\n").rstrip("\n"))


# Without shrinking, which takes minutes when each try is an import.
@settings(max_examples=12, deadline=None, derandomize=True, database=None, phases=[Phase.generate])
@given(st.lists(st.tuples(TEXTS, st.sampled_from(["", "python", "pycon", "html"])), min_size=10, max_size=20))
def test_any_code_arrives_as_it_stands(listings: list[tuple[str, str]]) -> None:
    notes = [
        note(card(f"{kind.value}-{i}", kind, title="{{c1::A}} gap", front=(listing(source, language),)))
        for i, (source, language) in enumerate(listings)
        for kind in (Kind.BASIC, Kind.CLOZE)
    ]
    with a_learner() as learner:
        learner.imports(notes)
        for made in notes:
            (found,) = learner.cards(made.card.id)
            shown = found.render_output()
            (code,) = re.findall(r"<pre[^>]*><code>(.*?)</code></pre>", shown.question_text, re.DOTALL)
            source = made.card.front[0]
            assert normalize("NFC", visible(code)) == as_shown(source.text)  # type: ignore[union-attr]
            assert not shown.question_av_tags
            assert not shown.answer_av_tags


# --- the bytes --------------------------------------------------------------------------------------

AGAIN = """
import sys
sys.path.insert(0, sys.argv[1])
from notes import DECK, every_kind, templates
from verideck.render.anki import render
sys.stdout.buffer.write(render(DECK, every_kind(), templates()))
"""


def test_the_same_notes_make_the_same_bytes(tmp_path: Path) -> None:
    generator = Path(sys.modules["verideck"].__file__ or "").parent.parent
    elsewhere = {"TZ": "Asia/Tokyo", "PYTHONHASHSEED": "7", "TMPDIR": str(tmp_path), "PYTHONPATH": str(generator)}
    again = subprocess.run(
        [sys.executable, "-c", AGAIN, str(Path(__file__).parent)],
        cwd=tmp_path,
        env=os.environ | elsewhere,
        stdout=subprocess.PIPE,
        check=True,
    )
    first = render(DECK, every_kind(), TEMPLATES)
    assert first == again.stdout
    time.sleep(1.1)  # a clock in seconds would have moved on
    assert first == render(DECK, every_kind(), dict(reversed(TEMPLATES.items())))


def test_the_header_names_no_version_of_sqlite() -> None:
    package = render(DECK, every_kind(), TEMPLATES)
    at = package.index(b"SQLite format 3\x00")
    header = package[at : at + 100]
    assert (header[24:28], header[92:96]) == (b"\0\0\0\1", b"\0\0\0\1")
    assert int.from_bytes(header[96:100], "big") == 3_040_000


def test_one_guid_twice_is_refused() -> None:
    with pytest.raises(ValueError, match="demo/one"):
        render(DECK, [note(), note()], TEMPLATES)


def test_a_cloze_note_without_a_gap_is_refused() -> None:
    with pytest.raises(ValueError, match=r"cards/demo/01-example\.md:5"):
        render(DECK, [note(card(kind=Kind.CLOZE))], TEMPLATES)


def test_a_template_that_asks_for_an_unknown_name_fails() -> None:
    with pytest.raises(UndefinedError, match="licence"):
        render(DECK, [note()], TEMPLATES | {"fields/origin.html.j2": "{{ licence }}"})


# --- the look ---------------------------------------------------------------------------------------


def luminance(colour: str) -> float:
    """As WCAG 2.2 defines it: https://www.w3.org/TR/WCAG22/#dfn-relative-luminance."""
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


ON_CODE = ("code-text", "muted", "keyword", "string", "number", "comment", "name", "decorator", "bad", "link")
PAIRS = [
    *(("page", name) for name in ("text", "muted", "link")),
    *(("code-page", name) for name in (*ON_CODE, "text")),
    *(("output-page", name) for name in ("text", "muted")),
    *((f"{name}-page", name) for name in ("good", "bad", "even")),
]


@pytest.mark.parametrize("opening", [".card {", ".card.nightMode,"], ids=["day", "night"])
def test_every_colour_can_be_read(opening: str) -> None:
    rule = TEMPLATES["style.css"].partition(opening)[2].partition("}")[0]
    colours = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", rule))
    for page, ink in PAIRS:
        light, dark = sorted((luminance(colours[page]), luminance(colours[ink])), reverse=True)
        assert (light + 0.05) / (dark + 0.05) >= 4.5, f"{ink} on {page}"
