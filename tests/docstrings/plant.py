"""Errors planted into outputs that passed, and who sees them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from random import Random
from typing import Literal

from docstrings.run import Ran
from docstrings.study import Judged, study

Side = Literal["shown", "came"]
DTYPES = ("float16", "float32", "float64", "int8", "int16", "int32", "int64", "uint8", "bool", "complex64", "string")
_SHAPE = re.compile(r"(?:shape=|TensorShape)\([\[\d, None\]]*\)")
_DTYPE = re.compile(rf"(?:dtype=(?:tf\.)?'?|<dtype: '|tf\.)({'|'.join(DTYPES)})\b")
_HIDDEN = re.compile(r"\bat 0x\w+|\{\{function_node [^}]*\}\}|^.*Traceback[\s\S]*", re.MULTILINE)
_NUMBER = re.compile(r"(?<![\w.])[+-]?\d+(?:\.\d*)?(?:[eE][+-]?\d+)?(?![\w.])")
_WORD = re.compile(r"[A-Za-z]{3,}")
_BOOLEAN = re.compile(r"\b(?:True|False)\b")
_FINE, _COARSE = 5e-5, 2e-3
"""How far off a wrong float is, relative and absolute: their checker lets 1e-3 of both pass, and ours 1e-5."""

Plant = tuple[int, int, str]  # what stands from here to there gives way to this


@dataclass(frozen=True, slots=True)
class Count:
    """Of one kind of error on one side: how many were planted, how many we saw, and they; those we did not see."""

    kind: str
    side: Side
    planted: int
    ours: int
    theirs: int
    missed: tuple[Ran, ...]

    def __str__(self) -> str:
        ours, theirs = (f"{seen} ({seen / max(1, self.planted):.1%})" for seen in (self.ours, self.theirs))
        told = f"{self.kind:11} in what {self.side:5}: {self.planted:4} planted, ours saw {ours}, theirs {theirs}"
        missed = (f"    not seen: {e.name} #{e.number}: wanted {e.want!r}, came {e.got!r}" for e in self.missed)
        return "\n".join((told, *missed))


def plant(judged: Sequence[Judged], most: int, seed: int = 0) -> Iterator[Count]:
    """Plant up to `most` errors of each kind, one at a time, first into what is shown, then into what came.

    The latter only where the same text is shown, so that no error is one in what a `...` or rounding leaves open.
    """
    passed = [one.example for one in judged if one.ours is None and one.theirs and one.example.want]
    passed = [example for example in passed if not example.message]
    for side in ("shown", "came"):
        soil = [e for e in passed if side == "shown" or e.want.split() == e.got.split()]
        for kind, plants in KINDS.items():
            yield _count(kind, side, plants, soil, most, Random(f"{seed} {kind} {side}"))  # noqa: S311 - no secret


def _count(
    kind: str,
    side: Side,
    plants: Callable[[str, Random], Iterator[Plant]],
    soil: Sequence[Ran],
    most: int,
    random: Random,
) -> Count:
    name = "want" if side == "shown" else "got"
    places = [(example, one) for example in soil for one in plants(getattr(example, name), random)]
    chosen = random.sample(places, min(most, len(places)))
    wrong = []
    for example, (start, end, other) in chosen:
        text = getattr(example, name)
        wrong.append(replace(example, **{name: text[:start] + other + text[end:]}))
    judged = study(wrong)
    missed = tuple(one.example for one in judged if one.ours is None)
    return Count(kind, side, len(wrong), len(wrong) - len(missed), sum(not one.theirs for one in judged), missed)


def _digits(text: str, random: Random) -> Iterator[Plant]:
    """A digit of a number that is in no shape, dtype, address or string of letters; beyond every tolerance."""
    for plant_, off in _numbers(text, random):
        if off > _COARSE:
            yield plant_


def _fine_digits(text: str, random: Random) -> Iterator[Plant]:
    """A digit of a float, beyond our tolerance, and within theirs."""
    for plant_, off in _numbers(text, random):
        if _FINE < off <= _COARSE / 4:
            yield plant_


def _numbers(text: str, random: Random) -> Iterator[tuple[Plant, float]]:
    """Other digits, and how far off the number is then: relative to it, or to 1 if it is small; an integer by far."""
    hidden = [*_SHAPE.finditer(text), *_HIDDEN.finditer(text)]
    for found in _NUMBER.finditer(text):
        if any(one.start() <= found.start() < one.end() for one in hidden):
            continue
        for at in [index for index in range(*found.span()) if text[index].isdigit()]:
            other = _other_digit(text[at], random)
            before = float(found[0])
            after = float(found[0][: at - found.start()] + other + found[0][at - found.start() + 1 :])
            off = abs(before - after) / max(1, abs(before)) if re.search("[.eE]", found[0]) else float(before != after)
            yield (at, at + 1, other), off


def _shapes(text: str, random: Random) -> Iterator[Plant]:
    for found in _SHAPE.finditer(text):
        digits = [index for index in range(*found.span()) if text[index].isdigit()]
        if digits:
            at = random.choice(digits)
            yield at, at + 1, _other_digit(text[at], random)


def _dtypes(text: str, random: Random) -> Iterator[Plant]:
    for found in _DTYPE.finditer(text):
        yield *found.span(1), random.choice([dtype for dtype in DTYPES if dtype != found[1]])


def _words(text: str, random: Random) -> Iterator[Plant]:
    """A letter of a word."""
    skipped = [*_HIDDEN.finditer(text), *_DTYPE.finditer(text), *_BOOLEAN.finditer(text)]
    for found in _WORD.finditer(text):
        if not any(one.start() <= found.start() < one.end() for one in skipped):
            at = random.randrange(*found.span())
            yield at, at + 1, random.choice([letter for letter in "abcdefghijklmnopqrstuvwxyz" if letter != text[at]])


def _booleans(text: str, _random: Random) -> Iterator[Plant]:
    for found in _BOOLEAN.finditer(text):
        yield *found.span(), "False" if found[0] == "True" else "True"


def _other_digit(digit: str, random: Random) -> str:
    return random.choice([other for other in "0123456789" if other != digit])


KINDS = {
    "digit": _digits,
    "fine digit": _fine_digits,
    "shape": _shapes,
    "dtype": _dtypes,
    "word": _words,
    "boolean": _booleans,
}
