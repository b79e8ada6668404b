"""`verideck environments`: list what is kept to run snippets on other versions of TensorFlow, or remove it."""

from __future__ import annotations

import time
from collections.abc import Sequence

import click

from verideck.commands import options
from verideck.environments import CannotMakeError, Kept, kept, release, remove, shelf

_COLUMNS = "{:<12} {:<8} {:>9}   {:<12} {}"


@click.command()
@click.option("--remove", "unwanted", multiple=True, metavar="VERSION", help="Remove those with this TensorFlow.")
@click.option("--remove-all", "everything", is_flag=True, help="Remove all of them.")
@click.option(
    "--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True,
    help="For people, or for programs.",
)  # fmt: skip
def command(unwanted: tuple[str, ...], form: str, *, everything: bool) -> None:
    """List the environments that hold other versions of TensorFlow, or remove some.

    They are made the first time that a version is asked for, and kept in your cache folder. What is removed is made
    again when it is needed. uv keeps what it has downloaded in a cache of its own: `uv cache clean` empties that.

    Example: verideck environments --remove 2.15.1
    """
    if everything or unwanted:
        _remove(kept() if everything else _chosen(unwanted))
    if form == "json":
        options.print_json({"folder": str(shelf()), "environments": [_as_json(one) for one in kept()]})
    elif not (everything or unwanted):
        click.echo(_as_text(kept()), nl=False)


def _chosen(unwanted: Sequence[str]) -> list[Kept]:
    """The environments with these versions; each version must have one, else nothing is removed."""
    there = kept()
    chosen: list[Kept] = []
    for version in unwanted:
        try:
            wanted = release(version)
        except CannotMakeError as error:
            raise click.UsageError(str(error)) from None
        found = [one for one in there if one.tensorflow == wanted]
        if not found:
            known = ", ".join(dict.fromkeys(one.tensorflow for one in there)) or "none at all"
            message = f"there is no environment with TensorFlow {wanted}; there is {known}"
            raise click.UsageError(message)
        chosen += found
    return list(dict.fromkeys(chosen))


def _remove(unwanted: Sequence[Kept]) -> None:
    for one in unwanted:
        freed = _size(one.size())
        remove(one, lambda words: click.echo(words, err=True))
        click.echo(f"removed TensorFlow {one.tensorflow} for Python {one.python}, {freed}", err=True)
    if not unwanted:
        click.echo(f"there is nothing to remove in {shelf()}", err=True)


def _as_text(environments: Sequence[Kept]) -> str:
    if not environments:
        return f"no environments in {shelf()}; they are made when a version of TensorFlow is asked for\n"
    lines = [_COLUMNS.format("TensorFlow", "Python", "size", "last used", "with")]
    for one in environments:
        used = time.strftime("%Y-%m-%d", time.localtime(one.used))
        beside = ", ".join(one.requires) if one.whole else "(half-made: it will be made again when it is needed)"
        lines.append(_COLUMNS.format(one.tensorflow, one.python, _size(one.size()), used, beside))
    total = _size(sum(one.size() for one in environments))
    lines.append(f"{options.count(len(environments), 'environment')}, {total}, in {shelf()}")
    return "".join(f"{line.rstrip()}\n" for line in lines)


def _as_json(one: Kept) -> dict[str, object]:
    return {
        "tensorflow": one.tensorflow,
        "python": one.python,
        "requires": one.requires,
        "path": str(one.path),
        "bytes": one.size(),
        "used": int(one.used),
        "whole": one.whole,
    }


def _size(count: int) -> str:
    return f"{count / 1e9:.1f} GB"
