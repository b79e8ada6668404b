"""What was measured, as plain text on standard output."""

from __future__ import annotations

import os
import platform
import statistics
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from importlib import metadata

import click

from memory import Watched
from recipes import Card
from ways import Measured

SHOWN = 5  # differences of each way; one cause has many
COLD, SHARED = "(a) a new Python for each card", "(b) one Python for all cards"


def print_times(
    cards: Sequence[Card],
    alone: Sequence[Measured],
    together: Sequence[Measured],
    ours: Mapping[str, Sequence[Measured]],
) -> None:
    """A line for each way: wall times, and how they compare with (a) and (b)."""
    versions = f"TensorFlow {metadata.version('tensorflow')}, Python {platform.python_version()}"
    wrong = sum(card.wrong for card in cards)
    click.echo(f"{len(cards):,} cards, {wrong} of them wrong on purpose; {versions}")
    click.echo(f"{len(os.sched_getaffinity(0))} processors; bytecode compiled; start-up included")
    click.echo(f"medians of {len(together)} rounds, in brackets the least and the most\n")
    click.echo(f"{'':32}{'seconds':>8}{'':16}{'a card':>8}{'(a) takes':>13}{'of (b)':>9}   verdicts")
    ways = {COLD: alone, SHARED: together, **ours}
    times = {name: [run.seconds for run in runs] for name, runs in ways.items()}
    times[COLD] = [statistics.mean(times[COLD]) * len(cards)]
    a, b = (statistics.median(times[name]) for name in (COLD, SHARED))
    for name, some in times.items():
        median = statistics.median(some)
        span = f"({min(some):.1f} to {max(some):.1f})" if len(some) > 1 else ""
        ratios = f"{a / median:>7.1f} times{median / b:>9.2f}"
        click.echo(f"{name:32}{median:>8.1f} {span:15}{median / len(cards):>8.3f}{ratios}   {_counted(ways[name])}")
    if len(alone) < len(cards):
        click.echo(f"(a) ran {len(alone)} of the cards, and its time is scaled")


def print_floor(seconds: Mapping[str, float]) -> None:
    """What no way can go below."""
    click.echo(f"\n{'the floor':32}{'seconds':>8}")
    for name, median in seconds.items():
        click.echo(f"{name:32}{median:>8.3f}")


def print_memory(processes: Mapping[str, Iterable[Watched]]) -> None:
    """The most that was seen: with the share of what several map (PSS), and what is a process's own."""
    click.echo(f"\n{'memory in MiB, at most; medians':32}{'PSS':>8}{'private':>9}{'seen':>6}")
    for name, some in processes.items():
        sizes = [(one.pss, one.private) for one in some]
        if sizes:
            pss, private = (statistics.median(column) for column in zip(*sizes, strict=True))
            click.echo(f"{name:32}{pss:>8.0f}{private:>9.0f}{len(sizes):>6}")
        else:
            click.echo(f"{name:32}{'':17}{0:>6}")


def print_growth(runs: Iterable[tuple[int, float]]) -> None:
    """What one run of ours takes for more and more cards."""
    click.echo(f"\n{'cards, in one run of ours':32}{'seconds':>8}{'a card':>8}")
    for count, seconds in runs:
        click.echo(f"{count:<32,}{seconds:>8.1f}{seconds / count:>8.3f}")


def print_differences(
    cards: Sequence[Card],
    alone: Sequence[Measured],
    together: Sequence[Measured],
    ours: Mapping[str, Sequence[Measured]],
) -> bool:
    """Each card on which (b) or ours does not agree with (a), or fails though it is right; whether ours all agree."""
    cold = _verdicts(alone)
    wanted = {card.id: cold.get(card.id, "fail" if card.wrong else "pass") for card in cards}
    click.echo(
        f"\nAgainst the verdicts of (a), or what was put into those of the {len(cards):,} cards that it did not run:"
    )
    same = True
    for name, runs in [(SHARED, together), *ours.items()]:
        different = {
            f"  {card}: {run.verdicts.get(card, 'nothing')}, not {verdict}"
            for run in runs
            for card, verdict in wanted.items()
            if run.verdicts.get(card) != verdict
        }
        click.echo("\n".join([f"{name}: {len(different)} differences", *sorted(different)[:SHOWN]]))
        same = same and (name == SHARED or not different)
    return same


def _verdicts(runs: Iterable[Measured]) -> dict[str, str]:
    return {card: verdict for run in runs for card, verdict in run.verdicts.items()}


def _counted(runs: Iterable[Measured]) -> str:
    counts = Counter(_verdicts(runs).values())
    return ", ".join(f"{counts[verdict]} {verdict}" for verdict in sorted(counts, reverse=True))
