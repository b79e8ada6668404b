"""What the commands that run snippets share: a bar, problems as they are found, a sentence where nothing may run."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import click

from verideck.commands import options
from verideck.commands.execution import chosen
from verideck.model import Evidence, Note, Problem, Verdict
from verideck.project import Project
from verideck.report.again import with_command, with_commands
from verideck.verify import ClusterError, Execution, Run, Scope, UnprotectedError, verify


def run_notes(
    project: Project,
    notes: Sequence[Note],
    known: Mapping[str, Sequence[Evidence]],
    scope: Scope,
    execution: Execution,
    show: Callable[[Sequence[Problem]], None] = lambda _problems: None,
) -> Run:
    """Verify notes, with a bar if a terminal is there; each problem tells the command that runs its card again.

    `show` is given the problems as soon as they are found, in the order of the cards. Ends the command where the
    sandbox that is asked for is not to be had, or the cluster does not serve.
    """
    deck = next((note.deck.id for note in notes), "")
    words = f"Running {deck}{' on TensorFlow ' if execution.tensorflow else ''}{execution.tensorflow}"
    repeating, seen = chosen(execution), options.seen_from_here(project)
    with options.progress_bar(words) as bar:

        def told(done: int, total: int, new: Sequence[Verdict]) -> None:
            show([with_command(p, notes, ("--fresh", *repeating), seen) for verdict in new for p in verdict.problems])
            bar(done, total)

        try:
            run = verify(notes, known, scope, execution, progress=told)
        except UnprotectedError as error:
            message = f"there is no sandbox here, and --sandbox required asks for one: {error}"
            raise click.UsageError(message) from None
        except ClusterError as error:
            message = f"the cluster at {execution.cluster} cannot be used: {error}"
            raise click.UsageError(message) from None
    return with_commands(run, notes, repeating, seen)
