"""When two numbers that are not written the same are the same number."""

from __future__ import annotations

import math
import re

_FLOAT = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,4})?")
_DIGITS = 3
"""Significant digits that a number must show to be taken for a rounded one: with two, 1.0 would do for 1.04."""


def close(want: str, got: str, rtol: float) -> bool:
    """Whether two floats, as they are written, agree: within `rtol`, or as the wanted one is the other, rounded."""
    if not _comparable(want, got):
        return False
    wanted, came = float(want), float(got)
    return abs(wanted - came) <= rtol * abs(wanted) + _half(want, got)


def borders(want: str, got: str, rtol: float) -> bool:
    """Whether two floats that agree only do because of rounding, and the last wanted digit might as well be another.

    Then what came lies, within `rtol`, halfway between that digit and the next: another machine may print either.
    """
    if not _comparable(want, got):
        return False
    wanted, came = float(want), float(got)
    off, slack = abs(wanted - came), rtol * abs(came)
    return off > rtol * abs(wanted) and abs(off - _half(want, got)) <= slack


def begins(want: str, got: str, rtol: float) -> bool:
    """Whether a float is one that begins with the digits of `want`; 0.29999999 does begin with 0.3, within `rtol`."""
    if "e" in got.lower() or not _comparable(want, got):
        return False
    low, came = abs(float(want)), abs(float(got))
    return low * (1 - rtol) <= came < low + _unit(want)


def _comparable(want: str, got: str) -> bool:
    """Whether both are finite numbers of one sign, with zero's sign, and a plus that is written, counting too."""
    if not (_FLOAT.fullmatch(want) and _FLOAT.fullmatch(got)) or (want[0] == "+") != (got[0] == "+"):
        return False
    wanted, came = float(want), float(got)
    return math.isfinite(wanted) and math.isfinite(came) and math.copysign(1, wanted) == math.copysign(1, came)


def _half(want: str, got: str) -> float:
    """Half a unit of the last wanted digit, where the wanted number is a rounded one of fewer digits; else 0.

    One with nothing behind its point, as `2.0` or `100.`, is taken for exact.
    """
    digits = re.split("[eE]", want.lstrip("+-"))[0]
    exact = not digits.partition(".")[2].strip("0")
    significant = len(digits.replace(".", "").lstrip("0"))
    if exact or significant < _DIGITS or _unit(got) >= _unit(want):
        return 0.0
    return _unit(want) / 2


def _unit(text: str) -> float:
    """What one unit of the last digit written is worth: 0.01 for `1.25`, 1e-7 for `1.5e-06`."""
    digits, _, exponent = text.lower().partition("e")
    power = int(exponent or 0) - len(digits.partition(".")[2])
    return float(f"1e{power}")
