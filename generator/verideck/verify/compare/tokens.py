"""Output as tokens: words, numbers and marks, each with its place."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from verideck.verify.compare.deadline import Deadline

Kind = Literal["word", "integer", "float", "imaginary", "version", "address", "mark", "gap"]
"""`gap` is `...`. What has digits only is an `integer`; a `float` has a point or an exponent, or an imaginary part."""

_NUMBER = r"(?:\d+\.(?=\.\.\.(?!\.))|\d+\.(?!\.)\d*|\.\d+|\d+)(?:[eE][+-]?\d+)?"
_FREE = r"(?:(?<![\w.])|(?<=\.\.\.))"  # where a number may start

# Without a nested repetition: each number is read a few times at most, however long it is.
_TOKEN = re.compile(
    rf"""
      np\.(?P<dtype>(?:u?int|float)\d+|longdouble|longlong|ulonglong|intc|uintc)\((?=(?P<scalar>[^()\s]+)\))
    | np\.(?P<pair>complex\d+|clongdouble)(?=\()
    | np\.(?:str_|bytes_)\((?=(?P<quoted>b?(?:'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"))\))
    | (?P<module>(?:np|numpy)\.(?=(?:datetime64|timedelta64)\())
    | (?P<place>\{{\{{function_node\ [^\s{{}}]*\}}\}})
    | np\.(?P<truth>True|False)_(?!\w)
    | (?P<address>(?<=\bat\ )0x[0-9a-fA-F]*)
    | (?P<gap>(?<=\d\.)\.\.\.(?!\.)|(?<!\d)\.\.\.|(?<=\d)\.\.\.(?!\.(?!\.)))
    | (?P<tail>(?<=\.\.\.)(?:\d*\.\d*|\d*)[eE][+-]?\d+(?!\w))
    | (?P<version>{_FREE}\d+(?:\.\d+){{2,}}\w*)
    | (?P<imaginary>(?:[+-]|{_FREE}){_NUMBER}j(?!\w))
    | (?P<real>{_FREE}[+-]?{_NUMBER}(?=\ *[+-]{_NUMBER}j(?!\w)))
    | (?P<number>{_FREE}[+-]?{_NUMBER}(?!\w))
    | (?P<limit>{_FREE}[+-](?:inf|nan)(?!\w))
    | (?P<word>\w+)
    | (?P<mark>\S)
    """,
    re.VERBOSE,
)
_KINDS: dict[str, Kind] = {
    "truth": "word", "address": "address", "gap": "gap", "tail": "word", "version": "version",
    "imaginary": "imaginary", "real": "float", "limit": "word", "word": "word", "mark": "mark",
}  # fmt: skip
# What NumPy 2 writes around a scalar, and what TensorFlow writes before a message: on which device it ran.
_PREFIXES = frozenset({"dtype", "scalar", "pair", "quoted", "module", "place"})


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of output, from `start` to `end` in its text; `spaced` if white space is before it.

    `text` is what is compared. `dtype` is the one that NumPy 2 writes around a scalar, as in `np.float32(1.5)`.
    """

    kind: Kind
    text: str
    start: int
    end: int
    spaced: bool = False
    dtype: str = ""


def tokens(text: str, deadline: Deadline) -> Iterator[Token]:
    """The tokens of a text. What NumPy 2 writes around a scalar is no token, so that it reads as NumPy 1 does."""
    end = 0
    spaced = False
    dtype = ""
    closing = -1
    for match in _TOKEN.finditer(text):
        deadline.step()
        group = match.lastgroup or "mark"
        start = match.start()
        spaced = spaced or start > end
        end = match.end()
        if group in _PREFIXES:
            dtype = match["dtype"] or match["pair"] or ""
            closing = match.end(group) if group in ("scalar", "quoted") else closing
        elif start != closing:
            content = "0x" if group == "address" else match[group]
            kind = _KINDS[group] if group != "number" else "integer" if content.lstrip("+-").isdigit() else "float"
            yield Token(kind, content, start, end, spaced, dtype)
            spaced, dtype = False, ""
