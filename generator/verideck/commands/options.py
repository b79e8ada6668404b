"""What the commands share: their arguments, where the project is, how they report."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NoReturn, TypeVar

import click

from verideck.model import Note, Problem
from verideck.nearest import did_you_mean
from verideck.project import Project, find_project, load
from verideck.report.problems import as_github, as_text, in_order
from verideck.report.sarif import as_sarif

_F = TypeVar("_F", bound=Callable[..., Any])

paths = click.argument("paths", nargs=-1, type=click.Path(exists=True, path_type=Path), metavar="[PATH]...")
"""Decks, folders or card files; none means all."""


def formats(function: _F) -> _F:
    """The option `--format`."""
    choice = click.Choice(["text", "json", "github", "sarif"])
    words = "For people, for programs, as annotations in a GitHub workflow, or for code scanning."
    return click.option("--format", "form", type=choice, default="text", show_default=True, help=words)(function)


def require_cards(ids: Iterable[str], project: Project, notes: Iterable[Note]) -> None:
    """Refuse ids that no card among `notes`, those that PATH selects, has."""
    known = [note.card.id for note in notes]
    for unknown in sorted(set(ids) - set(known)):
        hint = did_you_mean(unknown, known)
        if failed(project.problems):
            hint = "it may be one that cannot be read, of which `verideck check` tells"
        message = f"no card here has the id {unknown}: {hint or 'there is none at all'}"
        raise click.BadParameter(message, param_hint="'--card'")


def read_project(paths: Iterable[Path]) -> Project:
    """Read the project that the paths are in, or else the one that the working directory is in."""
    paths = list(paths)
    root = find_project(paths[0] if paths else Path.cwd())
    if root is None:
        message = "no project here: no folder upwards of this one has a folder cards"
        raise click.UsageError(message)
    strangers = [path for path in paths if find_project(path) != root]
    if strangers:
        message = f"{strangers[0]} is in another project than {paths[0]}: give each project a call of its own"
        raise click.UsageError(message)
    project = load(root, paths)
    if not project.selected and not project.problems:
        where = " or ".join(map(str, paths)) if paths else f"{root.name}/cards"
        message = f"there is no deck in {where}: no folder has a deck.toml"
        raise click.UsageError(message)
    return project


def report(problems: Iterable[Problem], texts: Mapping[str, str], form: str) -> None:
    """Print problems for people on standard error, or as annotations or SARIF on standard output."""
    ordered = in_order(problems)
    if form == "github":
        click.echo(as_github(ordered), nl=False)
    elif form == "sarif":
        print_json(as_sarif(ordered, texts))
    elif form == "text" and ordered:
        click.echo(_coloured(as_text(ordered, texts)), nl=False, err=True)


def print_json(value: Mapping[str, Any]) -> None:
    """Print one JSON object, and nothing else, on standard output."""
    click.echo(json.dumps(value, ensure_ascii=False, indent=1))


def seen_from_here(project: Project) -> Path:
    """The project's root as a path from the working directory, for commands that are to be given there."""
    return Path(os.path.relpath(project.root))


def failed(problems: Iterable[Problem]) -> bool:
    """Whether any of the problems is more than a warning."""
    return any(problem.severity == "error" for problem in problems)


def leave(problems: Iterable[Problem], *, interrupted: str = "") -> NoReturn:
    """End with the exit status that the README promises; `interrupted`, after Ctrl-C, says what was kept."""
    if interrupted:
        click.echo(f"interrupted; {interrupted}", err=True)
        sys.exit(130)  # 128 and the number of SIGINT, as shells have it
    sys.exit(1 if failed(problems) else 0)


def count(number: int, noun: str) -> str:
    """`1 card`, `2 cards`."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


@contextmanager
def progress_bar(words: str) -> Iterator[Callable[[int, int], None]]:
    """A function to call with what is done and the total; shows a bar if a terminal is there, else nothing."""
    if not sys.stderr.isatty():
        yield lambda _done, _total: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(words, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def _coloured(text: str) -> str:
    """Places bold, carets red: only for eyes, and click leaves it out where there are none."""
    lines = []
    for line in text.split("\n"):
        if line and not line.startswith(" "):
            place, _, rest = line.partition(" ")
            lines.append(f"{click.style(place, bold=True)} {rest}")
        elif line.strip().lstrip("|").strip().strip("^") == "" and "^" in line:
            lines.append(line.replace("^", click.style("^", fg="red")))
        else:
            lines.append(line)
    return "\n".join(lines)
