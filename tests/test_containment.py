"""What a card does to itself, to its neighbours and to the machine: each card stands between two good ones."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from cards import GOOD, between_good_ones, python, run_cards

SLEEP = "import subprocess, sys\nsleep = 'import time; time.sleep(60)'\n"
SLEEP += "subprocess.Popen([sys.executable, '-c', sleep, 'verideck-left-behind']{})"
SPAWNED_BOMB = (
    "import os, sys, time\nfor _ in range(3000):\n    if os.fork() == 0:\n        time.sleep(60)\ntime.sleep(60)"
)

FORGED = """\
import json, os
good = {"event": "end", "seconds": 0, "got": ["good\\n"], "raised": None, "unexpected": False, "flood": False}
lines = [{**good, "id": i} for i in range(3)] + [{"event": "done", "id": i} for i in range(3)] * 2
for fd in range(3, 50):
    try: os.write(fd, "".join(json.dumps(line) + "\\n" for line in lines).encode())
    except OSError: pass
while True: pass
"""

TALK = """\
import os, stat
pipes = [fd for fd in range(3, 50) if os.path.islink(f"/proc/self/fd/{fd}") and stat.S_ISFIFO(os.fstat(fd).st_mode)]
while True:
    for fd in pipes: os.write(fd, b"x" * 60_000)
"""
MEMFD = """\
import os
files = [os.memfd_create("x") for _ in range(60)]
for file in files: os.write(file, b"x" * 10**8)
while True: pass
"""

# What it does, and the outcome in a sandbox and without one.
CARDS = {
    "loops": ("while True: pass", "timeout", "timeout"),
    "sleeps in C": ("import time; time.sleep(99)", "timeout", "timeout"),
    "exits at once": ("import os; os._exit(0)", "crash", "crash"),
    "exits by an exception": ("import sys; sys.exit(0)", "error", "error"),
    "interrupts itself": ("raise KeyboardInterrupt", "error", "error"),
    "reads what is not there": ("import ctypes; ctypes.string_at(0)", "crash", "crash"),
    "aborts": ("import os; os.abort()", "crash", "crash"),
    "kills its group": ("import os; os.kill(0, 9)", "crash", "crash"),
    "kills itself by an unknown signal": ("import os; os.kill(os.getpid(), 35)", "crash", "crash"),
    "will not be terminated": (
        "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN)\nwhile True: pass", "timeout", "timeout",
    ),
    "takes 100 GB": ("x = bytearray(10**11)", "memory", "memory"),
    "takes 10 GB bit by bit": ("x = []\nwhile True: x.append(bytearray(10**7))", "memory", "memory"),
    "takes 10 GB that it shares": (
        "import mmap\nx = []\nwhile True:\n    x.append(mmap.mmap(-1, 10**8))\n    x[-1].write(b'x' * 10**8)", "memory",
        "memory",
    ),
    "prints for ever": ("while True: print('x' * 1000)", "error", "error"),
    "prints 100 MB": ("import os\nfor _ in range(100): os.write(1, b'x' * 10**6)", "error", "error"),
    "closes its descriptors": ("import os; os.closerange(3, 1000)", "crash", "crash"),
    "closes its outputs": ("import os\nos.close(1)\nos.close(2)", "pass", "pass"),
    "writes into its pipes": (
        "import os\nfor fd in range(3, 50):\n    try: os.write(fd, b'garbage\\n')\n    except OSError: pass", "crash",
        "crash",
    ),
    "forges what it says": (FORGED, "pass", "pass"),
    "talks without end": (TALK, "crash", "crash"),
    "raises with a long message": ("raise ValueError('x' * 10**8)", "error", "error"),
    "keeps memory in files without a name": (MEMFD, "memory", "memory"),
    "reads its input": ("import sys\nassert sys.stdin.read() == ''\ninput()", "error", "error"),
    "goes elsewhere": ("import os; os.chdir('/')", "pass", "pass"),
    "deletes its folder": ("import os, shutil; shutil.rmtree(os.getcwd(), ignore_errors=True)", "pass", "pass"),
    "deletes what is around it, and loops": (
        "import os, shutil; shutil.rmtree(os.path.dirname(os.getcwd()), ignore_errors=True)\nwhile True: pass",
        "timeout", "timeout",
    ),
    "leaves a process behind": (SLEEP.format(""), "pass", "pass"),
    "leaves a process in a session of its own": (SLEEP.format(", start_new_session=True"), "pass", "pass"),
    "forks a thousand times": (SPAWNED_BOMB, "error", "error"),
    "raises what cannot be written": ("raise ValueError('\\ud800')", "error", "error"),
}  # fmt: skip


def memory(megabytes: int) -> str:
    return f'id = "demo"\nname = "Demo"\n\n[verify]\ntimeout = 20\nmemory = {megabytes}\n'


@pytest.mark.parametrize("sandbox", ["auto", "landlock", "off"])
@pytest.mark.parametrize("does", CARDS)
def test_it_costs_only_itself(tmp_path: Path, does: str, sandbox: str) -> None:
    code, inside, outside = CARDS[does]
    start = time.monotonic()
    body = python(code, "timeout=1" if inside == "timeout" else "timeout=5")
    verdict = between_good_ones(tmp_path, body, toml=memory(600), sandbox=sandbox)
    assert verdict.outcome == (inside if sandbox == "auto" else outside), verdict.reason
    assert (verdict.problem is None) == (verdict.outcome == "pass")
    assert time.monotonic() - start < 20  # bounded; its own time is a second or two


@pytest.mark.parametrize("isolation", ["spawn", "cold"])
@pytest.mark.parametrize("does", ["loops", "exits at once", "takes 100 GB", "prints 100 MB", "closes its descriptors"])
def test_it_costs_only_itself_where_nothing_is_forked(tmp_path: Path, does: str, isolation: str) -> None:
    code, inside, _ = CARDS[does]
    verdict = between_good_ones(tmp_path, python(code, "timeout=1"), toml=memory(600), isolation=isolation)
    assert verdict.outcome == inside


BOMB = "import os\nwhile True:\n    try: os.fork()\n    except OSError: pass"


def test_a_disk_is_not_filled(tmp_path: Path) -> None:
    code = "for i in range(40):\n    with open(f'file{i}', 'wb') as f:\n        f.write(b'x' * 10**8)"
    verdict = between_good_ones(tmp_path / "in", python(code, "timeout=20"), toml=memory(4096))
    assert (verdict.outcome, verdict.problem.message) == (
        "error", "the snippet raised OSError: [Errno 28] No space left on device",
    )  # fmt: skip
    verdict = between_good_ones(tmp_path / "out", python(code + "\nwhile True: pass", "timeout=20"), sandbox="off")
    assert (verdict.outcome, verdict.problem.code) == ("error", "VD509")
    assert verdict.problem.message == "the snippet wrote more than 512 MiB of files"


def test_a_hidden_process_that_holds_the_pipe_ends_too(tmp_path: Path) -> None:
    code = "import os, time\nif os.fork() == 0:\n    os.setsid()\n    if os.fork() == 0:\n        time.sleep(60)\n"
    assert between_good_ones(tmp_path, python(code + "os._exit(0)")).outcome == "crash"


def test_three_snippets_may_each_print_nearly_a_mebibyte(tmp_path: Path) -> None:
    body = "\n".join(python("import time\nprint('x' * 900_000)\ntime.sleep(0.2)") for _ in range(3))
    assert {verdict.outcome for verdict in run_cards(tmp_path, body).verdicts} == {"pass"}


def test_what_processes_share_counts_once(tmp_path: Path) -> None:
    code = "import os, time\nx = bytearray(300 * 2**20)\n"
    code += "for _ in range(4):\n    if os.fork() == 0: time.sleep(9)\ntime.sleep(1)"
    assert run_cards(tmp_path, python(code), toml=memory(600)).verdicts[0].outcome == "pass"


@pytest.mark.parametrize("sandbox", ["auto", "landlock"])
def test_a_fork_bomb_goes_off_without_harm(tmp_path: Path, sandbox: str) -> None:
    verdict = between_good_ones(tmp_path, python(BOMB, "timeout=2"), sandbox=sandbox)
    assert verdict.outcome in ("error", "timeout")  # 256 processes, or its time is over


def test_a_server_that_is_killed_is_replaced(tmp_path: Path) -> None:
    kill = python("import os, signal\nos.killpg(os.getpgid(os.getppid()), signal.SIGKILL)\nimport time; time.sleep(30)")
    run = run_cards(tmp_path, *[GOOD] * 3, kill, *[GOOD] * 9, sandbox="off")
    outcomes = [verdict.outcome for verdict in run.verdicts]
    assert outcomes[3] != "pass"
    assert outcomes[:3] + outcomes[4:] == ["pass"] * 12


LOOP_IN_AN_OP = "import tensorflow as tf\ntf.while_loop(lambda i: True, lambda i: [i + 1], [tf.constant(0)])"
LOOP_IN_A_GRAPH = "import tensorflow as tf\n@tf.function\ndef f(i):\n    while True:\n        i += 1\n    return i\n"
LOOP_IN_A_GRAPH += "f(tf.constant(0))"
PATCH = "import tensorflow as tf\ntf.constant = None\ntf.Tensor.__repr__ = lambda self: 'mine'"
USE = python("import tensorflow as tf\nprint(tf.constant(1) + 1)", output="tf.Tensor(2, shape=(), dtype=int32)")


@pytest.mark.parametrize(
    ("code", "outcome"),
    [
        (LOOP_IN_AN_OP, "timeout"),
        (LOOP_IN_A_GRAPH, "timeout"),
        (PATCH, "pass"),
        ("import tensorflow as tf\ntf.ones((40_000, 40_000))", "timeout"),  # TensorFlow asks again for ten seconds
    ],
)
def test_tensorflow_costs_only_its_own_card(tmp_path: Path, code: str, outcome: str) -> None:
    run = run_cards(tmp_path, USE, python(code, "timeout=5"), USE, toml=memory(2000))
    assert [verdict.outcome for verdict in run.verdicts] == ["pass", outcome, "pass"]
