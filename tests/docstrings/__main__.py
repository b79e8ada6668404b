from __future__ import annotations

import argparse
from pathlib import Path

import click

import docstrings
from docstrings.collect import collect
from docstrings.plant import plant
from docstrings.run import run, save, saved
from docstrings.study import study, table

MOST = 600
"""Errors of a kind that are planted on each side."""


def main() -> None:
    parser = argparse.ArgumentParser(
        "docstrings", description=docstrings.__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("command", choices=["collect", "run", "study", "plant"])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--sample", type=int, help="collect so many of TensorFlow's own, spread evenly")
    options = parser.parse_args()
    file = options.folder / "examples.json"
    if options.command == "collect":
        _counts(collect(options.folder, options.sample))
    elif options.command == "run":
        ran, counts = run(options.folder)
        save(ran, file)
        _counts(counts)
    elif options.command == "study":
        click.echo("\n".join(table(study(saved(file)))))
    else:
        for count in plant(study(saved(file)), MOST):
            click.echo(str(count))


def _counts(counts: dict[str, int]) -> None:
    for what, number in sorted(counts.items(), key=lambda item: -item[1]):
        click.echo(f"{number:6} {what}")


if __name__ == "__main__":
    main()
