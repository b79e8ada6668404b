"""What verifying found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from verideck.model.card import Snippet
from verideck.model.problem import Problem

Outcome = Literal["pass", "fail", "error", "timeout", "memory", "crash", "skip"]


@dataclass(frozen=True, slots=True, order=True)
class Evidence:
    """The record that a snippet ran: `key` names its code and wanted output, the rest where it ran.

    Versions are empty where the library was not loaded. `profile` names the tolerances that were used.
    """

    key: str
    python: str
    tensorflow: str = ""
    keras: str = ""
    numpy: str = ""
    device: str = "cpu"
    profile: str = ""
    seed: int = 0
    outcome: Outcome = "pass"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of one snippet: `got` is what it printed, `want` the output that was meant to come.

    `steps` are the outputs of a session's examples, of which `got` is the sum.
    `seconds` is the snippet's own time, `reason` says in a sentence why it is not a pass, `evidence`
    records what came of it and where (none for a skip), `problem` is what a person should mend, `warning` what may
    fail elsewhere although it passed here. `reused`: known from the lock.
    """

    deck: str
    card: str
    snippet: Snippet
    outcome: Outcome
    seconds: float = 0.0
    want: str = ""
    got: str = ""
    reason: str = ""
    reused: bool = False
    evidence: Evidence | None = None
    problem: Problem | None = None
    warning: Problem | None = None

    @property
    def problems(self) -> tuple[Problem, ...]:
        """All that is to be said of it: `problem` and `warning`, where there are such."""
        return tuple(problem for problem in (self.problem, self.warning) if problem is not None)

    steps: tuple[str, ...] = ()
