"""Whether what came out is what was wanted. The rules are those of FORMAT.md, *How outputs are compared*."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass, replace

from verideck.verify.compare.align import align
from verideck.verify.compare.deadline import CompareTimeoutError, Deadline
from verideck.verify.compare.groups import side
from verideck.verify.compare.numbers import borders
from verideck.verify.compare.overlay import Difference, Pair, pairs
from verideck.verify.compare.tokens import Token, tokens

__all__ = ["CPU", "GPU", "SECONDS", "CompareTimeoutError", "Comparison", "Mismatch", "Profile", "compare", "examine"]


@dataclass(frozen=True, slots=True)
class Profile:
    """How much floats may differ, relative to the wanted one; `name` is what evidence records, and changes with it."""

    name: str
    rtol: float


CPU = Profile("rtol 1e-5", 1e-5)
GPU = Profile("gpu rtol 1e-4, TF32 off", 1e-4)
"""A GPU adds in another order: over a thousand numbers of 32 bits, that is up to 1000 roundings of 2**-24, or 6e-5.

With TF32, which has 10 bits behind the point, it would be 1e-3: then wrong digits would pass.
"""
SECONDS = 10.0
"""How long a comparison may take."""


@dataclass(frozen=True, slots=True)
class Mismatch:
    """Where wanted and got part.

    `line` and `column` count from 0 and are those of the wanted piece, which is `width` characters wide (its whole
    last line, where nothing more was wanted). `want` and `got` are the lines as they are, or empty.
    """

    line: int
    want: str
    got: str
    column: int = 0
    width: int = 1


@dataclass(frozen=True, slots=True)
class Comparison:
    """Where wanted and got part, if they do; else the first wanted number that another machine may print differently.

    That is one which was rounded by hand, where what came lies halfway to the next digit: 0.13 for 0.1250001.
    """

    mismatch: Mismatch | None = None
    borderline: Mismatch | None = None


def compare(
    want: str, got: str, profile: Profile = CPU, seconds: float = SECONDS, *, literal: bool = False
) -> Mismatch | None:
    """Hold what came out against what was wanted; `None` if they agree, else where they first do not.

    `literal`: in what is wanted, too, `...` is three dots, as where two outputs are compared. Raises
    `CompareTimeoutError` if the answer is not known after so many seconds.
    """
    if want == got:
        return None
    found = align(_pair(want, got, profile, seconds, literal=literal))
    return _mismatch(want, got, found) if isinstance(found, Difference) else None


def examine(want: str, got: str, profile: Profile = CPU, seconds: float = SECONDS) -> Comparison:
    """As `compare`, and of texts that agree, say whether they might not elsewhere. Raises `CompareTimeoutError`."""
    if want == got:
        return Comparison()
    pair = _pair(want, got, profile, seconds)
    found = align(pair)
    if isinstance(found, Difference):
        return Comparison(_mismatch(want, got, found))
    for segment, start in found:
        for _, wanted, came in pairs(pair, segment, start):
            if wanted and came and wanted.text != came.text and wanted.kind == came.kind:
                numbers = (wanted.text.rstrip("j"), came.text.rstrip("j"))
                if borders(*numbers, profile.rtol):
                    return Comparison(borderline=_mismatch(want, got, Difference(wanted, came)))
    return Comparison()


def _pair(want: str, got: str, profile: Profile, seconds: float, *, literal: bool = False) -> Pair:
    deadline = Deadline(time.monotonic() + seconds)
    wanted, came = list(tokens(want, deadline)), _literal(tokens(got, deadline))
    wanted = _literal(wanted) if literal else wanted
    return Pair(side(want, wanted, deadline), side(got, came, deadline), profile.rtol, deadline)


def _literal(found: Iterable[Token]) -> list[Token]:
    return [replace(token, kind="mark") if token.kind == "gap" else token for token in found]


def _mismatch(want: str, got: str, found: Difference) -> Mismatch:
    """A difference of tokens as one of lines; where nothing more was wanted, it is at the last wanted line."""
    came = _line(got, found.got.start)[1] if found.got else ""
    if found.want is None:
        number, line = _line(want, len(want.rstrip()))
        return Mismatch(number, "", came, 0, max(1, len(line)))
    number, line = _line(want, found.want.start)
    column = found.want.start - want.rfind("\n", 0, found.want.start) - 1
    return Mismatch(number, line, came, column, found.want.end - found.want.start)


def _line(text: str, at: int) -> tuple[int, str]:
    """The number, from 0, and the text of the line that holds the character at an index."""
    end = text.find("\n", at)
    return text.count("\n", 0, at), text[text.rfind("\n", 0, at) + 1 : end if end >= 0 else len(text)]
