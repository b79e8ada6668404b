"""Wanted tokens over tokens that came, one by one, and where they differ."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest

from verideck.verify.compare.deadline import Deadline
from verideck.verify.compare.groups import Side, elements, flat, rank
from verideck.verify.compare.segments import Segment, units
from verideck.verify.compare.tokens import Token
from verideck.verify.compare.touching import begins_with, ends_with, is_loose, same, within


@dataclass(frozen=True, slots=True)
class Pair:
    """The two texts, and how to compare them."""

    wanted: Side
    came: Side
    rtol: float
    deadline: Deadline


@dataclass(frozen=True, slots=True)
class Difference:
    """Tokens at which the texts part; `None` where one of them has no more. `unit`: where in the wanted tokens."""

    want: Token | None
    got: Token | None
    unit: int = -1


@dataclass(frozen=True, slots=True)
class Place:
    """How far what came is used up: up to the token `index`, and of that one the first `used` characters."""

    index: int = 0
    used: int = 0

    def next(self, piece: Segment) -> int:
        """Where a segment may start: within a token only if a `...` touches it."""
        return self.index + (self.used > 0 and not piece.ends)


def difference(pair: Pair, piece: Segment, start: int, place: Place) -> Difference | None:
    """Where a segment and what came, from its token `start` on, first differ."""
    before: tuple[Token, Token] | None = None
    for unit, want, got in pairs(pair, piece, start):
        pair.deadline.step()
        if want is None or got is None:
            return Difference(want, got, unit)
        used = place.used if start == place.index and unit == piece.first else 0
        if _reach(pair, piece, unit, want, got, used) is None:
            return Difference(want, got, unit)
        if before and want.spaced != got.spaced and not is_loose(*before, want, got):
            return Difference(want, got, unit)
        before = want, got
    return None


def pairs(pair: Pair, piece: Segment, start: int) -> Iterator[tuple[int, Token | None, Token | None]]:
    """The tokens of a segment, each with the one that it lies over, and the index of the unit that it is of.

    A group over a group: both sorted. A group that is over something else is taken as it stands.
    """
    wanted, came = pair.wanted, pair.came
    for unit, end in units(wanted, piece):
        at = start + unit - piece.first
        group = came.groups.get(at)
        if unit in wanted.groups and group and group.end - at == end - 1 - unit:
            flats = (flat(wanted, unit, end, pair.deadline), flat(came, at, group.end + 1, pair.deadline))
            for want, got in zip(*flats, strict=True):
                yield unit, want, got
            continue
        for index in range(unit, end):
            place = index - unit + at
            yield unit, wanted.tokens[index], came.tokens[place] if place < len(came.tokens) else None


def _reach(pair: Pair, piece: Segment, unit: int, want: Token, got: Token, used: int) -> int | None:
    """How much of a token is used up by the wanted one that lies over it; `None` if they do not agree.

    Only the first and the last token of a segment can be touched by a `...`. `used`: how much is used up before.
    """
    token = unit not in pair.wanted.groups
    ends = token and piece.ends and unit == piece.first
    opens = token and piece.opens and unit == piece.last - 1
    if ends and opens:
        return within(want, got, used, pair.rtol)
    if opens:
        return begins_with(want, got, pair.rtol, joined=piece.joined)
    agree = ends_with(want, got, used, pair.rtol) if ends else same(want, got, pair.rtol)
    return len(got.text) if agree else None


def behind(pair: Pair, piece: Segment, start: int, place: Place) -> Place:
    """What is used up once a segment lies at `start`."""
    last = start + piece.size - 1
    if not piece.opens:
        return Place(last + 1)
    used = place.used if piece.size == 1 and last == place.index else 0
    want, got = pair.wanted.tokens[piece.last - 1], pair.came.tokens[last]
    reach = _reach(pair, piece, piece.last - 1, want, got, used)
    return Place(last + 1) if reach is None or reach >= len(got.text) else Place(last, reach)


def refined(pair: Pair, found: Difference, shift: int) -> Difference:
    """The difference; within groups, the first element that has no equal, as sorting says little of a place.

    `shift` is by how much what came lies behind what is wanted, in tokens.
    """
    unit, at = found.unit, found.unit + shift
    if unit not in pair.wanted.groups or at not in pair.came.groups:
        return found
    closing = pair.wanted.tokens[pair.wanted.groups[unit].end]
    came = elements(pair.came, at, pair.deadline)
    extra: list[Token] = []
    position = 0
    for element in elements(pair.wanted, unit, pair.deadline):
        while position < len(came) and _parting(pair, element, came[position], closing):
            if rank(came[position]) > rank(element):
                break
            extra = extra or came[position]
            position += 1
        other = came[position] if position < len(came) else extra
        parting = _parting(pair, element, other, closing)
        if parting:
            return parting
        position += 1
    rest = extra or (came[position] if position < len(came) else [])
    return Difference(closing, rest[0]) if rest else found


def _parting(pair: Pair, wanted: Sequence[Token], came: Sequence[Token], closing: Token) -> Difference | None:
    """Where two elements of groups first differ."""
    for want, got in zip_longest(wanted, came):
        pair.deadline.step()
        if want is None or got is None or not same(want, got, pair.rtol):
            return Difference(want or closing, got)
    return None
