"""The verifier on real processes: most of it on plain Python, what TensorFlow alone can show on TensorFlow."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import cards
from cards import GOOD, PLAIN, interruptible, python, run_cards, wait_until
from examples import CARD, DECK, lay_out
from verideck.edition import editions
from verideck.model import Evidence
from verideck.project import load
from verideck.verify import verify
from verideck.verify.key import keys_of


@pytest.fixture
def between_good_ones(tmp_path: Path):
    """A function that gives the verdict on a card between two good ones, which must not suffer from it."""
    return lambda body: cards.between_good_ones(tmp_path, body)


@pytest.mark.parametrize("isolation", ["fork", "spawn", "cold"])
def test_a_card_runs_in_a_process_of_its_own(tmp_path: Path, isolation: str) -> None:
    run = run_cards(
        tmp_path,
        python("x = 1") + "\n" + python("print(x)") + "\n```output\n1\n```\n",
        python("print('x' in globals())") + "\n```output\nFalse\n```\n",
        isolation=isolation,
    )
    assert [verdict.outcome for verdict in run.verdicts] == ["pass", "pass", "pass"]
    assert (run.hello.isolation, run.hello.reason) == (isolation, "")
    assert run.problems == ()


def test_results_come_in_the_order_of_the_cards(tmp_path: Path) -> None:
    run = run_cards(tmp_path, python("import time; time.sleep(0.5)"), *[GOOD] * 5)
    assert [verdict.card for verdict in run.verdicts] == [f"card-{i}" for i in range(6)]


def test_a_card_starts_in_an_empty_folder(between_good_ones) -> None:
    assert between_good_ones(python("import os\nprint(os.listdir())") + "\n```output\n[]\n```\n").outcome == "pass"


def test_long_cards_that_print_much_do_not_stop_each_other(tmp_path: Path) -> None:
    body = python("print('y' * 300_000)\n" + "# a long comment\n" * 20_000)
    run = run_cards(tmp_path, *[body] * 6)
    assert [verdict.outcome for verdict in run.verdicts] == ["pass"] * 6


def test_an_output_for_another_version_is_no_pass(tmp_path: Path) -> None:
    run = run_cards(tmp_path, python("print(1)") + '\n```output tensorflow=">=2"\n999\n```\n')
    (verdict,) = run.verdicts
    assert (verdict.outcome, verdict.evidence) == ("skip", None)
    assert verdict.reason == "it ran, but none of its outputs is for this TensorFlow: none at all"


@pytest.mark.parametrize("name", ["JSONDecodeError", "json.JSONDecodeError", "json.decoder.JSONDecodeError"])
def test_an_exception_may_be_named_with_its_module(tmp_path: Path, name: str) -> None:
    body = python("import json\njson.loads('')", f"raises={name}")
    message = "json.decoder.JSONDecodeError: Expecting value: line 1 column 1 (char 0)"
    session = python(f">>> import json\n>>> json.loads('')\nTraceback (most recent call last):\n{message}")
    assert [verdict.outcome for verdict in run_cards(tmp_path, body, session).verdicts] == ["pass", "pass"]


def test_a_syntax_error_can_be_the_point_and_its_place_is_not(tmp_path: Path) -> None:
    fine = python("x = = 1", "raises=SyntaxError") + "\n```output\nSyntaxError: invalid syntax\n```\n"
    wrong = python("def f():\nprint(1)", "raises=SyntaxError")
    run = run_cards(tmp_path, fine, wrong)
    assert [verdict.outcome for verdict in run.verdicts] == ["pass", "error"]
    assert run.problems[0].message.endswith("where SyntaxError was to come")
    assert run.problems[0].span.line == 19


def test_features_of_the_future_stay_on(tmp_path: Path) -> None:
    code = ">>> from __future__ import annotations\n>>> def f(x: no_such_name): pass\n"
    session = python(code + ">>> f.__annotations__\n{'x': 'no_such_name'}")
    assert [verdict.outcome for verdict in run_cards(tmp_path, session).verdicts] == ["pass"]


def test_a_session_with_a_block_ended_by_dots(tmp_path: Path) -> None:
    session = python(">>> for i in range(2):\n...     print(i)\n...\n0\n2")
    run = run_cards(tmp_path, session)
    assert (run.problems[0].code, run.problems[0].span.line) == ("VD501", 10)


def test_what_is_known_is_not_lost_beside_what_is_new(tmp_path: Path) -> None:
    body = python("boom", 'tensorflow="<2"') + "\n" + python("print(1)")
    (edition,), _ = editions(load(lay_out(tmp_path, f"# One? {{#one}}\n\n{body}", PLAIN)))
    key, _ = keys_of(edition.notes[0].card)
    known = {"one": (Evidence(key, "3.7", "1.15.0"),)}
    first, second = verify(edition.notes, known, "stale").verdicts
    assert (first.outcome, first.reused) == ("pass", True)
    assert (second.outcome, second.reused) == ("pass", False)


def test_keras_alone_is_known_to_bring_tensorflow(tmp_path: Path) -> None:
    body = python("import keras\nprint(keras.backend.backend())", 'tensorflow=">=2"')
    (edition,), _ = editions(load(lay_out(tmp_path, f"# One? {{#one}}\n\n{body}", PLAIN)))
    first = verify(edition.notes, {}, "missing")
    assert [verdict.outcome for verdict in first.verdicts] == ["pass"]
    again = verify(edition.notes, {"one": first.evidence}, "missing")
    assert [verdict.reused for verdict in again.verdicts] == [True]


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
    code = "import random\nimport numpy as np\nprint(random.random(), np.random.random())"
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
    assert run.hello.isolation == "cold"
    assert run.hello.reason.startswith("the imports")
    if preload == "loud_threads":
        assert run.hello.reason == reason
    assert [verdict.outcome for verdict in run.verdicts] == ["pass"]


@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGINT, signal.SIGTERM])
def test_a_run_that_is_ended_leaves_nothing(tmp_path: Path, end: signal.Signals) -> None:
    started = tmp_path / "started"
    body = python(
        f"open({str(started)!r}, 'w').close()\nimport time; time.sleep(60) # verideck-left-behind", "timeout=90"
    )
    root = lay_out(tmp_path / "project", "".join(f"# C{i}? {{#c{i}}}\n\n{body}\n" for i in range(3)))
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    command = [sys.executable, "-m", "verideck", "verify", "--sandbox", "off"]
    environment = {**os.environ, "TMPDIR": str(scratch)}
    with interruptible(command, root, environment) as run:
        wait_until(started.exists)
        run.send_signal(end)
        _, said = run.communicate(timeout=20)
    wait_until(lambda: not list(scratch.iterdir()))
    assert b"Traceback" not in said
    assert run.returncode == (130 if end == signal.SIGINT else -end)


def test_what_has_passed_before_an_interruption_is_kept(tmp_path: Path) -> None:
    started = tmp_path / "started"
    slow = python(f"open({str(started)!r}, 'w').close()\nimport time; time.sleep(60)", "timeout=90")
    cards = [*[GOOD] * 8, slow]
    text = "".join(f"# C{i}? {{#c{i}}}\n\nYes.\n\n{body}\n" for i, body in enumerate(cards))
    root = lay_out(tmp_path / "project", text, PLAIN)
    command = [sys.executable, "-m", "verideck", "verify", "--sandbox", "off"]
    with interruptible(command, root, {**os.environ}) as run:
        wait_until(started.exists)
        time.sleep(0.5)  # the good cards are through by now
        run.send_signal(signal.SIGINT)
        out, _ = run.communicate(timeout=20)
    assert b"demo: 8 passed, 1 skipped" in out
    assert (root / "cards/demo/deck.lock").read_text().count('"outcome": "pass"') == 8


@pytest.mark.parametrize("command", ["verify", "build"])
def test_an_interruption_ends_all_decks(tmp_path: Path, command: str) -> None:
    started, later = tmp_path / "started", tmp_path / "later"
    text = "# One? {{#one}}\n\nYes.\n\n```python\nimport time\nopen({!r}, 'w').close()\ntime.sleep({})\n```\n"
    root = lay_out(tmp_path / "project", text.format(str(started), 60), PLAIN.replace("timeout = 20", "timeout = 90"))
    (root / "cards/next").mkdir()
    (root / "cards/next/deck.toml").write_text('id = "next"\nname = "Next"\n')
    (root / "cards/next/01.md").write_text(text.format(str(later), 0))
    with interruptible([sys.executable, "-m", "verideck", command, "--sandbox", "off"], root, {**os.environ}) as run:
        wait_until(started.exists)
        run.send_signal(signal.SIGINT)
        run.communicate(timeout=20)
    assert run.returncode == 130
    assert not later.exists()
    assert not (root / "build").exists()


def test_an_interruption_of_accept_writes_nothing(tmp_path: Path) -> None:
    runs = tmp_path / "runs"
    runs.mkdir()
    code = f"import os, tempfile, time\nruns = {str(runs)!r}\ntempfile.mkdtemp(dir=runs)\n"
    code += "time.sleep(10 * (len(os.listdir(runs)) - 1))"
    text = f"# One? {{#one}}\n\nYes.\n\n```python\n{code}\nprint(os.urandom(2))\n```\n"
    root = lay_out(tmp_path / "project", text, PLAIN)
    command = [sys.executable, "-m", "verideck", "verify", "--accept", "--sandbox", "off"]
    with interruptible(command, root, {**os.environ}) as run:
        wait_until(lambda: len(list(runs.iterdir())) == 2)  # the first run is over, the second under way
        run.send_signal(signal.SIGINT)
        _, said = run.communicate(timeout=20)
    assert (run.returncode, said) == (130, b"interrupted; nothing was written\n")
    assert (root / CARD).read_text() == text


@pytest.mark.parametrize("isolation", ["spawn", "cold"])
def test_a_process_that_does_not_get_ready_is_not_blamed_on_its_card(
    tmp_path: Path, isolation: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    modules = tmp_path / "modules"
    modules.mkdir()
    (modules / "only_outside.py").write_text(
        "import os\nif os.environ.get('USER') == 'card': raise ImportError('no')\n"
    )
    monkeypatch.setenv("PYTHONPATH", str(modules))
    toml = DECK + '\n[verify]\npreload = ["only_outside"]\n'
    (problem,) = run_cards(tmp_path / "project", GOOD, toml=toml, isolation=isolation).problems
    assert (problem.code, problem.message) == ("VD514", "the process of the card did not get ready: ImportError: no")


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


@pytest.mark.parametrize("isolation", ["fork", "spawn", "cold"])
def test_tensorflow_runs_graphs_and_prints(tmp_path: Path, isolation: str) -> None:
    wanted = "[0 0]\ntf.Tensor([1. 3.], shape=(2,), dtype=float32)"
    run = run_cards(tmp_path, python(TENSORFLOW) + f"\n```output\n{wanted}\n```\n", isolation=isolation)
    (verdict,) = run.verdicts
    assert (verdict.outcome, verdict.got.strip()) == ("pass", wanted)
    assert run.hello.isolation == isolation
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
