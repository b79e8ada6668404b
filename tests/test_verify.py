"""The verifier on real processes: most of it on plain Python, what TensorFlow alone can show on TensorFlow."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from examples import DECK, lay_out
from verideck.edition import editions
from verideck.model import Verdict
from verideck.project import load
from verideck.verify import Run, verify

GOOD = "```python\nprint('good')\n```\n\n```output\ngood\n```\n"
PLAIN = DECK + "\n[verify]\ntimeout = 20\n"


def run_cards(root: Path, *bodies: str, toml: str = PLAIN, isolation: str = "fork") -> Run:
    text = "\n".join(f"# Card {i}? {{#card-{i}}}\n\nAnswered.\n\n{body}" for i, body in enumerate(bodies))
    (edition,), problems = editions(load(lay_out(root, text, toml)))
    assert problems == ()
    return verify(edition.notes, {}, "fresh", isolation=isolation)  # type: ignore[arg-type]


def python(code: str, options: str = "") -> str:
    return f"```python {options}\n{code}\n```\n"


@pytest.fixture
def between_good_ones(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """A function that gives the verdict on a card between two good ones, which must not suffer from it."""
    return lambda body: _between_good_ones(tmp_path, body, monkeypatch)


def _between_good_ones(root: Path, body: str, monkeypatch: pytest.MonkeyPatch) -> Verdict:
    scratch = root.parent / f"{root.name}-scratch"
    scratch.mkdir()
    monkeypatch.setenv("TMPDIR", str(scratch))
    run = run_cards(root, GOOD, body, GOOD)
    first, *middle, last = run.verdicts
    assert (first.outcome, last.outcome) == ("pass", "pass")
    assert list(scratch.iterdir()) == []
    assert not left_behind()
    return middle[0]


def left_behind() -> list[str]:
    """The processes that cards started under this name, as far as they are still there."""
    processes = subprocess.run(["ps", "-eo", "pid,args"], capture_output=True, text=True, check=True).stdout
    return [line for line in processes.splitlines() if "verideck-left-behind" in line]


@pytest.mark.parametrize("isolation", ["fork", "cold"])
def test_a_card_runs_in_a_process_of_its_own(tmp_path: Path, isolation: str) -> None:
    run = run_cards(
        tmp_path,
        python("x = 1") + "\n" + python("print(x)") + "\n```output\n1\n```\n",
        python("print('x' in globals())") + "\n```output\nFalse\n```\n",
        isolation=isolation,
    )
    assert [verdict.outcome for verdict in run.verdicts] == ["pass", "pass", "pass"]
    assert (run.isolation, run.reason) == (isolation, "")
    assert run.problems == ()


def test_results_come_in_the_order_of_the_cards(tmp_path: Path) -> None:
    run = run_cards(tmp_path, python("import time; time.sleep(0.5)"), *[GOOD] * 5)
    assert [verdict.card for verdict in run.verdicts] == [f"card-{i}" for i in range(6)]


@pytest.mark.parametrize(
    ("code", "outcome"),
    [
        ("while True: pass", "timeout"),
        ("import os; os._exit(0)", "crash"),
        ("import sys; sys.exit(0)", "error"),
        ("raise KeyboardInterrupt", "error"),
        ("import ctypes; ctypes.string_at(0)", "crash"),
        ("import os; os.kill(0, 9)", "crash"),
        ("x = bytearray(10**11)", "memory"),
        ("while True: print('x' * 1000)", "error"),
        ("import os; os.closerange(3, 1000)", "crash"),
        ("import os, shutil; shutil.rmtree(os.path.dirname(os.getcwd()))\nwhile True: pass", "timeout"),
        ("import os\nfor fd in range(3, 50):\n    try: os.write(fd, b'garbage\\n')\n    except OSError: pass", "crash"),
        ("import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN)\nwhile True: pass", "timeout"),
    ],
)
def test_what_a_card_does_to_itself_costs_only_itself(between_good_ones, code: str, outcome: str) -> None:
    start = time.monotonic()
    verdict = between_good_ones(python(code, "timeout=1"))
    assert verdict.outcome == outcome
    assert verdict.problem is not None
    assert verdict.evidence is None
    assert time.monotonic() - start < 20  # bounded; its own time is a second


def test_what_a_card_starts_ends_with_it(between_good_ones) -> None:
    code = "import subprocess, sys\nsleep = 'import time; time.sleep(60)'\n"
    code += "subprocess.Popen([sys.executable, '-c', sleep, 'verideck-left-behind'])"
    assert between_good_ones(python(code)).outcome == "pass"


def test_a_card_leaves_no_files(between_good_ones) -> None:
    code = "import os, tempfile\nopen('here', 'w').close()\nos.chdir('/')\n"
    code += "print(tempfile.mkdtemp().startswith(os.environ['TMPDIR']))"
    verdict = between_good_ones(python(code) + "\n```output\nTrue\n```\n")
    assert verdict.outcome == "pass"


def test_standard_input_is_empty(between_good_ones) -> None:
    assert between_good_ones(python("input()", "raises=EOFError")).outcome == "pass"


def test_the_environment_holds_no_secrets(between_good_ones, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MY_TOKEN", "secret")
    verdict = between_good_ones(python("import os\nprint('MY_TOKEN' in os.environ)") + "\n```output\nFalse\n```\n")
    assert verdict.outcome == "pass"


def test_output_is_what_reaches_the_descriptors(between_good_ones) -> None:
    code = "import os, sys\nprint('a')\nos.write(1, b'b\\n')\nprint('c', file=sys.stderr)\nos.system('echo d')"
    verdict = between_good_ones(python(code) + "\n```output\na\nb\nc\nd\n```\n")
    assert (verdict.outcome, verdict.got) == ("pass", "a\nb\nc\nd\n")


def test_random_numbers_are_seeded(tmp_path: Path) -> None:
    code = "import random\nprint(random.random())"
    first, second = run_cards(tmp_path, python(code), python(code)).verdicts
    assert first.got == second.got != ""


def test_a_traceback_points_at_the_card(tmp_path: Path) -> None:
    code = "import traceback\ntry:\n    1 / 0\nexcept ZeroDivisionError:\n    traceback.print_exc()"
    (verdict,) = run_cards(tmp_path, python(code)).verdicts
    assert 'File "cards/demo/01-example.md", line 8, in <module>\n    1 / 0\n' in verdict.got


def test_lines_are_counted_as_python_counts_them(tmp_path: Path) -> None:
    body = python("a = 'x\u2028y\x0cz'") + "\n" + python("1 / 0")
    (problem,) = run_cards(tmp_path, body).problems
    assert (problem.code, problem.span.line) == ("VD502", 10)


def test_inspect_finds_the_source_even_elsewhere(tmp_path: Path) -> None:
    code = "import inspect, os\nos.chdir('/')\ndef f():\n    return 1\nprint(inspect.getsource(f))"
    (verdict,) = run_cards(tmp_path, python(code)).verdicts
    assert verdict.got == "def f():\n    return 1\n\n"


def test_a_snippet_behind_one_that_fails_is_not_judged(tmp_path: Path) -> None:
    run = run_cards(tmp_path, python("1 / 0") + "\n" + python("print(1)"))
    assert [verdict.outcome for verdict in run.verdicts] == ["error", "skip"]
    assert run.verdicts[1].reason == "an earlier snippet of the card did not get through"


def test_skips_say_why(tmp_path: Path) -> None:
    snippets = [
        python("boom", 'no-run="it would explode"'),
        python("boom", "gpu"),
        python("boom", 'tensorflow=">=2"'),
        GOOD,
    ]
    run = run_cards(tmp_path, "\n".join(snippets))
    assert [(verdict.outcome, verdict.reason) for verdict in run.verdicts] == [
        ("skip", "it would explode"),
        ("skip", "it needs a GPU, and this run is on the CPU"),
        ("skip", "it is for TensorFlow >=2, and this is no TensorFlow at all"),
        ("pass", ""),
    ]


@pytest.mark.parametrize(
    ("preload", "reason"),
    [
        ("loud_threads", "the imports left 2 threads running"),
        ("hasty_tensorflow", "the imports initialised TensorFlow's eager context"),
    ],
)
def test_the_gate_refuses_to_fork_and_says_so(
    tmp_path: Path, preload: str, reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    modules = tmp_path / "modules"
    modules.mkdir()
    (modules / "loud_threads.py").write_text(
        "import threading, time\nthreading.Thread(target=time.sleep, args=(60,), daemon=True).start()\n"
    )
    (modules / "hasty_tensorflow.py").write_text(
        "import tensorflow as tf\nfrom tensorflow.python.eager import context\ncontext.context().ensure_initialized()\n"
    )
    monkeypatch.setenv("PYTHONPATH", str(modules))
    run = run_cards(tmp_path / "project", GOOD, toml=DECK + f'\n[verify]\npreload = ["{preload}"]\n')
    assert run.isolation == "cold"
    assert run.reason.startswith("the imports")
    if preload == "loud_threads":
        assert run.reason == reason
    assert [verdict.outcome for verdict in run.verdicts] == ["pass"]


def test_a_server_that_is_killed_is_replaced(tmp_path: Path) -> None:
    kill = python("import os, signal\nos.kill(os.getppid(), signal.SIGKILL)\nimport time; time.sleep(30)")
    run = run_cards(tmp_path, *[GOOD] * 3, kill, *[GOOD] * 9)
    outcomes = [verdict.outcome for verdict in run.verdicts]
    assert outcomes[3] != "pass"
    assert outcomes[:3] + outcomes[4:] == ["pass"] * 12


@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGINT, signal.SIGTERM])
def test_a_run_that_is_ended_leaves_nothing(tmp_path: Path, end: signal.Signals) -> None:
    started = tmp_path / "started"
    body = python(
        f"open({str(started)!r}, 'w').close()\nimport time; time.sleep(60) # verideck-left-behind", "timeout=90"
    )
    root = lay_out(tmp_path / "project", "".join(f"# C{i}? {{#c{i}}}\n\n{body}\n" for i in range(3)))
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    command = [sys.executable, "-m", "verideck", "verify"]
    environment = {**os.environ, "TMPDIR": str(scratch)}
    with subprocess.Popen(command, cwd=root, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as run:
        wait_until(started.exists)
        run.send_signal(end)
        _, said = run.communicate(timeout=20)
    wait_until(lambda: not list(scratch.iterdir()))
    assert b"Traceback" not in said
    assert run.returncode != 0


def wait_until(holds: Callable[[], object]) -> None:
    deadline = time.monotonic() + 20
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.02)


TENSORFLOW = """\
import tensorflow as tf

@tf.function
def relu(x):
    if tf.reduce_sum(x) > 0:
        return x
    return tf.zeros_like(x)

tf.print(relu(tf.constant([1.0, -3.0])))
print(relu(tf.constant([1.0, 3.0])))
"""


@pytest.mark.parametrize("isolation", ["fork", "cold"])
def test_tensorflow_runs_graphs_and_prints(tmp_path: Path, isolation: str) -> None:
    wanted = "[0 0]\ntf.Tensor([1. 3.], shape=(2,), dtype=float32)"
    run = run_cards(tmp_path, python(TENSORFLOW) + f"\n```output\n{wanted}\n```\n", isolation=isolation)
    (verdict,) = run.verdicts
    assert (verdict.outcome, verdict.got.strip()) == ("pass", wanted)
    assert run.isolation == isolation
    assert verdict.evidence is not None
    assert (verdict.evidence.tensorflow, verdict.evidence.device) == (run.here.tensorflow, "cpu")
    assert run.here.tensorflow.startswith("2.")


def test_tensorflow_is_seeded_and_silent(tmp_path: Path) -> None:
    code = "import tensorflow as tf\nprint(float(tf.random.uniform(())))"
    first, second = run_cards(tmp_path, python(code), python(code)).verdicts
    assert first.got == second.got
    assert len(first.got.splitlines()) == 1


def test_one_cards_tensorflow_is_not_anothers(tmp_path: Path) -> None:
    spoil = python("import tensorflow as tf\ntf.constant = None")
    use = python("import tensorflow as tf\nprint(tf.constant(1).numpy())") + "\n```output\n1\n```\n"
    assert [verdict.outcome for verdict in run_cards(tmp_path, spoil, use).verdicts] == ["pass", "pass"]


def test_importing_the_verifier_imports_no_tensorflow() -> None:
    code = "import sys, verideck.verify; print([m for m in ('tensorflow', 'numpy', 'click') if m in sys.modules])"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout == "[]\n"
