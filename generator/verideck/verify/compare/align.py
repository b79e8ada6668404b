"""Laying wanted tokens over those that came, with a `...` standing for any number of them."""

from __future__ import annotations

from verideck.verify.compare.overlay import Difference, Pair, Place, behind, difference, refined
from verideck.verify.compare.segments import Run, Segment, longest_run, segments, spell, units
from verideck.verify.compare.touching import same


def align(pair: Pair) -> Difference | list[tuple[Segment, int]]:
    """The first difference, or on which token of what came each segment starts.

    Each segment is put as far left as it goes, which is never worse than further right; the last stands at the end.
    """
    letters, alphabet = spell(pair.came.tokens)
    pieces = segments(pair.wanted.tokens)
    place = Place()
    aligned: list[tuple[Segment, int]] = []
    for number, piece in enumerate(pieces):
        first, last = number == 0, number == len(pieces) - 1
        if not piece.size and not (first and last):
            continue
        if first:
            start, found = 0, difference(pair, piece, 0, place)
        elif last:
            start = max(place.next(piece), len(pair.came.tokens) - piece.size)
            found = difference(pair, piece, start, place)
        else:
            start, found = _search(pair, piece, place, letters, alphabet)
        if found is None and first and last and len(pair.came.tokens) > piece.size:
            found = Difference(None, pair.came.tokens[piece.size])
        if found is not None:
            return refined(pair, found, start - piece.first)
        aligned.append((piece, start))
        place = behind(pair, piece, start, place)
    return aligned


def _search(
    pair: Pair, piece: Segment, place: Place, letters: str, alphabet: dict[str, str]
) -> tuple[int, Difference | None]:
    """The leftmost place where a segment lies; or where most of its beginning does, and what is different then."""
    start = _leftmost(pair, piece, place, letters, longest_run(pair.wanted, piece, alphabet))
    if start is not None:
        return start, None
    ends = [piece.first, *(end for _, end in units(pair.wanted, piece))]
    found, missing, best = 0, len(ends) - 1, place.next(piece)
    while missing - found > 1:  # the beginning up to `found` lies somewhere, that up to `missing` does not
        middle = (found + missing) // 2
        beginning = Segment(piece.first, ends[middle], piece.ends)
        start = _leftmost(pair, beginning, place, letters, longest_run(pair.wanted, beginning, alphabet))
        found, missing, best = (middle, missing, start) if start is not None else (found, middle, best)
    return best, difference(pair, piece, best, place)


def _leftmost(pair: Pair, piece: Segment, place: Place, letters: str, run: Run) -> int | None:
    """The first of what came, not used up yet, on which a segment lies."""
    left = start = place.next(piece)
    found: Difference | None = None
    while True:
        pair.deadline.step()
        if run.letters:
            start = letters.find(run.letters, start + run.offset) - run.offset
        if start < left or start + piece.size > len(pair.came.tokens):
            return None
        if found is None or not _stays(pair, piece, start, found):
            found = difference(pair, piece, start, place)
        if found is None:
            return start
        start += 1


def _stays(pair: Pair, piece: Segment, start: int, found: Difference) -> bool:
    """Whether the token that differed elsewhere differs here too: then the long way to it need not be gone again."""
    touched = (piece.ends and found.unit == piece.first) or (piece.opens and found.unit == piece.last - 1)
    if found.want is None or found.unit in pair.wanted.groups or touched:
        return False
    return not same(found.want, pair.came.tokens[start + found.unit - piece.first], pair.rtol)
