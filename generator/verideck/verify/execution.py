"""How and where snippets are run: what a caller asks for, and what was in force."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

Isolation = Literal["fork", "spawn", "cold"]
Protection = Literal["auto", "required", "off"]
Device = Literal["cpu", "gpu"]
Request = dict[str, Any]
Event = Mapping[str, Any]

SEED = 0
"""The seed with which evidence is made."""


@dataclass(frozen=True, slots=True)
class Execution:
    """What a caller asks for.

    `jobs` is how many cards run at a time (0: as many as there are processors), `seed` what random numbers start from.
    `interpreter` is the Python that runs the snippets (empty: this one), `tensorflow` the version by which it was asked
    for, `requires` what else is in it. `cluster` is the address of a Dask scheduler (empty: the cards run here).
    """

    isolation: Isolation = "fork"
    sandbox: Protection = "auto"
    device: Device = "cpu"
    jobs: int = 0
    seed: int = SEED
    tensorflow: str = ""
    interpreter: str = ""
    requires: tuple[str, ...] = ()
    cluster: str = ""

    def processes(self) -> int:
        """How many cards run at a time."""
        if self.jobs:
            return self.jobs
        return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@dataclass(frozen=True, slots=True)
class Hello:
    """What a server is: how it isolates cards and why not as asked; its sandbox and what that lacks; versions; GPUs.

    `sandbox` is one of `WEAKEST`, or empty for a server that was lost before it said so.
    """

    isolation: Isolation
    reason: str
    sandbox: str
    gap: str
    versions: dict[str, str]
    gpus: tuple[str, ...] = ()


WEAKEST = ("none", "landlock", "namespaces")
"""The sandboxes that there are, the one that protects least first."""


def weakest(hellos: Iterable[Hello]) -> Hello | None:
    """Of several servers the one whose sandbox is least complete; one of which no sandbox is known does not count."""
    known = [hello for hello in hellos if hello.sandbox]
    return min(known, key=lambda hello: (WEAKEST.index(hello.sandbox), not hello.gap), default=None)


@dataclass(frozen=True, slots=True)
class Report:
    """That a card has ended: the `number` of its request, what was said of it, and by what kind of server."""

    number: int
    events: Sequence[Event]
    hello: Hello


Runner = Callable[[Sequence[Request], Sequence[str], Execution], Iterator[Report]]
"""Runs requests where `preload` is imported; reports each when it has ended, in any order. Raises the errors below."""


class CannotServeError(Exception):
    """The server could not import what the snippets need; the text says what went wrong."""


class UnprotectedError(Exception):
    """A sandbox is required, and there is none to be had; the text says why."""


class NoGpuError(Exception):
    """The snippets are to run on a GPU, and TensorFlow finds none; the text, if any, says where."""


class ClusterError(Exception):
    """The cluster cannot run the snippets, or not as this machine would; the text is a sentence that says why."""
