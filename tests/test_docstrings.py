"""TensorFlow's own documentation: a sample of it, run, judged beside TensorFlow's checker, and with errors planted."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import pytest

from docstrings.known import VERSION, reason
from docstrings.plant import plant
from docstrings.run import run
from docstrings.study import Judged, study

TESTS = Path(__file__).parent
SAMPLE = 60


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> list[Judged]:
    folder = tmp_path_factory.mktemp("docstrings")
    # In a process of its own, as it imports TensorFlow.
    command = [sys.executable, "-m", "docstrings", "collect", str(folder), "--sample", str(SAMPLE)]
    paths = os.pathsep.join([str(TESTS), str(TESTS.parent / "generator")])
    subprocess.run(command, check=True, env=os.environ | {"PYTHONPATH": paths}, capture_output=True)
    ran, counts = run(folder)
    through = [count for what, count in counts.items() if what.startswith("TensorFlow: docstrings: ")]
    assert SAMPLE - 2 <= sum(through) <= SAMPLE  # some docstrings are not Python
    assert counts["TensorFlow: docstrings: pass"] > SAMPLE / 2
    return study(ran)


@pytest.mark.slow
def test_only_wrong_documentation_fails(judged: list[Judged]) -> None:
    alarms = [one for one in judged if one.ours and one.theirs]
    if metadata.version("tensorflow") == VERSION:
        assert [one for one in alarms if not reason(one.example.name)] == []
    assert len(alarms) < len(judged) / 20
    assert len([one for one in judged if one.ours is None and one.example.want]) > SAMPLE


@pytest.mark.slow
def test_planted_errors_are_seen(judged: list[Judged]) -> None:
    for count in plant(judged, 150):
        assert count.planted, str(count)
        assert count.ours >= 0.99 * count.planted, str(count)
        assert count.ours >= count.theirs, str(count)
