"""The benchmark works; its times are read by people, on a quiet machine."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

BENCHMARK = Path(__file__).parent / "benchmarks/verifying.py"


@pytest.mark.slow
def test_the_benchmark_runs_and_the_verdicts_agree() -> None:
    command = [sys.executable, str(BENCHMARK), "--cards", "6", "--quick"]
    result = subprocess.run(command, capture_output=True, text=True, check=False, timeout=600)
    assert result.returncode == 0, result.stderr
    table = {line[:32].strip(): line for line in result.stdout.splitlines()}
    assert table["(a) a new Python for each card"].endswith("1 pass, 1 fail")
    assert table["(b) one Python for all cards"].endswith("5 pass, 1 fail")
    ours = [line for name, line in table.items() if name.startswith("(c)") and " times " in line]
    assert len(ours) == 3
    assert all(line.endswith("5 pass, 1 fail") for line in ours)
    assert int(table["(c) a child"].split()[-1]) >= 6
