"""A `>>>` session as examples that know their lines."""

from __future__ import annotations

import doctest
import re
from dataclasses import dataclass

_MODULE = re.compile(r"^(?:\w+\.)+(?=\w+(?::|$))")  # as in `json.decoder.JSONDecodeError: …`


@dataclass(frozen=True, slots=True)
class Example:
    """One example: what it must print, and where that stands.

    `below` is the index (from 0, in the session's code) of the line under its last `>>>` or `...` line,
    `shown` how many lines of output stand there, `indent` how far the session is indented.
    """

    want: str
    below: int
    shown: int
    indent: int


def examples(code: str) -> list[Example]:
    """The examples of a session, divided as `doctest` does. Raises `ValueError` where it cannot."""
    lines = code.split("\n")
    return [_example(found, lines) for found in doctest.DocTestParser().get_examples(code)]


def without_prompts(code: str) -> str:
    """A session's code at its own lines, without prompts and outputs: so `inspect` and AutoGraph can read it."""
    lines = [""] * (code.count("\n") + 1)
    for found in doctest.DocTestParser().get_examples(code):
        source = found.source.rstrip("\n").split("\n")
        lines[found.lineno : found.lineno + len(source)] = source
    return "\n".join(lines)


def _example(found: doctest.Example, lines: list[str]) -> Example:
    below = found.lineno + 1
    while below < len(lines) and re.match(r" *\.\.\.( |$)", lines[below]):
        below += 1
    return Example(_wanted(found), below, found.want.count("\n"), found.indent)


def _wanted(found: doctest.Example) -> str:
    """What an example shows, line for line; of a traceback without the stack, as `doctest` has it."""
    want = found.want.replace("<BLANKLINE>", "")
    if found.exc_msg is None:
        return want
    header, _, rest = found.want.partition("\n")
    message = _MODULE.sub(_blanks, found.exc_msg)
    return f"{header.strip()}\n" + "\n" * rest.removesuffix(found.exc_msg).count("\n") + message


def without_module(text: str, exception: str) -> str:
    """An output in which no line begins with the module of an exception, as in `json.JSONDecodeError: its message`."""
    return re.sub(rf"^(?:\w+\.)+(?={re.escape(exception)}(?::|$))", _blanks, text, flags=re.MULTILINE)


def _blanks(found: re.Match[str]) -> str:
    """As many blanks: so columns stay what they are in the card file."""
    return " " * len(found[0])
