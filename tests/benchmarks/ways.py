"""The ways to verify a deck that are compared, each as whole processes with start-up included."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import verideck
from memory import Watch, watching
from recipes import Card, write_project
from verideck.verify.compare import compare

BASELINE = Path(__file__).with_name("baseline.py")
ENVIRONMENT = {
    **{name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"},
    "PYTHONPATH": str(Path(verideck.__file__).parent.parent),  # this Verideck, whatever is installed
    "PYTHONHASHSEED": "0",
    "PYTHONUTF8": "1",
    "PYTHONWARNINGS": "ignore",
    "CUDA_VISIBLE_DEVICES": "-1",
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "ABSL_MIN_LOG_LEVEL": "3",
    "OPENBLAS_NUM_THREADS": "1",
}
"""What our own server gives to its children, for all ways alike."""


@dataclass(frozen=True, slots=True)
class Measured:
    """Wall time in seconds, and by a card's id the verdict (`pass`, `fail`, `error` …) and the output (ours only)."""

    seconds: float
    verdicts: Mapping[str, str]
    got: Mapping[str, str] = field(default_factory=dict)


def baseline(cards: Sequence[Card]) -> Measured:
    """One Python for these cards, each in a namespace of its own; with one card, a cold interpreter."""
    with _baseline(cards) as (command, answers):
        seconds = _timed(command)
        told = [json.loads(line) for line in answers.read_text(encoding="utf-8").splitlines()]
    wants = {card.id: card.want for card in cards}
    return Measured(seconds, {answer["id"]: _verdict(answer, wants[answer["id"]]) for answer in told})


def ours(cards: Sequence[Card], options: Sequence[str] = ()) -> Measured:
    """Verideck's own command, with these options."""
    with _project(cards) as (command, root):
        out = root / "verdicts.json"
        seconds = _timed([*command, *options], root, out)
        snippets = json.loads(out.read_text(encoding="utf-8"))["snippets"]
    verdicts = {snippet["card"]: snippet["outcome"] for snippet in snippets}
    return Measured(seconds, verdicts, {snippet["card"]: snippet["got"] for snippet in snippets})


def watched_baseline(cards: Sequence[Card]) -> Watch:
    """The memory of one Python that runs these cards."""
    with _baseline(cards) as (command, _):
        return _watched(command)


def watched_ours(cards: Sequence[Card]) -> Watch:
    """The memory of Verideck's processes: the command, below it the server, below that the cards."""
    with _project(cards) as (command, root):
        return _watched(command, root)


def seconds_of(code: str) -> float:
    """How long a new Python takes for this code."""
    return _timed([sys.executable, "-c", code])


def answer_of(code: str) -> str:
    """What a new Python prints for this code."""
    command = [sys.executable, "-c", code]
    return subprocess.run(command, env=ENVIRONMENT, check=True, capture_output=True, text=True).stdout


def _verdict(answer: Mapping[str, str | None], want: str) -> str:
    if answer["raised"]:
        return "error"
    return "pass" if not want or compare(want, answer["got"] or "") is None else "fail"


@contextmanager
def _baseline(cards: Sequence[Card]) -> Iterator[tuple[list[str], Path]]:
    with tempfile.TemporaryDirectory(prefix="verideck-benchmark-") as folder:
        requests, answers = Path(folder, "cards.json"), Path(folder, "answers")
        requests.write_text(json.dumps([{"id": card.id, "code": card.code} for card in cards]), encoding="utf-8")
        yield [sys.executable, str(BASELINE), str(requests), str(answers)], answers


@contextmanager
def _project(cards: Sequence[Card]) -> Iterator[tuple[list[str], Path]]:
    with tempfile.TemporaryDirectory(prefix="verideck-benchmark-") as folder:
        root = Path(folder)
        write_project(root, cards)
        yield [sys.executable, "-m", "verideck", "verify", "--fresh", "--format", "json"], root


def _timed(command: Sequence[str], where: Path | None = None, out: Path | None = None) -> float:
    """Run a command and say how long it took. Raises where it neither passed nor found problems (status 0 or 1)."""
    with (out or Path(os.devnull)).open("wb") as stdout:
        start = time.perf_counter()
        ended = subprocess.run(
            command, cwd=where, env=ENVIRONMENT, stdout=stdout, stderr=subprocess.PIPE, text=True, check=False
        )
        seconds = time.perf_counter() - start
    if ended.returncode not in (0, 1) or "Traceback" in ended.stderr:
        raise RuntimeError(ended.stderr)
    return seconds


def _watched(command: Sequence[str], where: Path | None = None) -> Watch:
    quiet = subprocess.DEVNULL
    with subprocess.Popen(command, cwd=where, env=ENVIRONMENT, stdout=quiet, stderr=quiet) as process:
        with watching(process.pid) as watch:
            process.wait()
        return watch
