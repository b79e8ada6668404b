"""Cards made of snippets, and what becomes of them when they are run."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path

from examples import DECK, lay_out
from verideck.edition import editions
from verideck.model import Verdict
from verideck.project import load
from verideck.verify import Execution, Progress, Run, verify

GOOD = "```python\nprint('good')\n```\n\n```output\ngood\n```\n"
PLAIN = DECK + "\n[verify]\ntimeout = 20\n"


def python(code: str, options: str = "", output: str = "") -> str:
    wanted = f"\n```output\n{output}\n```\n" if output else ""
    return f"```python {options}\n{code}\n```\n{wanted}"


def text_of(*bodies: str) -> str:
    """A card file of a card for each body."""
    return "\n".join(f"# Card {i}? {{#card-{i}}}\n\nAnswered.\n\n{body}" for i, body in enumerate(bodies))


def run_cards(
    root: Path, *bodies: str, toml: str = PLAIN, progress: Progress = lambda *_: None, **execution: object
) -> Run:
    """Run a deck of a card for each body (none: the one that lies there); `execution` are fields of `Execution`."""
    if bodies:
        lay_out(root, text_of(*bodies), toml)
    (edition,), problems = editions(load(root))
    assert problems == ()
    return verify(edition.notes, {}, "fresh", Execution(**execution), progress=progress)


def between_good_ones(root: Path, body: str, **execution: object) -> Verdict:
    """The verdict on a card between two good ones, which must not suffer from it; nothing of it may stay."""
    scratch = root.parent / f"{root.name}-scratch"
    scratch.mkdir(exist_ok=True)
    before = os.environ.get("TMPDIR")
    os.environ["TMPDIR"] = str(scratch)
    try:
        run = run_cards(root, GOOD, body, GOOD, **execution)
    finally:
        os.environ.pop("TMPDIR") if before is None else os.environ.update(TMPDIR=before)
    first, *middle, last = run.verdicts
    assert (first.outcome, last.outcome) == ("pass", "pass"), (first.reason, last.reason, run.problems)
    assert list(scratch.iterdir()) == []
    wait_until(lambda: not left_behind())
    return middle[0]


def left_behind() -> list[str]:
    """The processes that cards started under this name, as far as they are still there."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):
            found.append(path.read_text().replace("\0", " "))
    return [command for command in found if "verideck-left-behind" in command]


def interruptible(command: list[str], where: Path, environment: dict[str, str]) -> subprocess.Popen[bytes]:
    """A process that heeds Ctrl-C, even if we were started by a shell in the background, which ignores it."""
    heed = partial(signal.signal, signal.SIGINT, signal.SIG_DFL)
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    return subprocess.Popen(command, cwd=where, env=environment, preexec_fn=heed, **pipes)  # noqa: PLW1509


def wait_until(holds: Callable[[], object], seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.02)
