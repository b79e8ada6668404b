from __future__ import annotations

import sys
from pathlib import Path

import click

from docstrings import __doc__ as usage
from docstrings.collect import collect
from docstrings.plant import plant
from docstrings.run import run, save, saved
from docstrings.study import study, table

if __name__ == "__main__":
    command, folder = sys.argv[1:] if len(sys.argv) == 3 else ("", "")
    file = Path(folder, "examples.json")
    if command == "collect":
        for what, number in collect(Path(folder)).most_common():
            click.echo(f"{number:6} {what}")
    elif command == "run":
        ran, counts = run(Path(folder))
        save(ran, file)
        for what, number in counts.most_common():
            click.echo(f"{number:6} {what}")
    elif command == "study":
        click.echo("\n".join(table(study(saved(file)))))
    elif command == "plant":
        for count in plant(study(saved(file)), 600):
            click.echo(
                f"{count.kind:8} into what {count.side:5}: {count.planted:4} planted, "
                f"ours saw {count.ours} ({count.ours / max(1, count.planted):.1%}), "
                f"theirs {count.theirs} ({count.theirs / max(1, count.planted):.1%})"
            )
            for missed in count.missed:
                click.echo(f"    not seen: {missed.name} #{missed.number}: wanted {missed.want!r}, came {missed.got!r}")
    else:
        sys.exit(usage)
