"""The whole way through, on a small deck of every kind and on the first deck."""

from __future__ import annotations

import json
import shutil
import sqlite3
import zipfile
from pathlib import Path

import pytest
from anki.collection import Collection, ImportAnkiPackageOptions, ImportAnkiPackageRequest
from pypdf import PdfReader
from test_cli import verideck

from examples import CARD, DECK
from verideck.edition import editions
from verideck.project import load
from verideck.resolve import guid

ROOT = Path(__file__).parent.parent
FIRST = "hands-on-ml-12"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy of this project's cards, without templates of its own."""
    shutil.copytree(ROOT / "cards", tmp_path / "here/cards")
    return tmp_path / "here"


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The first deck, built where no TensorFlow can be imported: its evidence is in the lock."""
    root = tmp_path_factory.mktemp("built")
    shutil.copytree(ROOT / "cards", root / "cards")
    blocked = root / "blocked"
    blocked.mkdir()
    (blocked / "tensorflow.py").write_text("raise RuntimeError('TensorFlow was imported')\n")
    result = verideck(root, "build", PYTHONPATH=str(blocked))
    assert result.returncode == 0, result.stderr
    return root


def text_of(pdf: Path) -> str:
    return " ".join(" ".join(page.extract_text() for page in PdfReader(pdf).pages).split())


def notes_of(root: Path):
    found, problems = editions(load(root))
    assert problems == ()
    return [note for edition in found if edition.deck.id == FIRST for note in edition.notes]


def test_the_first_deck_imports_into_anki_with_every_note(built: Path, tmp_path: Path) -> None:
    notes = notes_of(built)
    collection = Collection(str(tmp_path / "collection.anki2"))
    try:
        package = str(built / f"build/{FIRST}.apkg")
        log = collection.import_anki_package(
            ImportAnkiPackageRequest(package_path=package, options=ImportAnkiPackageOptions())
        ).log
        assert len(log.new) == len(notes)
        assert len(log.updated) + len(log.duplicate) + len(log.conflicting) == 0
        guids = set(collection.db.list("select guid from notes"))
        assert guids == {
            json.loads(line)["guid"] for line in (built / f"cards/{FIRST}/deck.lock").read_text().splitlines()
        }
        for note_id in collection.find_notes(""):
            for card in collection.get_note(note_id).cards():
                shown = card.render_output(reload=True)
                assert shown.question_text.strip()
                assert "ran on TensorFlow" in shown.answer_text
                assert "{{" not in shown.answer_text
        again = collection.import_anki_package(
            ImportAnkiPackageRequest(package_path=package, options=ImportAnkiPackageOptions())
        ).log
        assert (len(again.new), len(again.updated)) == (0, 0)
    finally:
        collection.close()


@pytest.mark.parametrize("name", ["study-sheet", "cards"])
def test_each_pdf_holds_every_question(built: Path, name: str) -> None:
    text = text_of(built / f"build/{FIRST}-{name}.pdf").replace("-\xad", "").replace("\xad", "")
    plain = "".join(text.split())
    for note in notes_of(built):
        assert note.card.id.replace("-", "") in plain.replace("-", "")
        for word in note.card.title.replace("`", "").replace("*", "").split():
            if "{{" not in word and "}}" not in word:
                assert word in plain, (note.card.id, word)


def test_the_study_sheet_says_where_snippets_ran(built: Path) -> None:
    assert "ran on TensorFlow 2.21.0" in text_of(built / f"build/{FIRST}-study-sheet.pdf").replace("Ran", "ran")


def test_the_same_bytes_in_two_folders(built: Path, project: Path) -> None:
    result = verideck(project, "build", "--format", "json", SOURCE_DATE_EPOCH="1", TZ="Asia/Tokyo")
    assert result.returncode == 0, result.stderr
    outputs = json.loads(result.stdout)["outputs"]
    assert [output["kind"] for output in outputs] == ["anki", "study-sheet", "cards"]
    for output in outputs:
        assert (project / output["path"]).read_bytes() == (built / output["path"]).read_bytes()


def test_a_locked_build_takes_what_is_up_to_date_and_refuses_what_is_not(project: Path) -> None:
    assert verideck(project, "build", "--locked").returncode == 0
    card = project / f"cards/{FIRST}/01-tensorflow.md"
    lock = (project / f"cards/{FIRST}/deck.lock").read_bytes()
    card.write_text(card.read_text() + "\n# New? {#brand-new}\n\nYes.\n\n```python\nprint(1)\n```\n")
    shutil.rmtree(project / "build")
    result = verideck(project, "build", "--locked")
    assert result.returncode == 1
    assert "VD602 deck.lock does not know this card as it is" in result.stderr
    assert "brand-new" in result.stderr
    assert (project / f"cards/{FIRST}/deck.lock").read_bytes() == lock
    assert not (project / "build").exists()


def small(root: Path, text: str) -> Path:
    (root / "cards/demo").mkdir(parents=True, exist_ok=True)
    (root / "cards/demo/deck.toml").write_text(DECK)
    (root / CARD).write_text(text)
    return root


CARDS = "# One? {#one}\n\n1.\n\n```python\nprint(1)\n```\n\n```output\n1\n```\n\n# Two? {#two}\n\n2.\n"


def test_a_build_runs_only_what_is_stale(tmp_path: Path) -> None:
    small(tmp_path, CARDS)
    assert "demo: 1 passed\n" in verideck(tmp_path, "build").stderr
    assert verideck(tmp_path, "build").stderr == ""
    small(tmp_path, CARDS.replace("1.", "One."))
    assert verideck(tmp_path, "build").stderr == ""
    small(tmp_path, CARDS.replace("print(1)", "print(2 - 1)"))
    assert "demo: 1 passed\n" in verideck(tmp_path, "build").stderr


def mods(root: Path) -> dict[str, int]:
    with zipfile.ZipFile(root / "build/demo.apkg") as package:
        package.extract("collection.anki2", root)
    database = sqlite3.connect(root / "collection.anki2")
    try:
        return dict(database.execute("select guid, mod from notes"))
    finally:
        database.close()


def test_only_a_changed_note_gets_a_new_time(tmp_path: Path) -> None:
    small(tmp_path, CARDS)
    verideck(tmp_path, "build", SOURCE_DATE_EPOCH="1000")
    assert set(mods(tmp_path).values()) == {1000}
    small(tmp_path, CARDS.replace("2.\n", "Two.\n"))
    verideck(tmp_path, "build", SOURCE_DATE_EPOCH="2000")
    assert mods(tmp_path) == {guid("demo", "one"): 1000, guid("demo", "two"): 2000}


def test_nothing_is_published_while_a_card_is_wrong(tmp_path: Path) -> None:
    small(tmp_path, CARDS)
    verideck(tmp_path, "build")
    before = {path: path.read_bytes() for path in (tmp_path / "build").iterdir()}
    for fault in (CARDS.replace("\n1\n```\n", "\n3\n```\n"), CARDS.replace("{#two}", "")):
        small(tmp_path, fault)
        result = verideck(tmp_path, "build", "--format", "json")
        said = json.loads(result.stdout)
        assert (result.returncode, said["outputs"], said["notes"]) == (1, [], 0)
        assert len(said["problems"]) == 1
        assert {path: path.read_bytes() for path in (tmp_path / "build").iterdir()} == before


@pytest.mark.parametrize(
    ("template", "fault", "said"),
    [
        (
            "anki/fields/back.html.j2",
            "{% if %}",
            "templates/anki/fields/back.html.j2:1:1: VD701 a template fails: Expected",
        ),
        ("anki/fields/back.html.j2", "{{ no_such_name }}", "VD701 a template fails: 'no_such_name' is undefined"),
        ("anki/basic/front.html", None, "VD701 a template fails: the file basic/front.html is missing"),
        (
            "print/cards.typ",
            "#no-such-function()",
            "VD701 a template fails: cards.typ: unknown variable: no-such-function",
        ),
        ("print/cards.typ", None, "VD701 a template fails: the print templates hold no cards.typ"),
    ],
)
def test_a_template_that_fails_is_a_problem(tmp_path: Path, template: str, fault: str | None, said: str) -> None:
    small(tmp_path, CARDS)
    shutil.copytree(ROOT / "templates", tmp_path / "templates")
    if fault is None:
        (tmp_path / "templates" / template).unlink()
    else:
        (tmp_path / "templates" / template).write_text(fault)
    result = verideck(tmp_path, "build")
    assert result.returncode == 1
    assert said in result.stderr
    assert "Traceback" not in result.stderr
    assert not (tmp_path / "build").exists()


def test_what_anki_would_misunderstand_is_a_problem(tmp_path: Path) -> None:
    small(tmp_path, "# Fill in {#gap}\n\nIt is {{c1::a `b}}` of it.\n")
    result = verideck(tmp_path, "build")
    assert result.returncode == 1
    assert "VD702 the deck cannot be rendered: cards/demo/01-example.md:1: a cloze card without a gap" in result.stderr


def test_a_projects_own_templates_are_taken_whole(tmp_path: Path) -> None:
    small(tmp_path, CARDS)
    shutil.copytree(ROOT / "templates", tmp_path / "templates")
    style = tmp_path / "templates/anki/style.css"
    style.write_text(style.read_text() + "\n/* our own mark */\n")
    verideck(tmp_path, "build")
    with zipfile.ZipFile(tmp_path / "build/demo.apkg") as package:
        assert b"our own mark" in package.read("collection.anki2")
