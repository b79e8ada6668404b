"""The command line. Each command is a module of `verideck.commands`, imported when it is called."""

from __future__ import annotations

import importlib
import os
import sys

import click

from verideck import __version__

_COMMANDS = {
    "build": "Check, run what has not been run, and write the decks into build/.",
    "check": "Say what is wrong with the cards, without running any.",
    "environments": "List or remove the environments that hold other versions of TensorFlow.",
    "verify": "Run the snippets and hold what they print against what the cards say.",
}


class _Lazy(click.Group):
    """A group that knows its commands' names and summaries, and imports a command only to call it."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The commands' names, for help and completion."""
        del ctx
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of this name, or nothing."""
        del ctx
        if cmd_name not in _COMMANDS:
            return None
        command = importlib.import_module(f"verideck.commands.{cmd_name}").command
        assert isinstance(command, click.Command)
        return command

    def invoke(self, ctx: click.Context) -> object:
        """Run the command. Ctrl-C outside of a run of cards, which keeps what it has, ends it as shells expect."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            click.echo("interrupted", err=True)
            sys.exit(130)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list in `--help`, from the summaries above, so that it needs no import."""
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl(list(_COMMANDS.items()))


@click.command(cls=_Lazy, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="verideck")
def verideck() -> None:
    """Flashcards written as Markdown, checked by running them."""


def main() -> None:
    """Run the command line: exit status 0 is fine, 1 problems, 2 usage or environment."""
    color = False if os.environ.get("NO_COLOR") else None
    try:
        verideck.main(prog_name="verideck", standalone_mode=True, color=color)
    except OSError as error:
        place = f"{error.filename}: " if error.filename else ""
        click.echo(f"verideck: {place}{error.strerror or error}", err=True)
        sys.exit(2)


if __name__ == "__main__":
    main()
