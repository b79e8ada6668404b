"""The documents are the tests: FORMAT.md, and the collection of faults in `tests/problems/`."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from examples import Example, examples, lay_out
from verideck.deck import read_deck
from verideck.edition import editions
from verideck.project import load
from verideck.report import rules
from verideck.report.again import with_commands
from verideck.report.problems import as_text, in_order
from verideck.verify import verify

ROOT = Path(__file__).parent.parent
FORMAT = ROOT / "FORMAT.md"
README = ROOT / "README.md"
PAGES = [FORMAT, README, ROOT / "CONTRIBUTING.md"]
FAULTS = sorted((ROOT / "tests/problems").glob("*.md"))


def judged(example: Example, root: Path) -> tuple[str, bool]:
    """What is said about an example, with the lines of the file; whether it ran and nothing was skipped."""
    project = load(lay_out(root, example.text, example.toml))
    found, problems = editions(project)
    runs = [with_commands(verify(edition.notes, {}, "fresh"), edition.notes) for edition in found]
    skipped = any(verdict.outcome == "skip" for run in runs for verdict in run.verdicts)
    texts = {} if example.document in PAGES else project.texts
    return as_text(in_order([*problems, *(problem for run in runs for problem in run.problems)]), texts), not skipped


@pytest.mark.parametrize("example", [e for document in (*PAGES, *FAULTS) for e in examples(document)], ids=str)
def test_what_a_document_shows_is_what_happens(example: Example, tmp_path: Path, refresh) -> None:
    said, complete = judged(example, tmp_path)
    if refresh and said != example.problems:
        refresh(example, said)
        return
    assert said == example.problems
    assert complete or said or example.document in FAULTS


def test_the_readme_shows_a_wrong_card_as_it_is(tmp_path: Path) -> None:
    (smallest,) = examples(README)
    project = load(lay_out(tmp_path, smallest.text.replace("\nint32\n", "\nfloat32\n")))
    (edition,), _ = editions(project)
    run = with_commands(verify(edition.notes, {}, "fresh"), edition.notes)
    assert as_text(run.problems, project.texts) in README.read_text()


def test_format_md_decks_are_decks() -> None:
    tables = re.findall(r"^```toml\n(.*?)^```", FORMAT.read_text(), re.DOTALL | re.MULTILINE)
    assert len(tables) >= 2
    for table in tables:
        deck, problems = read_deck(table, "cards/demo/deck.toml")
        assert deck is not None
        assert not problems


def test_every_code_is_explained_and_shown() -> None:
    codes = set()
    for module in set((ROOT / "generator").rglob("*.py")) - {Path(rules.__file__)}:  # where they are only described
        codes |= set(re.findall(r'"(VD\d{3})"', module.read_text()))
    explained = set(re.findall(r"^\| (VD\d{3}) \|", FORMAT.read_text(), re.MULTILINE))
    shown = set()
    for document in [FORMAT, *FAULTS, *(ROOT / "tests").glob("test_*.py")]:
        shown |= set(re.findall(r"\b(VD\d{3})\b", document.read_text().partition("## What is refused")[0]))
    assert codes == explained
    assert codes - shown == set()
