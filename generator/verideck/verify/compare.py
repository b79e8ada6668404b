"""Whether what came out is what was wanted. The rules are those of FORMAT.md, *How outputs are compared*."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

RTOL = 1e-5
PROFILE = "rtol 1e-5"
"""The name under which evidence records the tolerances; it changes with them."""

_TOKEN = re.compile(
    r"""
    np\.(?P<dtype>(?:u?int|float|complex)\d+|longdouble|clongdouble|longlong|ulonglong|intc|uintc)\((?P<scalar>[^()\s]+)\)
    | np\.(?P<truth>True|False)_
    | (?P<address>(?<=\bat\ )0x(?:[0-9a-fA-F]+|\.\.\.))
    | (?P<gap>\.\.\.)
    | (?P<version>(?<![\w.])\d+(?:\.\d+){2,}\w*)
    | (?P<number>(?<![\w.])[+-]?(?:\d+\.(?!\.)\d*|\.\d+|\d+)(?:[eE][+-]?\d+)?(?!\w))
    | (?P<word>\w+)
    | (?P<mark>\S)
    """,
    re.VERBOSE,
)
_LOOSE = frozenset("[](){},")  # beside these, white space is of no account


@dataclass(frozen=True, slots=True)
class _Token:
    """A piece of output; `spaced` if white space is before it, `opens` and `ends` if it touches a `...`.

    `line` and `column` count from 0, `width` in characters.
    """

    kind: str
    text: str
    line: int
    column: int
    width: int
    spaced: bool
    dtype: str = ""
    opens: bool = False
    ends: bool = False


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


def compare(want: str, got: str) -> Mismatch | None:
    """Hold what came out against what was wanted; `None` if they agree, else where they first do not."""
    wanted, came = _tokens(want, gaps=True), _tokens(got, gaps=False)
    segments = _segments(wanted)
    position = 0
    for number, segment in enumerate(segments):
        first, last = number == 0, number == len(segments) - 1
        start = 0 if first else max(position, len(came) - len(segment)) if last else position
        latest = start if first or last else len(came) - len(segment)
        while (bad := _first_difference(segment, came, start)) is not None and start < latest:
            start += 1
        if bad is None and first and last and len(came) > len(segment):
            bad = len(segment)
        if bad is not None:
            came_line = got.split("\n")[came[start + bad].line] if start + bad < len(came) else ""
            if bad < len(segment):
                token = segment[bad]
                return Mismatch(token.line, want.split("\n")[token.line], came_line, token.column, token.width)
            last_line = max((token.line for token in wanted), default=0)
            return Mismatch(last_line, "", came_line, 0, max(1, len(want.split("\n")[last_line])))
        position = start + len(segment)
    return None


def _tokens(text: str, *, gaps: bool) -> list[_Token]:
    tokens: list[_Token] = []
    line = end = 0
    for match in _TOKEN.finditer(text):
        between = text[end : match.start()]
        line += between.count("\n")
        kind = match.lastgroup or "mark"
        content = "0x" if kind == "address" else match[kind]
        if kind == "gap" and not gaps:
            kind = "mark"
        opens = gaps and text.startswith("...", match.end()) and kind in ("number", "word")
        ends = bool(tokens) and tokens[-1].kind == "gap" and not between and kind in ("number", "word")
        column = match.start() - text.rfind("\n", 0, match.start()) - 1
        width = match.end() - match.start()
        tokens.append(_Token(kind, content, line, column, width, bool(between), match["dtype"] or "", opens, ends))
        end = match.end()
    return tokens


def _segments(tokens: Sequence[_Token]) -> list[list[_Token]]:
    """The wanted tokens between one `...` and the next."""
    segments: list[list[_Token]] = [[]]
    for token in tokens:
        if token.kind == "gap":
            segments.append([])
        else:
            segments[-1].append(token)
    return segments


def _first_difference(segment: Sequence[_Token], came: Sequence[_Token], start: int) -> int | None:
    for index, want in enumerate(segment):
        at = start + index
        if at >= len(came) or not _same(want, came[at]):
            return index
        if index and want.spaced != came[at].spaced:
            beside = {segment[index - 1].text, want.text, came[at - 1].text, came[at].text}
            if not beside & _LOOSE:
                return index
    return None


def _same(want: _Token, got: _Token) -> bool:
    if want.dtype and got.dtype and want.dtype != got.dtype:
        return False
    if want.opens and want.ends:
        return want.text in got.text
    if want.opens or want.ends:
        return (not want.opens or got.text.startswith(want.text)) and (not want.ends or got.text.endswith(want.text))
    if want.text == got.text:
        return True
    if "." in want.text + got.text or "e" in (want.text + got.text).lower():
        return _close(want.text, got.text)
    return False


def _close(want: str, got: str) -> bool:
    """Whether two numbers with a point or an exponent agree; a number without either is an integer and does not."""
    if not (_is_float(want) and _is_float(got)):
        return False
    wanted, came = float(want), float(got)
    if not (math.isfinite(wanted) and math.isfinite(came)):
        return False  # one like 1e999: as it is not written the same, it is not the same
    half = min(_last_digit(want), _last_digit(got)) / 2
    if (want[0] == "+") != (got[0] == "+") or math.copysign(1, wanted) != math.copysign(1, came):
        return False
    return wanted == came or abs(wanted - came) <= max(RTOL * abs(wanted), half)


_FLOAT = re.compile(r"[+-]?(\d+\.\d*|\.\d+|\d+(?=[eE]))([eE][+-]?\d{1,4})?")


def _is_float(text: str) -> bool:
    return _FLOAT.fullmatch(text) is not None


def _last_digit(text: str) -> float:
    """What one unit of the last digit written is worth: 0.01 for `1.25`, 1e-7 for `1.5e-06`."""
    digits, _, exponent = text.lower().partition("e")
    power = int(exponent or 0) - len(digits.partition(".")[2])
    return float(f"1e{power}")
