from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from examples import CARD, lay_out
from verideck import files
from verideck.edition import editions
from verideck.files import read_text, write
from verideck.model import Problem
from verideck.project import find_project, load
from verideck.report.problems import as_text, in_order

GOOD = "# Asked? {#a}\n\nAnswered.\n"


def said(root: Path) -> str:
    project = load(root)
    return as_text(in_order(editions(project)[1]), {})


def test_what_is_not_utf8_is_named_at_its_byte(tmp_path: Path) -> None:
    lay_out(tmp_path, "")
    (tmp_path / CARD).write_bytes(b"# Asked? {#a}\n\ncaf\xe9\n")
    assert said(tmp_path) == f"{CARD}:3:4: VD003 this is not UTF-8: byte 0xe9\n    hint: save the file as UTF-8\n"


def test_a_nul_is_named_at_its_line(tmp_path: Path) -> None:
    lay_out(tmp_path, GOOD + "\n\0\n")
    assert said(tmp_path).startswith(f"{CARD}:5:1: VD003 this is not text: it holds a NUL character\n")


def test_fifty_megabytes_are_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lay_out(tmp_path, GOOD)
    with (tmp_path / CARD).open("wb") as file:
        file.truncate(50 * 1024 * 1024)
    opened = []
    read = Path.read_bytes
    monkeypatch.setattr(Path, "read_bytes", lambda path: opened.append(path.name) or read(path))
    assert said(tmp_path).startswith(f"{CARD}:1:1: VD001 this file has 50 MB; no more than 2 MB are read\n")
    assert "01-example.md" not in opened


def test_what_cannot_be_read_is_named(tmp_path: Path) -> None:
    problem = read_text(tmp_path / "gone.md", "gone.md")
    assert isinstance(problem, Problem)
    assert (problem.code, problem.message) == ("VD002", "cannot be read: No such file or directory")


def test_one_file_that_cannot_be_read_does_not_hide_the_others(tmp_path: Path) -> None:
    lay_out(tmp_path, GOOD)
    (tmp_path / "cards/demo/02.md").write_bytes(b"\xff")
    (tmp_path / "cards/demo/03.md").write_text("# Asked? {#a}\n\nAgain.\n")
    assert re.findall(r"VD\d{3}", said(tmp_path)) == ["VD003", "VD401"]


def test_a_card_file_without_a_deck_is_not_dropped_in_silence(tmp_path: Path) -> None:
    lay_out(tmp_path, GOOD)
    (tmp_path / "cards/lost.md").write_text(GOOD)
    (tmp_path / "cards/README.md").write_text("What the decks are.\n")
    assert said(tmp_path) == (
        "cards/lost.md:1:1: VD402 this file is in no deck\n"
        "    hint: put it into a deck's folder, or write a deck.toml beside it\n"
    )


def test_a_deck_without_cards_and_one_with_a_taken_id(tmp_path: Path) -> None:
    lay_out(tmp_path, GOOD)
    (tmp_path / "cards/demo2").mkdir()
    (tmp_path / "cards/demo2/deck.toml").write_text('id = "demo"\nname = "Again"\n')
    codes = re.findall(r"(\S+) (VD\d{3})", said(tmp_path))
    assert codes == [("cards/demo2/deck.toml:1:1:", "VD403"), ("cards/demo2/deck.toml:1:1:", "VD404")]


def test_a_deck_inside_a_deck_keeps_its_cards(tmp_path: Path) -> None:
    lay_out(tmp_path, GOOD)
    (tmp_path / "cards/demo/inner").mkdir()
    (tmp_path / "cards/demo/inner/deck.toml").write_text('id = "inner"\nname = "Inner"\n')
    (tmp_path / "cards/demo/inner/01.md").write_text(GOOD)
    found, problems = editions(load(tmp_path))
    assert problems == ()
    assert [(edition.deck.id, len(edition.notes)) for edition in found] == [("demo", 1), ("inner", 1)]


def test_a_project_is_the_nearest_folder_with_cards(tmp_path: Path) -> None:
    lay_out(tmp_path, GOOD)
    assert find_project(tmp_path / "cards/demo") == tmp_path.resolve()
    assert find_project(Path("/")) is None


def test_a_write_is_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "deck.lock"
    write(target, b"old")
    target.chmod(0o640)

    def fail(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(files.os, "fsync", fail)
    with pytest.raises(OSError, match="No space"):
        write(target, b"new")
    assert target.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [target]
    monkeypatch.undo()
    write(target, b"new")
    assert (target.read_bytes(), target.stat().st_mode & 0o777) == (b"new", 0o640)


def test_a_write_of_the_same_touches_nothing(tmp_path: Path) -> None:
    target = tmp_path / "deck.lock"
    write(target, b"same")
    os.utime(target, (1, 1))
    write(target, b"same")
    assert target.stat().st_mtime == 1


def test_every_kind_of_name_is_a_card_file(tmp_path: Path) -> None:
    lay_out(tmp_path, GOOD)
    for name in ("02-RNN.md", "TF2.MD", "more.markdown"):
        (tmp_path / "cards/demo" / name).write_text(f"# Asked? {{#{name[:3].lower().strip('-.')}}}\n\nYes.\n")
    (tmp_path / "cards/demo/.hidden").mkdir()
    (tmp_path / "cards/demo/.hidden/old.md").write_text(GOOD)
    (tmp_path / "cards/demo/folder.md").mkdir()
    (edition,), problems = editions(load(tmp_path))
    assert problems == ()
    assert len(edition.notes) == 4


def test_a_link_that_leads_nowhere_is_a_problem(tmp_path: Path) -> None:
    lay_out(tmp_path, GOOD)
    (tmp_path / "cards/demo/02.md").symlink_to("gone.md")
    assert "cards/demo/02.md:1:1: VD002 cannot be read" in said(tmp_path)


def test_a_write_follows_a_link(tmp_path: Path) -> None:
    (tmp_path / "real").write_bytes(b"old")
    (tmp_path / "link").symlink_to("real")
    write(tmp_path / "link", b"new")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real").read_bytes() == b"new"
