"""What is wanted, cut where `...` stands, and the letters in which a piece is looked for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from verideck.verify.compare.groups import Side
from verideck.verify.compare.tokens import Token

_NOWHERE = chr(0x10FFFF)
_LETTERS = 0x10FFFF


@dataclass(frozen=True, slots=True)
class Segment:
    """Wanted tokens between two `...`, by index: from `first` to before `last`.

    `ends`: a `...` touches the first of them, as in `...abc`; `opens`: one touches the last, as in `abc...`; `joined`:
    and touches what is behind it too, as in `abc...xyz`.
    """

    first: int
    last: int
    ends: bool = False
    opens: bool = False
    joined: bool = False

    @property
    def size(self) -> int:
        """The number of its tokens."""
        return self.last - self.first


@dataclass(frozen=True, slots=True)
class Run:
    """The longest stretch of a segment that can be looked for as it is: where in the segment, and as letters."""

    offset: int
    letters: str


def segments(tokens: Sequence[Token]) -> list[Segment]:
    """The segments, in order; one more than there are `...`, and perhaps empty."""
    gaps = [index for index, token in enumerate(tokens) if token.kind == "gap"]
    starts, ends = [0, *(gap + 1 for gap in gaps)], [*gaps, len(tokens)]
    return [
        Segment(first, last, _touched(tokens, first), _touched(tokens, last), _touched(tokens, last + 1))
        for first, last in zip(starts, ends, strict=True)
    ]


def _touched(tokens: Sequence[Token], index: int) -> bool:
    """Whether there is no white space between the token at this index and the one before it."""
    return 0 < index < len(tokens) and not tokens[index].spaced


def spell(tokens: Sequence[Token]) -> tuple[str, dict[str, str]]:
    """Tokens as a text of one letter each, and the alphabet: Python's own search in it takes linear time.

    Tokens that agree have the same letter; those of the same letter need not agree.
    """
    alphabet: dict[str, str] = {}
    letters = [alphabet.setdefault(_key(token), chr(len(alphabet) % _LETTERS)) for token in tokens]
    return "".join(letters), alphabet


def units(wanted: Side, segment: Segment) -> Iterator[tuple[int, int]]:
    """What is compared as a whole: a group, or a single token; from which index to before which."""
    index = segment.first
    while index < segment.last:
        end = wanted.groups[index].end + 1 if index in wanted.groups else index + 1
        yield index, end
        index = end


def longest_run(wanted: Side, segment: Segment, alphabet: dict[str, str]) -> Run:
    """The longest run of tokens that are neither in a group nor touched by a `...`."""
    best = Run(0, "")
    letters: list[str] = []
    for index, end in (*units(wanted, segment), (segment.last, segment.last)):
        touched = (segment.ends and index == segment.first) or (segment.opens and index == segment.last - 1)
        if end == index + 1 and not touched:
            letters.append(alphabet.get(_key(wanted.tokens[index]), _NOWHERE))
            continue
        if len(letters) > len(best.letters):
            best = Run(index - segment.first - len(letters), "".join(letters))
        letters = []
    return best


def _key(token: Token) -> str:
    return f"\0{token.kind}" if token.kind in ("float", "imaginary") else token.text
