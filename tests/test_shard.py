"""Parts of the work, and verdicts as they come."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest
from test_cli import verideck

from cards import GOOD, PLAIN, python
from examples import lay_out

SEVEN = "".join(f"# Card {i}? {{#card-{i}}}\n\nYes.\n\n{GOOD}\n" for i in range(7)) + "# Prose? {#prose}\n\nNo code.\n"


def cards_run(root: Path, *options: str, **environment: str) -> list[str]:
    result = verideck(root, "verify", "--fresh", "--format", "json", *options, **environment)
    assert result.returncode == 0, result.stderr
    return [snippet["card"] for snippet in json.loads(result.stdout)["snippets"]]


def test_shards_are_all_of_it_and_have_nothing_in_common(tmp_path: Path) -> None:
    lay_out(tmp_path, SEVEN, PLAIN)
    parts = [cards_run(tmp_path, "--shard", f"{k}/3") for k in (1, 2, 3)]
    assert sorted(card for part in parts for card in part) == [f"card-{i}" for i in range(7)]
    assert sorted(map(len, parts)) == [2, 2, 3]


def test_a_shard_can_be_told_as_bazel_does(tmp_path: Path) -> None:
    lay_out(tmp_path, SEVEN, PLAIN)
    status = tmp_path / "understood"
    told = {"TEST_SHARD_INDEX": "1", "TEST_TOTAL_SHARDS": "3", "TEST_SHARD_STATUS_FILE": str(status)}
    assert cards_run(tmp_path, **told) == cards_run(tmp_path, "--shard", "2/3")
    assert status.exists()


def test_shards_may_be_more_than_cards(tmp_path: Path) -> None:
    lay_out(tmp_path, SEVEN, PLAIN)
    assert cards_run(tmp_path, "--shard", "9/9") == []


@pytest.mark.parametrize("shard", ["0/3", "4/3", "1", "a/b", "1/0", "-1/2"])
def test_what_is_no_shard_is_refused(tmp_path: Path, shard: str) -> None:
    lay_out(tmp_path, SEVEN, PLAIN)
    result = verideck(tmp_path, "verify", f"--shard={shard}")
    assert result.returncode == 2
    assert f"{shard} is not a shard; write k/n" in result.stderr


def test_what_shards_find_comes_together_in_the_lock(tmp_path: Path) -> None:
    lay_out(tmp_path, SEVEN, PLAIN)
    for k in (1, 2):
        cards_run(tmp_path, "--shard", f"{k}/2")
    result = verideck(tmp_path, "verify", "--format", "json")
    assert {snippet["reused"] for snippet in json.loads(result.stdout)["snippets"]} == {True}


def test_a_failure_is_told_while_others_still_run(tmp_path: Path) -> None:
    slow = python("import time; time.sleep(60)", "timeout=90")
    text = "".join(
        f"# Card {i}? {{#card-{i}}}\n\nYes.\n\n{body}\n" for i, body in enumerate([GOOD, python("1 / 0"), slow])
    )
    lay_out(tmp_path, text, PLAIN)
    command = [sys.executable, "-m", "verideck", "verify"]
    with subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.PIPE, env={**os.environ}, text=True) as run:
        assert "VD502 the snippet raised ZeroDivisionError" in run.stderr.readline()
        assert run.poll() is None
        run.terminate()


def test_problems_come_in_the_order_of_the_cards(tmp_path: Path) -> None:
    bodies = [python("import time; time.sleep(1)\n1 / 0"), python("{}['x']"), python("[][1]")]
    text = "".join(f"# Card {i}? {{#card-{i}}}\n\nYes.\n\n{body}\n" for i, body in enumerate(bodies))
    lay_out(tmp_path, text, PLAIN)
    said = verideck(tmp_path, "verify", "--jobs", "3").stderr
    assert [line.split()[5] for line in said.splitlines() if "VD502" in line] == [
        "ZeroDivisionError:", "KeyError:", "IndexError:",
    ]  # fmt: skip


def test_jobs_is_how_many_run_at_a_time(tmp_path: Path) -> None:
    body = python("import time\nprint(time.monotonic())\ntime.sleep(0.5)\nprint(time.monotonic())")
    text = "".join(f"# Card {i}? {{#card-{i}}}\n\nYes.\n\n{body}\n" for i in range(4))
    lay_out(tmp_path, text, PLAIN)
    for jobs in (1, 4):
        told = json.loads(verideck(tmp_path, "verify", "--fresh", "--format", "json", "-j", str(jobs)).stdout)
        times = sorted([float(time) for time in snippet["got"].split()] for snippet in told["snippets"])
        together = [second[0] < first[1] for first, second in pairwise(times)]
        assert any(together) == (jobs == 4)
