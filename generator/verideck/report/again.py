"""What a run found, with the command that runs each failing card again."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import PurePath

from verideck.model import Note, Problem
from verideck.verify import Run

_HERE = PurePath()


def with_commands(run: Run, notes: Iterable[Note], chosen: Sequence[str] = (), root: PurePath = _HERE) -> Run:
    """The run, with `again` filled in each of its problems.

    `notes` are those that ran. `chosen` are the options, as the command line has them, without which the run would
    not have been the same. `root` is the project, as seen from where the command is to be given.
    """
    notes = tuple(notes)
    arguments = ("--fresh", *chosen)
    told = {problem: with_command(problem, notes, arguments, root) for problem in run.problems}
    verdicts = tuple(
        replace(v, problem=v.problem and told[v.problem], warning=v.warning and told[v.warning]) for v in run.verdicts
    )
    return replace(run, verdicts=verdicts, problems=tuple(told.values()))


def with_command(problem: Problem, notes: Iterable[Note], arguments: Sequence[str], root: PurePath) -> Problem:
    """The problem with the command `verideck verify` and these arguments for the card on which it stands.

    What stands on no card, such as a library that cannot be imported, is left as it is.
    """
    span = problem.span
    above = [note.card for note in notes if note.card.span.path == span.path and note.card.span.line <= span.line]
    if not above:
        return problem
    card = max(above, key=lambda card: card.span.line)
    path = (root / span.path).as_posix()
    return replace(problem, again=shlex.join(["verideck", "verify", *arguments, path, "--card", card.id]))
