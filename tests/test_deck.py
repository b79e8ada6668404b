"""The first deck keeps its promises."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from verideck.edition import editions
from verideck.model import Note
from verideck.project import load
from verideck.report.problems import as_text
from verideck.verify import Execution, stale, verify

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def edition():
    project = load(ROOT, [ROOT / "cards/hands-on-ml-12"])
    (found,), problems = editions(project)
    assert as_text(problems, project.texts) == ""
    return found


def test_all_eleven_questions_have_cards_and_claims_of_both_sources(edition) -> None:
    for question in range(1, 12):
        notes = [note for note in edition.notes if f"q{question:02}" in note.tags]
        sources = Counter(claim.citation.source for note in notes for claim in note.card.claims)
        assert notes
        assert set(sources) == {"A", "B"}, question


def test_every_card_carries_a_snippet_that_ran(edition) -> None:
    sealed = edition.renewed((), 0)
    without = [note.card.id for note in sealed.notes if not any(note.evidence)]
    assert without == []
    assert stale(edition.notes, edition.known) == ()


def test_every_conflict_is_ruled_on(edition) -> None:
    rulings = Counter(dispute.conflict.ruling.verdict for note in edition.notes for dispute in note.disputes)
    assert rulings["open"] == 0
    assert sum(rulings.values()) >= 40


def test_every_reading_and_claim_cites_a_line_that_the_source_has(edition) -> None:
    last = {"A": 68, "B": 249}
    for note in edition.notes:
        for citation in citations(note):
            assert citation.lines is not None
            assert 1 <= citation.lines[0] <= citation.lines[1] <= last[citation.source]


def citations(note: Note):
    yield from (reading.citation for conflict in note.card.conflicts for reading in conflict.readings)
    yield from (claim.citation for claim in note.card.claims)


@pytest.mark.slow
@pytest.mark.parametrize("isolation", ["fork", "cold"])
def test_every_snippet_passes_afresh(edition, isolation: str) -> None:
    run = verify(edition.notes, {}, "fresh", Execution(isolation))
    project = load(ROOT, [ROOT / "cards/hands-on-ml-12"])
    assert as_text(run.problems, project.texts) == ""
    assert Counter(verdict.outcome for verdict in run.verdicts)["pass"] >= 100
    assert run.hello.isolation == isolation
