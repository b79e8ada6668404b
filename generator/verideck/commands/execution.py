"""The options that say how and where snippets run, and what they come to for a deck."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any, TypeVar

import click

from verideck.environments import CannotMakeError, ensure
from verideck.model import Deck, Note
from verideck.verify import SEED, Device, Execution, Shard

LAST_SEED = 2**32 - 1
"""The last that NumPy takes."""

_F = TypeVar("_F", bound=Callable[..., Any])
_DEVICES: dict[str, tuple[Device, ...]] = {"cpu": ("cpu",), "gpu": ("gpu",), "all": ("cpu", "gpu")}
_TRUSTED = ("numpy", "tensorflow", "keras")  # that run outside of the sandbox anyway, to be forked from


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the command line asks for: an execution, on these versions and this device (empty: as the deck says)."""

    execution: Execution = Execution()
    versions: tuple[str, ...] = ()
    matrix: bool = False
    device: str = ""
    shard: Shard = Shard()


class _ShardType(click.ParamType[Shard]):
    """`2/5` is the second of five shards."""

    name = "k/n"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Shard:  # noqa: ANN401
        """Read it, or refuse it."""
        if isinstance(value, Shard):
            return value
        index, _, total = str(value).partition("/")
        if not (index.isdecimal() and total.isdecimal() and 1 <= int(index) <= int(total)):
            self.fail(f"{value} is not a shard; write k/n, as 1/3 for the first of three", param, ctx)
        return Shard(int(index), int(total))


_SANDBOX = click.option(
    "--sandbox",
    type=click.Choice(["auto", "required", "off"]),
    default="auto",
    show_default=True,
    help="The best protection that is to be had; refuse to run where there is none; or none.",
)
_JOBS = click.option("--jobs", "-j", type=click.IntRange(1), help="Cards that run at a time; default: processors.")
_ALL = (
    click.option("--tensorflow", "versions", multiple=True, metavar="VERSION", help="Run on this version; repeatable."),
    click.option("--matrix", is_flag=True, help="Run on each version that deck.toml lists under [verify]."),
    click.option(
        "--device", type=click.Choice(list(_DEVICES)), help="Where to run; default: what deck.toml says, or cpu."
    ),
    click.option("--shard", type=_ShardType(), default=None, metavar="K/N", help="Only part K of N of the cards."),
    click.option("--cluster", metavar="ADDRESS", help="Run on the workers of the Dask scheduler that is there."),
    _JOBS,
    _SANDBOX,
    click.option(
        "--isolation",
        type=click.Choice(["fork", "spawn", "cold"]),
        default="fork",
        show_default=True,
        help="A child forked from one process that has imported the libraries; a new Python for each card, started "
        "ahead; or one started when the card's turn comes.",
    ),
    click.option("--seed", type=click.IntRange(0, LAST_SEED), default=SEED, help="What random numbers start from."),
)


def all_options(function: _F) -> _F:
    """All of them, given to the function as one `Wanted`."""

    def gathered(  # noqa: PLR0913, PLR0917 - one parameter an option
        versions: tuple[str, ...], matrix: bool, device: str | None, shard: Shard | None, jobs: int | None,  # noqa: FBT001
        cluster: str | None, sandbox: Any, isolation: Any, seed: int, **rest: Any,  # noqa: ANN401
    ) -> Any:  # fmt: skip  # noqa: ANN401
        if cluster is not None:
            _require_sense(cluster, jobs)
        execution = Execution(isolation, sandbox, jobs=jobs or 0, seed=seed, cluster=cluster or "")
        wanted = Wanted(execution, versions, matrix, device or "", shard or _told_by_bazel())
        return function(wanted=wanted, **rest)

    return _with(_ALL, gathered, function)


def _require_sense(cluster: str, jobs: int | None) -> None:
    """Refuse an address that is empty, as one from a variable may be: nobody means to run strangers' cards here."""
    if not cluster:
        message = "--cluster takes the address of a Dask scheduler, as tcp://host:8786; this one is empty"
        raise click.UsageError(message)
    if jobs:
        message = "--jobs is for this machine: a cluster's worker runs as many cards at a time as it has threads"
        raise click.UsageError(message)


def build_options(function: _F) -> _F:
    """`--jobs` and `--sandbox` alone, given to the function as one `Execution`."""

    def gathered(jobs: int | None, sandbox: Any, **rest: Any) -> Any:  # noqa: ANN401
        return function(execution=Execution(sandbox=sandbox, jobs=jobs or 0), **rest)

    return _with((_JOBS, _SANDBOX), gathered, function)


def _with(options: tuple[Any, ...], gathered: Callable[..., Any], function: _F) -> _F:
    gathered.__doc__ = function.__doc__
    gathered.__name__ = function.__name__
    gathered.__click_params__ = getattr(function, "__click_params__", [])  # type: ignore[attr-defined]
    for option in reversed(options):
        gathered = option(gathered)
    return gathered  # type: ignore[return-value]


def _told_by_bazel() -> Shard:
    """The shard that a test runner asks for, by Bazel's variables (bazel.build, *Test encyclopedia*)."""
    index, total = os.environ.get("TEST_SHARD_INDEX", ""), os.environ.get("TEST_TOTAL_SHARDS", "")
    if not (index.isdecimal() and total.isdecimal() and int(index) < int(total)):
        return Shard()
    return Shard(int(index) + 1, int(total), os.environ.get("TEST_SHARD_STATUS_FILE", ""))


def executions(wanted: Wanted, deck: Deck) -> tuple[Execution, ...]:
    """An execution for each version and device on which this deck is to run; environments are made where needed."""
    require_trust(wanted.execution, deck)
    if wanted.matrix and not deck.verify.matrix:
        message = f'{deck.path}/deck.toml has no matrix: write matrix = ["2.15.1", "2.21.0"] under [verify]'
        raise click.UsageError(message)
    versions = (*wanted.versions, *(deck.verify.matrix if wanted.matrix else ()))
    found = []
    for version in dict.fromkeys(versions or ("",)):
        interpreter = _interpreter(version, deck) if version else ""
        execution = replace(
            wanted.execution, tensorflow=version, interpreter=interpreter, requires=deck.verify.requires
        )
        found += [replace(execution, device=device) for device in _DEVICES[wanted.device or deck.verify.device]]
    return tuple(found)


def require_trust(execution: Execution, deck: Deck) -> None:
    """Refuse, where a sandbox is required, a deck.toml by which code would run outside of it."""
    settings = deck.verify
    strangers = [name for name in settings.preload or () if name.partition(".")[0] not in _TRUSTED]
    if execution.sandbox == "required" and (strangers or settings.requires):
        what = f"preloads {', '.join(strangers)}" if strangers else f"requires {', '.join(settings.requires)}"
        message = f"{deck.path}/deck.toml {what}: code that would run outside of the sandbox that is required"
        raise click.UsageError(message)


def _interpreter(version: str, deck: Deck) -> str:
    try:
        return str(ensure(version, deck.verify.requires, lambda words: click.echo(words, err=True)))
    except CannotMakeError as error:
        raise click.UsageError(str(error)) from None


def chosen(execution: Execution, notes: Iterable[Note], device: str = "") -> tuple[str, ...]:
    """Those options of an execution without which a verdict might be another, for the command that repeats it.

    `notes` are those that run: where no device is named, their deck says it. `device` is another than the execution's.
    """
    standard = Execution()
    deck_device = next((note.deck.verify.device for note in notes), standard.device)
    found: list[str] = []
    for name in ("tensorflow", "device", "isolation", "sandbox", "seed"):
        value = (name == "device" and device) or getattr(execution, name)
        if value != (deck_device if name == "device" else getattr(standard, name)):
            found += [f"--{name}", str(value)]
    return tuple(found)
