"""A bound on the time that comparing may take."""

from __future__ import annotations

import time
from dataclasses import dataclass

_STEPS = 4096


class CompareTimeoutError(Exception):
    """Two texts could not be compared in the time that was given."""


@dataclass(slots=True)
class Deadline:
    """When to give up: `end` is a time of `time.monotonic`, in seconds. The clock is read every few thousand steps."""

    end: float
    steps: int = 0

    def step(self, count: int = 1) -> None:
        """Count steps of work. Raises `CompareTimeoutError` when the time is over."""
        self.steps += count
        if self.steps >= _STEPS:
            self.steps = 0
            if time.monotonic() > self.end:
                raise CompareTimeoutError
