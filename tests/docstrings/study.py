"""What we say of each output, beside what TensorFlow's checker says."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from docstrings.known import reason
from docstrings.run import Ran, library_of
from docstrings.theirs import agrees, checker
from verideck.verify.compare import Mismatch, compare
from verideck.verify.session import examples


@dataclass(frozen=True, slots=True)
class Judged:
    """An example, where we saw a mismatch, and whether TensorFlow's checker lets it pass."""

    example: Ran
    ours: Mismatch | None
    theirs: bool


def wanted(example: Ran) -> str:
    """What an example shows, as a card's session is read."""
    prompt = "".join(
        f"{'...' if number else '>>>'} {line}\n" for number, line in enumerate(example.source.rstrip("\n").split("\n"))
    )
    return examples(prompt + example.want)[0].want


def study(ran: Sequence[Ran]) -> list[Judged]:
    """Both judgements of each example."""
    theirs = checker()
    return [Judged(example, _ours(example), agrees(theirs, example)) for example in ran]


def _ours(example: Ran) -> Mismatch | None:
    """As a card's session is judged: an example that shows nothing need only run."""
    return compare(wanted(example), example.got) if example.want else None


def table(judged: Sequence[Judged]) -> Iterator[str]:
    """The four cases in numbers, and each example of which the two say different things."""
    cases = Counter((_group(one.example), one.ours is None, one.theirs) for one in judged)
    words = {True: "passes", False: "fails"}
    for (group, ours, theirs), number in sorted(cases.items()):
        yield f"{number:6} {group}: ours {words[ours]}, theirs {words[theirs]}"
    for one in judged:
        if (one.ours is None) != one.theirs:
            yield from _told(one)


def _group(example: Ran) -> str:
    return f"{library_of(example.name)}, {'shown' if example.want else 'nothing shown'}"


def _told(one: Judged) -> Iterator[str]:
    yield f"\n== only {'ours' if one.theirs else 'theirs'} fails: {one.example.name} #{one.example.number}"
    yield f">>> {one.example.source.rstrip()}"
    if one.ours:
        place = f"line {one.ours.line + 1}, column {one.ours.column + 1}"
        yield f"  {place}: wanted {one.ours.want.strip()!r}, got {one.ours.got.strip()!r}"
    if one.theirs:
        yield f"  because {reason(one.example.name) or 'of what nobody has explained'}"
    yield f"-- wanted\n{one.example.want.rstrip()[:1500]}\n-- came\n{one.example.got.rstrip()[:1500]}"
