"""What the commands that run snippets share: a bar, problems as they are found, refusals, what goes into the lock."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import click

from verideck.commands import options
from verideck.commands.execution import chosen
from verideck.edition import Edition, now
from verideck.files import read_text, write
from verideck.model import Evidence, Note, Problem, Verdict
from verideck.project import LARGEST_LOCK, Project
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

    `show` is given the problems as soon as they are found, in the order of the cards. Raises `click.UsageError` where
    the sandbox that is asked for is not to be had, or the cluster does not serve.
    """
    deck = next((note.deck.id for note in notes), "")
    words = f"Running {deck}{' on TensorFlow ' if execution.tensorflow else ''}{execution.tensorflow}"
    repeating, seen = chosen(execution, notes), options.seen_from_here(project)
    with options.progress_bar(words) as bar:

        def told(done: int, total: int, new: Sequence[Verdict]) -> None:
            show([with_command(p, notes, ("--fresh", *repeating), seen) for verdict in new for p in verdict.problems])
            bar(done, total)

        try:
            run = verify(notes, known, scope, execution, progress=told)
        except (UnprotectedError, ClusterError) as error:
            raise refusal(error, execution) from None
    return with_commands(run, notes, repeating, seen)


def refusal(error: Exception, execution: Execution) -> click.UsageError:
    """What is said of an error that keeps snippets from running, or that has ended a run early."""
    if isinstance(error, UnprotectedError):
        return click.UsageError(f"there is no sandbox here, and --sandbox required asks for one: {error}")
    if isinstance(error, ClusterError):
        return click.UsageError(f"the cluster at {execution.cluster} cannot be used: {error}")
    return click.UsageError(f"the run has ended early: {error}")


def remember(project: Project, edition: Edition, evidence: Sequence[Evidence]) -> tuple[Edition, tuple[Problem, ...]]:
    """Write a deck's lock with new evidence, upon what the file holds at this time: the edition with that lock.

    A lock that cannot be read is a problem and stays as it is, as then its cards' times would be lost.
    """
    path = project.root / edition.lock_path
    text = read_text(path, edition.lock_path, LARGEST_LOCK) if path.exists() else ""
    if isinstance(text, Problem):
        return edition, (text,)
    newest, problems = edition.reread(text)
    if problems:
        return edition, problems
    renewed = newest.renewed(evidence, now())
    write(path, renewed.text.encode())
    return renewed, ()
