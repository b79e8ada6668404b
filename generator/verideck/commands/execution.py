"""The options of `verify` that say how and where snippets run."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

from verideck.verify import SEED, Execution

_F = TypeVar("_F", bound=Callable[..., Any])

_OPTIONS = (
    click.option(
        "--isolation",
        type=click.Choice(["fork", "spawn", "cold"]),
        default="fork",
        show_default=True,
        help="A child forked from one process that has imported the libraries; a new Python for each card, started ahead; "
        "or one started when the card's turn comes.",
    ),
    click.option(
        "--sandbox",
        type=click.Choice(["auto", "required", "off"]),
        default="auto",
        show_default=True,
        help="The best protection that is to be had; refuse to run where there is none; or none.",
    ),
    click.option("--jobs", "-j", type=click.IntRange(1), help="Cards that run at a time.  [default: one a processor]"),
    click.option("--seed", type=click.IntRange(0, 2**32 - 1), default=SEED, help="What random numbers start from."),
)


def execution(function: _F) -> _F:
    """The options `--isolation`, `--sandbox`, `--jobs`, `--seed`, given to the function as one `Execution`."""

    def gathered(isolation: str, sandbox: str, jobs: int | None, seed: int, **rest: Any) -> Any:  # noqa: ANN401
        return function(execution=Execution(isolation, sandbox, jobs=jobs or 0, seed=seed), **rest)  # type: ignore[arg-type]

    gathered.__doc__ = function.__doc__
    gathered.__name__ = function.__name__
    for option in reversed(_OPTIONS):
        gathered = option(gathered)
    return gathered  # type: ignore[return-value]
