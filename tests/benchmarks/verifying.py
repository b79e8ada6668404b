"""How fast Verideck verifies, against a new Python for each card and against one Python for all.

    python tests/benchmarks/verifying.py [--cards 300] [--rounds 3] [--sample 40 | --all] [--growth] [--quick]

It makes a project of small TensorFlow cards, four percent of them wrong on purpose, runs it in each way in turn, and
prints tables: wall times with start-up included, ratios, memory, and what no way can go below. Bytecode is compiled
before. Way (a) runs a sample, of which up to half are the wrong cards, and its time is scaled, unless `--all` is given.
The exit status is 1 if a verdict of ours is not that of (a). Keep the machine quiet meanwhile.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import sysconfig
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

import click

import tables
import verideck
import ways
from memory import Watched
from recipes import Card, make_cards, with_outputs
from ways import Measured

OURS = {
    "(c) verideck, two jobs": ("--jobs", "2"),
    "(c) the same, --sandbox off": ("--jobs", "2", "--sandbox", "off"),
    "(c) verideck, one job": ("--jobs", "1"),
}
GROWTH = (10, 30, 100, 300, 1000, 3000)
WATCHED = 40  # cards of which the memory is looked at, in a run that is not timed
LOADED = "import tensorflow; tensorflow.keras.layers"
FORKS = f"""\
{LOADED}
import gc, os, statistics, time
gc.collect()
gc.freeze()
times = []
for _ in range(30):
    start = time.perf_counter()
    child = os.fork()
    if child == 0:
        os._exit(0)
    os.waitpid(child, 0)
    times.append(time.perf_counter() - start)
print(statistics.median(times))
"""


@click.command()
@click.option("--cards", "count", default=300, show_default=True, help="How many cards.")
@click.option("--rounds", default=3, show_default=True, help="How often (b) and (c) run, in turn.")
@click.option("--sample", default=40, show_default=True, help="How many cards (a) runs; its time is scaled.")
@click.option("--all", "everything", is_flag=True, help="Let (a) run all cards.")
@click.option("--growth", is_flag=True, help="Also: the time of ours for 10 to 3,000 cards.")
@click.option("--quick", is_flag=True, help="One round, two cards for (a): to see that it works.")
def main(count: int, rounds: int, sample: int, *, everything: bool, growth: bool, quick: bool) -> None:
    """Print how Verideck's speed and memory compare."""
    rounds, sample = (1, 2) if quick else (rounds, count if everything else sample)
    compile_bytecode()
    blank = make_cards(max(GROWTH) if growth else count)
    filled = with_outputs(blank, ways.ours(blank).got)
    cards = filled[:count]
    alone, together, ours = times(cards, spread(cards, sample), rounds)
    tables.print_times(cards, alone, together, ours)
    tables.print_floor(floor(1 if quick else 5))
    tables.print_memory(memory(cards[:WATCHED]))
    if growth:
        tables.print_growth([(number, ways.ours(filled[:number]).seconds) for number in GROWTH])
    same = tables.print_differences(cards, alone, together, ours)
    sys.exit(0 if same else 1)


def compile_bytecode() -> None:
    """Compile what is installed and Verideck itself, so that no way pays for it."""
    folders = [sysconfig.get_path("purelib"), sysconfig.get_path("platlib"), str(Path(verideck.__file__).parent)]
    command = [sys.executable, "-m", "compileall", "-q", "-j", "0", *dict.fromkeys(folders)]
    quiet = subprocess.DEVNULL  # and no check: some packages hold templates of code, which are not Python
    subprocess.run(command, env=ways.ENVIRONMENT, stdout=quiet, stderr=quiet, check=False)


def spread(cards: Sequence[Card], number: int) -> list[Card]:
    """So many of the cards: the wrong ones, up to half of the number, and others, evenly spread."""
    right = [card for card in cards if not card.wrong]
    wrong = [card for card in cards if card.wrong][: max(number // 2, number - len(right))]
    rest = min(number - len(wrong), len(right))
    chosen = {card.id for card in wrong} | {right[i * len(right) // rest].id for i in range(rest)}
    return [card for card in cards if card.id in chosen]


def times(
    cards: Sequence[Card], sample: Sequence[Card], rounds: int
) -> tuple[list[Measured], list[Measured], dict[str, list[Measured]]]:
    """Run each way, turn by turn, so that what else the machine does falls on all: (a) by card, (b), (c) by name."""
    alone: list[Measured] = []
    together: list[Measured] = []
    ours: dict[str, list[Measured]] = defaultdict(list)
    for number in range(rounds):
        click.echo(f"round {number + 1} of {rounds}", err=True)
        alone += [ways.baseline([card]) for card in sample[number::rounds]]
        together.append(ways.baseline(cards))
        for name, given in OURS.items():
            ours[name].append(ways.ours(cards, given))
    return alone, together, ours


def floor(repeats: int) -> dict[str, float]:
    """What no way can go below, in seconds: medians."""
    names = {"a Python that does nothing": "pass", "import tensorflow": "import tensorflow", "and Keras": LOADED}
    found = {name: statistics.median(ways.seconds_of(code) for _ in range(repeats)) for name, code in names.items()}
    return {**found, "an empty fork of that": float(ways.answer_of(FORKS))}


def memory(cards: Sequence[Card]) -> dict[str, list[Watched]]:
    """The processes of each way, by what they are."""
    lone = [ways.watched_baseline([card]) for card in cards[:3]]
    one = ways.watched_baseline(cards)
    watch = ways.watched_ours(cards)
    server = max(set(watch.seen) - {watch.root}, key=lambda process: len(watch.below(process)))
    below = watch.below(server)
    children = [process for process in below if watch.seen[process].pss > 1]  # MiB; less has what is about to end
    return {
        "(a) one of them": [watch.seen[watch.root] for watch in lone],
        f"(b) with {len(cards)} cards": [one.seen[one.root]],
        "(c) verideck itself": [watch.seen[watch.root]],
        "(c) its server": [watch.seen[server]],
        "(c) a helper": [watch.seen[process] for process in set(watch.seen) - {watch.root, server, *below}],
        "(c) a child": [watch.seen[child] for child in children],
    }


if __name__ == "__main__":
    main()
