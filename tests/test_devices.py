"""Devices, as far as they go without a GPU: which one is chosen where, what is skipped, and whether two agree."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from test_cli import verideck

from cards import GOOD, PLAIN, python, run_cards
from examples import CARD, lay_out
from verideck.commands.execution import chosen
from verideck.edition import editions
from verideck.model import Evidence, Snippet, Span, Verdict
from verideck.project import load
from verideck.verify import Execution
from verideck.verify.agreement import agreeing, comparable, paired
from verideck.verify.compare import CPU, GPU, compare
from verideck.verify.environment import Environment
from verideck.verify.key import keys_of

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


SPAN = Span("cards/demo/01.md", 5)


def verdict(got: str, device: str = "cpu", *, outcome: str = "pass", reused: bool = False) -> Verdict:
    evidence = replace(Evidence("key", "3.11", "2.21.0", device=device), outcome=outcome)
    return Verdict("demo", "one", Snippet("", SPAN), outcome, got=got, reused=reused, evidence=evidence)


def test_what_the_gpu_prints_otherwise_fails_there() -> None:
    passed = verdict("[1.0 2.1]", "gpu")
    (failed,) = agreeing([verdict("[1.0 2.0]")], [passed])
    assert (failed.problem.code, failed.problem.span.line) == ("VD513", 5)
    assert failed.problem.detail == "CPU: [1.0 2.0]\nGPU: [1.0 2.1]"
    assert (failed.outcome, failed.reason) == ("fail", failed.problem.message)
    assert failed.evidence == replace(passed.evidence, outcome="fail")


def test_a_cpu_and_a_gpu_agree_within_the_gpus_profile() -> None:
    there = verdict("[1.0 2.0001]", "gpu")
    assert list(agreeing([verdict("[1.0 2.0]")], [there])) == [there]
    elsewhere = replace(verdict("x", "gpu"), snippet=Snippet("", Span("cards/demo/01.md", 9)))
    failed, known = verdict("y", "gpu", outcome="fail"), verdict("z", "gpu", reused=True)
    for there in (failed, known, elsewhere):
        assert list(agreeing([verdict("x")], [there])) == [there]


def test_what_the_gpu_ran_anew_the_cpu_runs_again() -> None:
    known = {"one": [Evidence("key", "3.11")], "two": [Evidence("other", "3.11")]}
    assert set(comparable(known, [verdict("x", "gpu")])) == {"two"}
    for there in (verdict("x", "gpu", reused=True), verdict("x", "gpu", outcome="fail"), verdict("", outcome="skip")):
        assert comparable(known, [there]) == known


def test_what_passed_on_the_gpu_alone_runs_there_again_unless_it_is_for_a_gpu(tmp_path: Path) -> None:
    text = f"# One? {{#one}}\n\nYes.\n\n{GOOD}\n{python('x = 1', 'gpu')}"
    (edition,), _ = editions(load(lay_out(tmp_path, text, PLAIN)))
    plain, for_gpu = keys_of(edition.notes[0].card)
    cpu, only = Evidence(plain, "3.11"), Evidence(for_gpu, "3.11", device="gpu")
    gpu = replace(cpu, device="gpu")
    assert paired({"one": [gpu, only]}, edition.notes) == {"one": [only]}
    assert paired({"one": [cpu, gpu, only]}, edition.notes) == {"one": [cpu, gpu, only]}
    older = replace(cpu, python="3.10")
    assert paired({"one": [older, gpu]}, edition.notes) == {"one": [older]}


STAND_IN = """\
import sys
from importlib.metadata import version
from types import SimpleNamespace as Space

__version__ = version("tensorflow")
keras = sys.modules["keras"] = Space(__version__=version("keras"), layers=None)
import numpy
experimental = Space(get_device_details=lambda gpu: {}, enable_tensor_float_32_execution=lambda on: None)
config = Space(list_physical_devices=lambda kind: ["GPU"], experimental=experimental)
random = Space(set_seed=lambda seed: None)
ones = lambda shape: numpy.ones(shape)
matmul, function = numpy.matmul, lambda run: run
"""


def test_a_disagreement_is_said_again_until_it_is_mended(tmp_path: Path) -> None:
    (tmp_path / "modules").mkdir()
    (tmp_path / "modules/tensorflow.py").write_text(STAND_IN)  # there is no GPU; this says that there is
    body = python("import os, tensorflow\nprint(os.environ.get('CUDA_VISIBLE_DEVICES'))", output="...")
    toml = PLAIN + 'device = "all"\npreload = ["tensorflow"]\n'
    lay_out(tmp_path, f"# One? {{#one}}\n\nYes.\n\n{GOOD}\n# Two? {{#two}}\n\nYes.\n\n{body}", toml)
    variables = {"PYTHONPATH": os.pathsep.join([str(tmp_path / "modules"), os.environ.get("PYTHONPATH", "")])}
    verideck(tmp_path, "verify", "--device", "cpu", **variables)
    for _ in range(2):
        result = verideck(tmp_path, "verify", "--format", "json", **variables)
        told = json.loads(result.stdout)
        assert result.returncode == 1
        assert [problem["code"] for problem in told["problems"]] == ["VD513"]
        assert told["problems"][0]["again"] == f"verideck verify --fresh {CARD} --card two"
        assert [(s["card"], s["device"], s["outcome"]) for s in told["snippets"]] == [
            ("one", "cpu", "pass"), ("two", "cpu", "pass"), ("one", "gpu", "pass"), ("two", "gpu", "fail"),
        ]  # fmt: skip
    assert [snippet["reused"] for snippet in told["snippets"]] == [True, False, True, False]


def test_a_failure_tells_its_device_where_the_deck_says_another(tmp_path: Path) -> None:
    lay_out(tmp_path, f"# One? {{#one}}\n\nYes.\n\n{python('1 / 0')}", PLAIN + 'device = "gpu"\n')
    said = verideck(tmp_path, "verify", "--device", "cpu").stderr
    assert f"    again: verideck verify --fresh --device cpu {CARD} --card one\n" in said
    (edition,), _ = editions(load(tmp_path))
    assert chosen(Execution(device="gpu"), edition.notes) == ()
    assert chosen(Execution(device="gpu"), edition.notes, "all") == ("--device", "all")
