"""Runs that end before their time: what has passed is kept and told, what was not reached is not."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from filelock import FileLock
from test_cli import verideck

from cards import GOOD, PLAIN, interruptible, python, wait_until
from examples import CARD, lay_out

COMMAND = [sys.executable, "-m", "verideck", "verify"]


def second_deck(root: Path, text: str) -> None:
    (root / "cards/later").mkdir()
    (root / "cards/later/deck.toml").write_text('id = "later"\nname = "Later"\n')
    (root / "cards/later/01.md").write_text(text)


def card(name: str, body: str) -> str:
    return f"# Which? {{#{name}}}\n\nThis.\n\n{body}\n"


def slow(started: Path, seconds: float = 60) -> str:
    return python(f"open({str(started)!r}, 'w').close()\nimport time; time.sleep({seconds})", "timeout=90")


def locked(root: Path, deck: str = "demo") -> dict[str, list[str]]:
    lines = (root / f"cards/{deck}/deck.lock").read_text().splitlines()
    return {card["card"]: [one["outcome"] for one in card["evidence"]] for card in map(json.loads, lines)}


@contextmanager
def interrupted(root: Path, started: Path, *options: str) -> Iterator[tuple[subprocess.Popen[bytes], bytes]]:
    """The command after Ctrl-C, which comes as soon as a file is there, and what it said."""
    with interruptible([*COMMAND, "--sandbox", "off", *options], root, {**os.environ}) as run:
        wait_until(started.exists)
        run.send_signal(signal.SIGINT)
        yield run, run.communicate(timeout=30)[1]


def test_the_locks_of_decks_that_are_through_are_written_at_once(tmp_path: Path) -> None:
    root = lay_out(tmp_path / "project", card("one", GOOD), PLAIN)
    second_deck(root, card("two", slow(tmp_path / "started")))
    with subprocess.Popen([*COMMAND, "--sandbox", "off"], cwd=root) as run:
        wait_until((tmp_path / "started").exists)
        run.kill()
    assert locked(root) == {"one": ["pass"]}


def test_an_interruption_of_accept_tells_which_decks_were_written(tmp_path: Path) -> None:
    root = lay_out(tmp_path / "project", card("one", python("print(1)")), PLAIN)
    second_deck(root, card("two", slow(tmp_path / "started")))
    with interrupted(root, tmp_path / "started", "--accept") as (run, said):
        assert run.returncode == 130
        assert said.endswith(f"interrupted; the outputs in {CARD} were written\n".encode())
    assert "```output\n1\n" in (root / CARD).read_text()


def test_an_interruption_while_an_environment_is_made_is_130(tmp_path: Path) -> None:
    root = lay_out(tmp_path / "project", card("one", GOOD), PLAIN)
    shelf = tmp_path / "cache/verideck/environments"
    shelf.mkdir(parents=True)
    environment = {**os.environ, "XDG_CACHE_HOME": str(tmp_path / "cache")}
    with FileLock(shelf / ".lock"), interruptible([*COMMAND, "--tensorflow", "9.1"], root, environment) as run:
        assert b"waiting for it" in run.stderr.readline()
        run.send_signal(signal.SIGINT)
        _, said = run.communicate(timeout=20)
    assert (run.returncode, said) == (130, b"interrupted\n")


@pytest.mark.parametrize("command", ["verify", "build"])
def test_a_server_that_cannot_be_replaced_ends_the_run_and_keeps_what_has_passed(tmp_path: Path, command: str) -> None:
    module = tmp_path / "modules/only_once.py"
    module.parent.mkdir()
    module.touch()
    killer = python(f"import os\nos.remove({str(module)!r})\nos.kill(os.getppid(), 9)\nimport time; time.sleep(9)")
    toml = PLAIN + 'preload = ["only_once"]\n'
    lay_out(tmp_path, card("one", GOOD) + card("two", killer) + card("three", python("print(3)")), toml)
    path = os.pathsep.join([str(module.parent), os.environ.get("PYTHONPATH", "")])
    variables = {"PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1"}
    result = verideck(tmp_path, command, "--sandbox", "off", "--jobs", "1", **variables)
    assert result.returncode == 2
    assert "demo: 1 passed, 2 skipped" in result.stdout + result.stderr
    assert "Error: the run has ended early: ModuleNotFoundError: No module named 'only_once'" in result.stderr
    assert locked(tmp_path) == {"one": ["pass"], "two": [], "three": []}


def test_a_lock_that_cannot_be_written_is_named_after_the_verdicts(tmp_path: Path) -> None:
    root = lay_out(tmp_path, card("one", GOOD), PLAIN)
    (root / "cards/demo/deck.lock").symlink_to("/proc/nowhere/deck.lock")
    result = verideck(root, "verify")
    assert (result.returncode, result.stdout.splitlines()[0]) == (2, "demo: 1 passed")
    assert result.stderr.startswith("verideck: ")
    assert "deck.lock: " in result.stderr


def test_two_runs_at_a_time_keep_each_others_evidence(tmp_path: Path) -> None:
    root = lay_out(tmp_path / "project", card("one", GOOD) + card("two", slow(tmp_path / "started", 2)), PLAIN)
    with subprocess.Popen([*COMMAND, "--sandbox", "off", "--card", "two"], cwd=root) as run:
        wait_until((tmp_path / "started").exists)
        assert verideck(root, "verify", "--card", "one").returncode == 0
        assert run.wait(timeout=30) == 0
    assert locked(root) == {"one": ["pass"], "two": ["pass"]}


def test_a_lock_that_was_spoiled_meanwhile_stays_as_it_is(tmp_path: Path) -> None:
    root = lay_out(tmp_path / "project", card("one", slow(tmp_path / "started", 1)), PLAIN)
    with subprocess.Popen([*COMMAND, "--sandbox", "off"], cwd=root, stderr=subprocess.PIPE, text=True) as run:
        wait_until((tmp_path / "started").exists)
        (root / "cards/demo/deck.lock").write_text("<<<<<<<\n")
        _, said = run.communicate(timeout=30)
    assert run.returncode == 1
    assert "cards/demo/deck.lock:1:1: VD601" in said
    assert (root / "cards/demo/deck.lock").read_text() == "<<<<<<<\n"
