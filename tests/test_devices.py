"""Devices, as far as they go without a GPU: which one is chosen where, what is skipped, and whether two agree."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from test_cli import verideck

from cards import GOOD, PLAIN, python, run_cards
from examples import lay_out
from verideck.model import Snippet, Span, Verdict
from verideck.verify.agreement import disagreements
from verideck.verify.compare import CPU, GPU, compare
from verideck.verify.environment import Environment

NO_GPU = "TensorFlow finds no GPU on this machine"
TENSORFLOW = "import tensorflow as tf\nprint(tf.constant(1).device[-5:], len(tf.config.list_physical_devices('GPU')))"


def gpus() -> bool:
    code = "import tensorflow as tf; print(len(tf.config.list_physical_devices('GPU')))"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return result.stdout.strip() != "0"


def test_on_the_cpu_no_gpu_is_seen(tmp_path: Path) -> None:
    (verdict,) = run_cards(tmp_path, python(TENSORFLOW, output="CPU:0 0")).verdicts
    assert (verdict.outcome, verdict.evidence.device) == ("pass", "cpu")


def test_where_there_is_no_gpu_all_is_skipped_counted_and_shown_and_never_passed(tmp_path: Path) -> None:
    if gpus():
        pytest.skip("this machine has a GPU, and the test is of one that has none")
    lay_out(tmp_path, f"# One? {{#one}}\n\nYes.\n\n{GOOD}\n{python(TENSORFLOW)}\n{python('1 / 0', 'gpu')}", PLAIN)
    result = verideck(tmp_path, "verify", "--device", "all", "--format", "json")
    assert result.returncode == 0, result.stderr
    told = json.loads(result.stdout)
    found = [(snippet["device"], snippet["outcome"], snippet["reason"]) for snippet in told["snippets"]]
    needs = "it needs a GPU, and this run is on the CPU"
    assert found == [
        ("cpu", "pass", ""), ("cpu", "pass", ""), ("cpu", "skip", needs), *[("gpu", "skip", NO_GPU)] * 3,
    ]  # fmt: skip
    assert told["summary"] == {"pass": 2, "skip": 4}
    text = verideck(tmp_path, "verify", "--device", "all").stdout
    assert text.count(f"skipped: {NO_GPU}") == 3
    assert "CPU  " in text.splitlines()[-4]
    lock = json.loads((tmp_path / "cards/demo/deck.lock").read_text())
    assert {evidence["device"] for evidence in lock["evidence"]} == {"cpu"}


def test_a_deck_can_ask_for_devices(tmp_path: Path) -> None:
    if gpus():
        pytest.skip("this machine has a GPU, and the test is of one that has none")
    lay_out(tmp_path, f"# One? {{#one}}\n\nYes.\n\n{GOOD}", PLAIN + 'device = "gpu"\npreload = ["tensorflow"]\n')
    told = json.loads(verideck(tmp_path, "verify", "--format", "json").stdout)
    assert told["summary"] == {"skip": 1}
    told = json.loads(verideck(tmp_path, "verify", "--format", "json", "--device", "cpu").stdout)
    assert told["summary"] == {"pass": 1}


@pytest.mark.parametrize(("device", "on"), [("cpu", True), ("gpu", False)])
def test_tf32_is_off_under_the_gpu_profile(device: str, *, on: bool) -> None:
    code = f"import tensorflow as tf\nfrom verideck.isolate import devices\ndevices.settle({device!r})\n"
    code += "print(tf.config.experimental.tensor_float_32_execution_enabled())"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout == f"{on}\n"


@pytest.mark.parametrize(("device", "hidden", "grows"), [("cpu", "-1", None), ("gpu", None, "true")])
def test_the_device_is_chosen_before_tensorflow_looks(device: str, hidden: str | None, grows: str | None) -> None:
    code = f"import os\nfrom verideck.isolate import devices\ndevices.choose({device!r})\n"
    code += "print([os.environ.get(name) for name in ('CUDA_VISIBLE_DEVICES', 'TF_FORCE_GPU_ALLOW_GROWTH')])"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env={})
    assert result.stdout == f"{[hidden, grows]}\n"


def test_evidence_of_a_gpu_has_its_profile() -> None:
    assert Environment("3.11").profile is CPU
    assert Environment("3.11", device="gpu").profile is GPU
    assert compare("1.00001234", "1.00005", CPU) is not None
    assert compare("1.00001234", "1.00005", GPU) is None
    assert compare("1.0001", "1.0004", GPU) is not None


def verdict(got: str, *, outcome: str = "pass", reused: bool = False) -> Verdict:
    return Verdict("demo", "one", Snippet("", Span("cards/demo/01.md", 5)), outcome, got=got, reused=reused)


def test_a_cpu_and_a_gpu_that_print_another_thing_are_a_problem() -> None:
    (problem,) = disagreements([verdict("[1.0 2.0]")], [verdict("[1.0 2.1]")])
    assert (problem.code, problem.span.line) == ("VD513", 5)
    assert problem.detail == "CPU: [1.0 2.0]\nGPU: [1.0 2.1]"


def test_a_cpu_and_a_gpu_agree_within_the_gpus_profile() -> None:
    assert list(disagreements([verdict("[1.0 2.0]")], [verdict("[1.0 2.0001]")])) == []
    other = replace(verdict("x"), snippet=Snippet("", Span("cards/demo/01.md", 9)))
    failed, known = verdict("y", outcome="fail"), verdict("z", reused=True)
    for there in (failed, known, other):
        assert list(disagreements([verdict("x")], [there])) == []
