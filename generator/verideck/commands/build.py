"""`verideck build`: check, run what is stale, and publish."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

import click

from verideck.commands import options
from verideck.commands.execution import build_options, require_trust
from verideck.commands.running import refusal, remember, run_notes
from verideck.edition import Edition, behind, editions
from verideck.files import write
from verideck.model import Problem
from verideck.project import Project
from verideck.publish import Artifact, publish
from verideck.report.problems import as_json, in_order
from verideck.report.verdicts import isolation_of, summary
from verideck.verify import Execution, Run, stale


@click.command()
@options.paths
@click.option("--locked", is_flag=True, help="Refuse, where deck.lock is behind, instead of running and writing.")
@build_options
@options.formats
def command(paths: tuple[Path, ...], form: str, execution: Execution, *, locked: bool) -> None:
    """Check, run what has not been run, and write the decks into build/.

    PATH is a deck or anything in it; without one, all decks are built. Nothing is written into
    build/ while a card has a problem.

    Example: verideck build cards/hands-on-ml-12
    """
    project = options.read_project(paths)
    found, problems = editions(project)
    ready: tuple[Edition, ...] = ()
    runs: list[Run] = []
    if not options.failed(problems):
        ready, more, runs = _settle(project, found, execution, locked=locked)
        problems = (*problems, *more)
        if form == "text":
            click.echo("".join(summary(run) for run in runs if run.hello or _skips(run)), nl=False, err=True)
        _require_whole(runs, execution)
    artifacts: list[Artifact] = []
    for edition in ready if not options.failed(problems) else ():
        rendered, faults = publish(edition, project.root)
        artifacts += rendered
        problems = (*problems, *faults)
    broken = options.failed(problems)
    artifacts = [] if broken else artifacts
    for artifact in artifacts:
        write(project.root / "build" / artifact.name, artifact.content)
    notes = sum(len(edition.notes) for edition in ready) if not broken else 0
    options.report(problems, project.texts, form)
    if form == "json":
        outputs = [_output(artifact) for artifact in artifacts]
        shown = [as_json(problem) for problem in in_order(problems)]
        options.print_json({"outputs": outputs, "notes": notes, "problems": shown, **isolation_of(runs)})
    elif form == "text":
        for artifact in artifacts:
            click.echo(f"build/{artifact.name}  {len(artifact.content) / 1024:,.0f} KB")
        if artifacts:
            click.echo(f"{options.count(notes, 'note')}, ready to import and to print")
    options.leave(problems)


def _settle(
    project: Project, found: Sequence[Edition], execution: Execution, *, locked: bool
) -> tuple[tuple[Edition, ...], tuple[Problem, ...], list[Run]]:
    """Run what is stale and bring the locks up to date; with `locked`, refuse where either would be needed."""
    if locked:
        late = tuple(problem for edition in found for problem in behind(edition, stale(edition.notes, edition.known)))
        return tuple(edition.renewed((), 0) for edition in found) if not late else (), late, []
    for edition in found:
        require_trust(execution, edition.deck)
    ready, runs, problems = [], [], []
    for edition in found:
        run = run_notes(project, edition.notes, edition.known, "stale", execution)
        renewed, more = remember(project, edition, run.evidence)
        ready.append(renewed)
        runs.append(run)
        problems += [*run.problems, *more]
        if run.interrupted or run.stopped:
            break
    return tuple(ready), tuple(problems), runs


def _require_whole(runs: Sequence[Run], execution: Execution) -> None:
    """End the command where a run has ended before its time; the locks have been written."""
    if any(run.interrupted for run in runs):
        options.leave((), interrupted="what has passed is in deck.lock")
    for stopped in (run.stopped for run in runs if run.stopped):
        raise refusal(stopped, execution)


def _skips(run: Run) -> bool:
    return any(verdict.outcome == "skip" for verdict in run.verdicts)


def _output(artifact: Artifact) -> dict[str, str | int]:
    digest = hashlib.sha256(artifact.content).hexdigest()
    size = len(artifact.content)
    return {"path": f"build/{artifact.name}", "kind": artifact.kind, "bytes": size, "sha256": digest}
