"""What keeps a card from doing harm beyond its own process: which protection is to be had, and closing it.

Each kind is tried once, whole, in a process that is thrown away: that a system has a feature does not say that it
may be used here.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from verideck.isolate.sandbox import landlock, namespaces

Kind = Literal["namespaces", "landlock", "none"]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a card runs: its `folder` on the disk, the server's `view`, what it may read, its own `number`."""

    folder: Path
    view: Path
    readable: tuple[str, ...]
    number: int


class UnprotectedError(Exception):
    """A sandbox is required, and none is to be had; the text says why."""


def choose(wanted: str) -> tuple[Kind, str]:
    """The best protection here for `wanted` (`auto`, `required`, `off`, or a kind by name), and what it lacks.

    Raises `UnprotectedError` for `required`, where a card could still read files, reach the network or
    end other processes.
    """
    reasons = []
    for kind, trial in _candidates(wanted):
        with tempfile.TemporaryDirectory() as folder:
            reason = _tried(trial, Path(folder))
        if not reason:
            gap = _gap(kind)
            if gap and wanted == "required":
                reasons.append(f"{kind}: {gap}")
                continue
            return kind, gap
        reasons.append(f"{kind}: {reason}")
    if wanted == "required":
        raise UnprotectedError("; ".join(reasons))
    return "none", "; ".join(reasons)


def enter(kind: Kind, place: Place) -> None:
    """Close the sandbox around this process, and go to the card's own folder, which is its home too."""
    work, temporary = str(place.folder / "work"), str(place.folder / "tmp")
    if kind == "namespaces":
        namespaces.enter(place.view, place.number, place.readable)
        work, temporary = "/card", "/tmp"  # noqa: S108 - the card's own, as everything in its view
    elif kind == "landlock":
        landlock.enter(place.folder, place.readable)
    os.chdir(work)
    os.environ.update(
        {"HOME": work, "TMPDIR": temporary, "USER": "card", "LOGNAME": "card", "KERAS_HOME": f"{temporary}/keras"}
    )
    tempfile.tempdir = None  # computed anew from the environment


def _candidates(wanted: str) -> Iterator[tuple[Kind, Callable[[Path], None]]]:
    if wanted in ("auto", "required", "namespaces"):
        yield "namespaces", namespaces.trial
    if wanted in ("auto", "required", "landlock"):
        yield "landlock", landlock.trial


def _gap(kind: Kind) -> str:
    """What this kind does not keep a card from, in words; empty, if it keeps what `required` asks for."""
    if kind == "landlock" and landlock.abi() < landlock.SCOPED:
        return "it can end other processes of this user"
    return ""


def _tried(trial: Callable[[Path], None], folder: Path) -> str:
    """Why a trial failed; empty, if it did not."""
    if not sys.platform.startswith("linux"):
        return "only Linux has it"
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.close(reading)
            trial(folder)
        except BaseException as error:  # noqa: BLE001 - whatever it is, the sandbox does not work here
            with suppress(OSError):
                os.write(writing, (getattr(error, "strerror", None) or str(error) or type(error).__name__).encode())
        finally:
            os._exit(1)
    os.close(writing)
    said = b""
    while chunk := os.read(reading, 4096):
        said += chunk
    os.close(reading)
    _, status = os.waitpid(child, 0)
    return "" if status == 0 else said.decode() or f"the trial ended with status {os.waitstatus_to_exitcode(status)}"
