"""The options behind a fence's language, as in ```` ```python raises=ValueError timeout=5 ````."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from packaging.specifiers import InvalidSpecifier, SpecifierSet

from verideck.model import Options, Span
from verideck.nearest import did_you_mean
from verideck.page import Page
from verideck.parse.elements import Element

LONGEST = 600.0  # seconds: a card that needs more is no flashcard

_OPTION = re.compile(r'(?P<name>[^\s="]+)(?:=(?:"(?P<quoted>[^"]*)"|(?P<bare>[^\s"]*)))?(?=\s|$)')
_EXCEPTION = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*")


@dataclass(frozen=True, slots=True)
class _Rule:
    """How an option's value is read (`None`: it is not valid), what it needs to be, an example."""

    read: Callable[[str], Any]
    needs: str
    example: str


def _seconds(value: str) -> float | None:
    try:
        seconds = float(value)
    except ValueError:
        return None
    return seconds if 0 < seconds <= LONGEST else None


def _specifier(value: str) -> str | None:
    try:
        return value if str(SpecifierSet(value)) else None
    except InvalidSpecifier:
        return None


_RULES = {
    "raises": _Rule(lambda v: v if _EXCEPTION.fullmatch(v) else None, "the name of an exception", "raises=ValueError"),
    "timeout": _Rule(_seconds, f"a number of seconds up to {LONGEST:.0f}", "timeout=5"),
    "no-run": _Rule(lambda v: v.strip() or None, "a reason", 'no-run="needs a cluster"'),
    "tensorflow": _Rule(_specifier, "a version specifier (PEP 440)", 'tensorflow=">=2.16"'),
}
_FLAGS = ("hidden", "gpu")
_VALID = {"python": (*_RULES, *_FLAGS), "output": ("tensorflow",)}


def read_options(element: Element, language: str, page: Page) -> Options:
    """The options of a fence in this language; each that is unknown, doubled or wrong is refused on the page."""
    line = page.lines[element.first].rstrip()
    position = line.index(language) + len(language)
    found: dict[str, Any] = {}
    seen: set[str] = set()
    while (position := len(line) - len(line[position:].lstrip())) < len(line):
        match = _OPTION.match(line, position)
        if match is None:
            span = Span(page.path, element.first + 1, position + 1, len(line) - position)
            hint = 'write options as name=value or name="a value", with spaces between them'
            page.refuse(span, "VD201", f"{line[position:]} is not an option", hint)
            break
        name, value = match["name"], match["quoted"] if match["quoted"] is not None else match["bare"]
        wrong = _wrong(name, value, language, seen)
        if wrong:
            page.refuse(Span(page.path, element.first + 1, position + 1, len(name)), *wrong)
        else:
            read = True if name in _FLAGS else _RULES[name].read(value or "")
            found[name.replace("-", "_")] = read
        seen.add(name)
        position = match.end()
    return Options(**found)


def _wrong(name: str, value: str | None, language: str, seen: set[str]) -> tuple[str, str, str] | None:
    """What is wrong with an option, if anything: code, sentence, hint."""
    if name not in _VALID[language]:
        article = "an" if language == "output" else "a"
        return "VD201", f"{article} {language} fence has no option {name}", did_you_mean(name, _VALID[language])
    if name in seen:
        return "VD203", f"{name} is given twice", "keep one"
    if name in _FLAGS:
        return None if value is None else ("VD203", f"{name} takes no value", f"write {name} alone, or leave it out")
    rule = _RULES[name]
    if rule.read(value or "") is None:
        return "VD203", f"{name} needs {rule.needs}", f"for example {rule.example}"
    return None
