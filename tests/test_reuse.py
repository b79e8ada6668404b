"""What has been run is not run again, unless something has changed on which the verdict hangs."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from test_cli import verideck

from cards import GOOD, PLAIN
from examples import CARD, lay_out
from verideck.edition import editions
from verideck.project import load
from verideck.verify import Execution, verify

ONE = f"# One? {{#one}}\n\nYes.\n\n{GOOD}"


def outcomes(root: Path, *options: str) -> list[tuple[str, bool]]:
    """The outcome of each snippet in a run of the command, and whether it was known."""
    result = verideck(root, "verify", "--format", "json", *options)
    return [(snippet["outcome"], snippet["reused"]) for snippet in json.loads(result.stdout)["snippets"]]


def test_a_second_run_runs_nothing_and_a_fresh_one_all(tmp_path: Path) -> None:
    lay_out(tmp_path, ONE, PLAIN)
    assert outcomes(tmp_path) == [("pass", False)]
    assert outcomes(tmp_path) == [("pass", True)]
    assert outcomes(tmp_path, "--fresh") == [("pass", False)]


def test_another_code_or_output_is_run(tmp_path: Path) -> None:
    lay_out(tmp_path, ONE, PLAIN)
    outcomes(tmp_path)
    (tmp_path / CARD).write_text(ONE.replace("print('good')", "print( 'good')"))
    assert outcomes(tmp_path) == [("pass", False)]
    (tmp_path / CARD).write_text(ONE.replace("output\ngood", "output\ngoo..."))
    assert outcomes(tmp_path) == [("pass", False)]
    (tmp_path / CARD).write_text(ONE.replace("Yes.", "Of course."))
    outcomes(tmp_path, "--fresh")
    (tmp_path / CARD).write_text(ONE)
    assert outcomes(tmp_path) == [("pass", True)]


def test_another_seed_is_run_and_then_known_too(tmp_path: Path) -> None:
    lay_out(tmp_path, ONE, PLAIN)
    outcomes(tmp_path)
    assert outcomes(tmp_path, "--seed", "1") == [("pass", False)]
    assert outcomes(tmp_path, "--seed", "1") == outcomes(tmp_path) == [("pass", True)]


def test_a_failure_is_remembered_run_again_and_replaced(tmp_path: Path) -> None:
    lay_out(tmp_path, ONE.replace("output\ngood", "output\nbad"), PLAIN)
    lock = tmp_path / "cards/demo/deck.lock"
    assert outcomes(tmp_path) == outcomes(tmp_path) == [("fail", False)]
    (failure,) = json.loads(lock.read_text())["evidence"]
    assert failure["outcome"] == "fail"
    passed = lock.read_text().replace('"fail"', '"pass"')
    lock.write_text(passed)
    assert outcomes(tmp_path, "--fresh") == [("fail", False)]
    assert lock.read_text() == passed.replace('"pass"', '"fail"')


def test_what_depends_on_time_and_memory_alone_is_no_evidence(tmp_path: Path) -> None:
    lay_out(tmp_path, ONE.replace("print('good')", "import time; time.sleep(9)"), PLAIN.replace("20", "0.2"))
    assert outcomes(tmp_path) == [("timeout", False)]
    assert json.loads((tmp_path / "cards/demo/deck.lock").read_text())["evidence"] == []


def test_an_old_pass_goes_with_a_run_that_does_not_get_through(tmp_path: Path) -> None:
    slow = ONE.replace("print('good')", "import time; time.sleep(1); print('good')")
    lay_out(tmp_path, slow, PLAIN)
    assert outcomes(tmp_path) == [("pass", False)]
    (tmp_path / "cards/demo/deck.toml").write_text(PLAIN.replace("20", "0.2"))
    assert outcomes(tmp_path) == [("pass", True)]  # limits are no part of the key
    assert outcomes(tmp_path, "--fresh") == [("timeout", False)]
    assert outcomes(tmp_path) == [("timeout", False)]
    assert verideck(tmp_path, "build").returncode == 1


def test_of_two_cards_with_the_same_code_the_worse_counts(tmp_path: Path) -> None:
    code = f"import pathlib\nmark = pathlib.Path({str(tmp_path / 'mark')!r})\nnew = not mark.exists()\nmark.touch()\n"
    body = GOOD.replace("print('good')", f"{code}print('good' if new else 'bad')")
    lay_out(tmp_path, f"# One? {{#one}}\n\nYes.\n\n{body}\n# Two? {{#two}}\n\nYes.\n\n{body}", PLAIN)
    found = outcomes(tmp_path, "--sandbox", "off", "--jobs", "1")  # a sandbox would keep the mark from being set
    assert found == [("pass", False), ("fail", False)]
    lines = (tmp_path / "cards/demo/deck.lock").read_text().splitlines()
    assert [one["outcome"] for line in lines for one in json.loads(line)["evidence"]] == ["fail", "fail"]


PARTS = {
    "key": "other", "python": "3.1", "tensorflow": "2.0.0", "keras": "1.0", "numpy": "1.0", "device": "gpu", "seed": 7,
    "profile": "rtol 1", "outcome": "fail",
}  # fmt: skip


@pytest.mark.parametrize("part", [None, *PARTS])
def test_each_part_of_the_key_counts(tmp_path: Path, part: str | None) -> None:
    (edition,), _ = editions(load(lay_out(tmp_path, ONE, PLAIN)))
    (evidence,) = verify(edition.notes, {}, "missing").evidence
    if part:
        assert getattr(evidence, part) != PARTS[part]
        evidence = replace(evidence, **{part: PARTS[part]})
    (verdict,) = verify(edition.notes, {"one": [evidence]}, "missing").verdicts
    assert (verdict.outcome, verdict.reused) == ("pass", part is None)


def test_evidence_of_another_seed_serves_a_run_with_that(tmp_path: Path) -> None:
    (edition,), _ = editions(load(lay_out(tmp_path, ONE, PLAIN)))
    first = verify(edition.notes, {}, "missing", Execution(seed=3))
    again = verify(edition.notes, {"one": first.evidence}, "missing", Execution(seed=3))
    assert [verdict.reused for verdict in again.verdicts] == [True]
