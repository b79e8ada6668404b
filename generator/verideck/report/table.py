"""The verdicts of several runs of a deck as a table: snippet by version and device."""

from __future__ import annotations

from collections.abc import Sequence

from verideck.model import Outcome
from verideck.report.problems import safe
from verideck.verify import Run

_SHORT: dict[Outcome, str] = {"pass": "pass", "skip": "-"}


def table(runs: Sequence[Run]) -> str:
    """A line for each snippet, a column for each run; what did not pass is in capitals. Empty for one run.

    A run that could not start, as where a library cannot be imported, has a column of empty cells.
    """
    verdicts = [verdict for run in runs for verdict in run.verdicts]
    if len(runs) < 2 or not verdicts:  # noqa: PLR2004 - a table of one column says what the summary says
        return ""
    heads = [_head(run, runs) for run in runs]
    cells = {(column, v.snippet.span): _cell(v.outcome) for column, run in enumerate(runs) for v in run.verdicts}
    spans = {v.snippet.span: f"{v.snippet.span.path}:{v.snippet.span.line}" for v in verdicts}
    rows = [[place, *(cells.get((column, span), "") for column in range(len(runs)))] for span, place in spans.items()]
    lines = [[f"{verdicts[0].deck}: TensorFlow", *heads], *rows]
    widths = [max(len(line[column]) for line in lines) for column in range(len(runs) + 1)]
    return "".join(safe("  ".join(map(str.ljust, line, widths)).rstrip()) + "\n" for line in lines)


def _head(run: Run, runs: Sequence[Run]) -> str:
    """A run's version, and its device where the runs differ in it."""
    several = len({other.here.device for other in runs}) > 1
    return (run.here.tensorflow or "none") + (f" {run.here.device.upper()}" if several else "")


def _cell(outcome: Outcome) -> str:
    return _SHORT.get(outcome, outcome.upper())
