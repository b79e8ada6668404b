"""When two tokens agree, also where a `...` stands for a part of one."""

from __future__ import annotations

from verideck.verify.compare.numbers import begins, close
from verideck.verify.compare.tokens import Token

_LOOSE = frozenset("[](){},=")


def same(want: Token, got: Token, rtol: float) -> bool:
    """Whether two tokens agree, white space apart."""
    if want.dtype and got.dtype and want.dtype != got.dtype:
        return False
    if want.text == got.text:
        return True
    if want.kind != got.kind or want.kind not in ("float", "imaginary"):
        return False
    return close(want.text.rstrip("j"), got.text.rstrip("j"), rtol)


def is_loose(*beside: Token) -> bool:
    """Whether white space between these is of no account; NumPy pads complex numbers within, as in `1. +2.5j`."""
    return any(token.text in _LOOSE or token.kind == "imaginary" for token in beside)


def ends_with(want: Token, got: Token, used: int, rtol: float) -> bool:
    """Whether `...want` agrees with `got`, of which the first `used` characters are spoken for."""
    if not used and same(want, got, rtol):
        return True
    return _divisible(want, got) and len(got.text) - len(want.text) >= used and got.text.endswith(want.text)


def begins_with(want: Token, got: Token, rtol: float, *, joined: bool) -> int | None:
    """How many characters of `got` agree with `want...`; `None` if it does not begin so.

    The `...` stands for more digits of a number, and not for an exponent, unless the number goes on behind it
    (`joined`), as in `1.2...e-05`.
    """
    if same(want, got, rtol):
        return len(got.text)
    if not _divisible(want, got):
        return None
    if got.text.startswith(want.text) and (joined or not _rest_has_exponent(want, got)):
        return len(want.text)
    return len(got.text) if want.kind == got.kind == "float" and begins(want.text, got.text, rtol) else None


def within(want: Token, got: Token, used: int, rtol: float) -> int | None:
    """How many characters of `got` are spoken for when `...want...` agrees with it; `None` if it does not."""
    if not used and same(want, got, rtol):
        return len(got.text)
    at = got.text.find(want.text, used) if _divisible(want, got) else -1
    return None if at < 0 else at + len(want.text)


def _divisible(want: Token, got: Token) -> bool:
    divisible = want.kind not in ("mark", "address") or want.text in ("+", "-")  # as in `-...`
    return divisible and not (want.dtype and got.dtype and want.dtype != got.dtype)


def _rest_has_exponent(want: Token, got: Token) -> bool:
    return got.kind == "float" and "e" in got.text[len(want.text) :].lower()
