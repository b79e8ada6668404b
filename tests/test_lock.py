from __future__ import annotations

import json
from pathlib import Path

import pytest

from examples import CARD, DECK, lay_out
from verideck.edition import Edition, editions
from verideck.lock import read_lock
from verideck.model import Evidence
from verideck.project import load
from verideck.resolve import guid
from verideck.verify.key import keys_of

TWO = "# One? {#one}\n\n1.\n\n# Two? {#two}\n\n```python\nprint(2)\n```\n\n```output\n2\n```\n"


def edition(root: Path, text: str) -> Edition:
    (found,), problems = editions(load(lay_out(root, text, DECK)))
    assert problems == ()
    return found


def evidence(found: Edition, version: str = "2.21.0") -> Evidence:
    return Evidence(keys_of(found.notes[-1].card)[0], "3.11", version)


def again(root: Path, lock: Edition, text: str) -> Edition:
    """The edition of a changed text, beside the lock of another."""
    lay_out(root, text)
    (root / "cards/demo/deck.lock").write_text(lock.text)
    (found,), problems = editions(load(root))
    assert problems == ()
    return found


def test_a_lock_is_a_line_a_card_sorted(tmp_path: Path) -> None:
    renewed = edition(tmp_path, TWO.replace("one", "zero")).renewed((), 1000)
    entries = [json.loads(line) for line in renewed.text.splitlines()]
    assert [entry["card"] for entry in entries] == ["two", "zero"]
    assert entries[0]["mod"] == 1000
    assert entries[0]["guid"] == guid("demo", "two")


def test_a_lock_is_read_as_it_was_written(tmp_path: Path) -> None:
    found = edition(tmp_path, TWO)
    renewed = found.renewed([evidence(found)], 1000)
    assert read_lock(renewed.text, "deck.lock") == (renewed.lock, ())
    assert renewed.notes[1].evidence == ((evidence(found),),)


def test_only_what_changed_gets_a_new_time(tmp_path: Path) -> None:
    first = edition(tmp_path / "a", TWO).renewed((), 1000)
    changed = again(tmp_path / "b", first, TWO.replace("1.", "One.")).renewed((), 2000)
    assert {note.card.id: note.mod for note in changed.notes} == {"one": 2000, "two": 1000}


def test_moving_and_spacing_change_nothing(tmp_path: Path) -> None:
    first = edition(tmp_path / "a", TWO).renewed((), 1000)
    one, two = TWO.split("# Two", 1)
    moved = again(tmp_path / "b", first, f"# Two{two}\n\n\n{one.replace('1.', '1.   ')}").renewed((), 2000)
    assert {note.mod for note in moved.notes} == {1000}


def test_tags_are_content(tmp_path: Path) -> None:
    first = edition(tmp_path / "a", TWO).renewed((), 1000)
    tagged = again(tmp_path / "b", first, f"---\ntags: [new]\n---\n\n{TWO}").renewed((), 2000)
    assert {note.mod for note in tagged.notes} == {2000}


def test_evidence_is_not_content(tmp_path: Path) -> None:
    first = edition(tmp_path / "a", TWO).renewed((), 1000)
    run = again(tmp_path / "b", first, TWO)
    renewed = run.renewed([evidence(run)], 2000)
    assert {note.mod for note in renewed.notes} == {1000}
    assert renewed.text != first.text


def test_a_change_within_the_second_is_still_newer(tmp_path: Path) -> None:
    first = edition(tmp_path / "a", TWO).renewed((), 1000)
    changed = again(tmp_path / "b", first, TWO.replace("1.", "One.")).renewed((), 1000)
    assert changed.notes[0].mod == 1001


def test_evidence_of_each_environment_is_kept_until_the_code_changes(tmp_path: Path) -> None:
    found = edition(tmp_path / "a", TWO)
    first = found.renewed([evidence(found), evidence(found, "2.15.1")], 1000)
    assert [e.tensorflow for e in first.notes[1].evidence[0]] == ["2.15.1", "2.21.0"]
    same = again(tmp_path / "b", first, TWO.replace("1.", "One.")).renewed((), 2000)
    assert same.notes[1].evidence == first.notes[1].evidence
    other = again(tmp_path / "c", first, TWO.replace("print(2)", "print(1 + 1)")).renewed((), 2000)
    assert other.notes[1].evidence == ((),)


def test_a_guid_that_learners_have_stays(tmp_path: Path) -> None:
    first = edition(tmp_path / "a", TWO).renewed((), 1000)
    lay_out(tmp_path / "b", TWO)
    (tmp_path / "b/cards/demo/deck.lock").write_text(first.text.replace(guid("demo", "one"), "older"))
    (found,), _ = editions(load(tmp_path / "b"))
    assert found.renewed((), 2000).notes[0].guid == "older"


def test_guids_do_not_collide_where_ids_are_cut_elsewhere() -> None:
    assert guid("a-b", "c") != guid("a", "b-c")


ENTRY = '{"card":"a","guid":"g","content":"c","mod":%s,"evidence":%s}'
BROKEN = [
    ENTRY % ("1e999", "[]"),
    ENTRY % ("1" * 30, "[]"),
    ENTRY % ("-1", "[]"),
    ENTRY % ("1", '["x"]'),
    ENTRY % ("1", '[{"key":[],"python":"3"}]'),
    ENTRY % ("1", '[{"key":"k"}]'),
    ENTRY.replace('"g"', '"\\ud800"') % ("1", "[]"),
    *["<<<<<<< HEAD", "{}", "[]", '{"card": 1}', "[" * 5000, '{"card":"a","guid":"","content":"","mod":"x"}'],
]


@pytest.mark.parametrize("line", BROKEN, ids=range(len(BROKEN)))
def test_a_line_that_is_none_is_a_problem_and_the_rest_is_read(tmp_path: Path, line: str) -> None:
    renewed = edition(tmp_path, TWO).renewed((), 1000)
    lock, (problem,) = read_lock(f"{line}\n{renewed.text}", "cards/demo/deck.lock")
    assert lock == renewed.lock
    assert (problem.code, problem.span.line) == ("VD601", 1)


def key(root: Path, text: str) -> str:
    return keys_of(edition(root, text).notes[-1].card)[-1]


def test_a_key_changes_with_what_a_verdict_hangs_on_and_with_nothing_else(tmp_path: Path) -> None:
    before = "# Two? {#two}\n\n```python\nx = 2\n```\n\n```python\nprint(x)\n```\n\n```output\n2\n```\n"
    same = [
        before.replace("Two?", "Which?"),
        before.replace("```python\nprint", "```python timeout=5\nprint"),
        f"# A? {{#a}}\n\nA.\n\n{before}",
    ]
    other = [
        before.replace("x = 2", "x = 3"),
        before.replace("\n2\n", "\n3\n"),
        before.replace("print(x)", "print(x )"),
        before.replace("```output", '```output tensorflow=">2"'),
        before.replace("```python\nprint", "```python raises=E\nprint"),
    ]
    wanted = key(tmp_path / "before", before)
    assert {key(tmp_path / f"same{i}", text) for i, text in enumerate(same)} == {wanted}
    assert wanted not in {key(tmp_path / f"other{i}", text) for i, text in enumerate(other)}


def test_the_path_of_a_card_is_no_part_of_its_identity(tmp_path: Path) -> None:
    here = edition(tmp_path / "a", TWO)
    (lay_out(tmp_path / "b", TWO) / CARD).rename(tmp_path / "b/cards/demo/99-last.md")
    (there,), _ = editions(load(tmp_path / "b"))
    assert [(n.guid, n.content) for n in here.notes] == [(n.guid, n.content) for n in there.notes]
