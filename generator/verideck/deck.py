"""deck.toml in, `Deck` out."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

from packaging.requirements import InvalidRequirement, Requirement
from packaging.version import InvalidVersion, Version

from verideck.model import Deck, Problem, Source, Span, VerifySettings
from verideck.nearest import did_you_mean
from verideck.page import Page
from verideck.parse.heading import ID
from verideck.parse.options import LONGEST
from verideck.parse.sections import RULINGS

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

_KEY = re.compile(r"[A-Za-z][\w-]*")
_AT = re.compile(r"\(at line (\d+), column (\d+)\)")


def _is_address(value: str) -> bool:
    try:
        return value == "" or urlsplit(value).scheme in ("http", "https")
    except ValueError:
        return False


def _are_versions(value: object) -> bool:
    try:
        return isinstance(value, list) and len({Version(item) for item in value}) == len(value)
    except (InvalidVersion, TypeError):
        return False


def _are_requirements(value: object) -> bool:
    """Whether these are requirements of an index: one by address would fetch from anywhere what the deck says."""
    try:
        return isinstance(value, list) and all(Requirement(item).url is None for item in value)
    except (InvalidRequirement, TypeError):
        return False


_Check = tuple[Callable[[Any], bool], str]

_TEXT: _Check = (lambda value: isinstance(value, str), "a text")
_FILLED: _Check = (lambda value: isinstance(value, str) and bool(value.strip()), "a text that is not empty")
_IDENTIFIER: _Check = (
    lambda value: isinstance(value, str) and bool(ID.fullmatch(value)),
    'lower-case letters, digits and hyphens, such as "my-deck"',
)
_SWITCH: _Check = (lambda value: isinstance(value, bool), "true or false")
_TABLE: _Check = (lambda value: isinstance(value, dict), "a table, as in [verify]")
_NAMES: _Check = (
    lambda value: isinstance(value, list) and all(isinstance(item, str) and item for item in value),
    'a list of module names, such as ["tensorflow"]',
)
_SECONDS: _Check = (
    lambda value: isinstance(value, (int, float)) and not isinstance(value, bool) and 0 < value <= LONGEST,
    f"a number of seconds up to {LONGEST:.0f}",
)
_MEBIBYTES: _Check = (
    lambda value: isinstance(value, int) and not isinstance(value, bool) and 64 <= value <= 2**20,  # noqa: PLR2004
    "a whole number of MiB, 64 or more",
)
_VERSIONS: _Check = (_are_versions, 'a list of different versions, such as ["2.15.1", "2.21.0"]')
_REQUIREMENTS: _Check = (_are_requirements, 'a list of packages as pip has them, such as ["scikit-learn>=1.3"]')
_ADDRESS: _Check = (
    lambda value: isinstance(value, str) and _is_address(value),
    'an address such as "https://example.org"',
)

_DEVICE: _Check = (lambda value: value in ("cpu", "gpu", "all"), '"cpu", "gpu" or "all"')

_DECK = {
    "id": _IDENTIFIER, "name": _FILLED, "description": _TEXT, "licence": _TEXT, "language": _FILLED, "url": _ADDRESS,
    "sources": _TABLE, "verify": _TABLE, "reconcile": _TABLE,
}  # fmt: skip
_SOURCE = {"title": _FILLED, "url": _ADDRESS}
_VERIFY = {
    "preload": _NAMES, "timeout": _SECONDS, "memory": _MEBIBYTES,
    "matrix": _VERSIONS, "requires": _REQUIREMENTS, "device": _DEVICE,
}  # fmt: skip
_RECONCILE = {"allow-open": _SWITCH}


def read_deck(text: str, path: str) -> tuple[Deck | None, tuple[Problem, ...]]:
    """Read a deck.toml; `path` is its name relative to the project.

    Returns no deck where it has no id or cannot be read at all; else the deck with what was valid.
    """
    try:
        table = tomllib.loads(text.removeprefix("\ufeff"))
    except (RecursionError, ValueError) as error:  # the reader's own error is a ValueError, as is that of a huge number
        match = _AT.search(str(error))
        line, column = (int(match[1]), int(match[2])) if match else (text.count("\n") + 1, 1)
        message = "not TOML: " + _AT.sub("", str(error)).strip().lower()
        return None, (
            Problem(Span(path, line, column), "VD410", message, "put texts in quotation marks; see https://toml.io"),
        )
    page = Page(path, tuple(text.split("\n")))
    deck = _checked(table, _DECK, "", page)
    sources = []
    for key, entry in deck.get("sources", {}).items():
        where = f"sources.{key}"
        if not _KEY.fullmatch(key) or key in RULINGS:
            message = f"{key} cannot be a source's key"
            hint = f"use a short word, and none of {', '.join(RULINGS)}"
            page.refuse(_place(page, where, ""), "VD412", message, hint)
        elif not isinstance(entry, dict):
            hint = f"write [{where}] and under it title = …"
            page.refuse(_place(page, "sources", key), "VD412", f"{where} must be a table", hint)
        else:
            valid = _checked(entry, _SOURCE, where, page)
            sources.append(Source(key, valid.get("title", key), valid.get("url", "")))
    verify = _checked(deck.get("verify", {}), _VERIFY, "verify", page)
    reconcile = _checked(deck.get("reconcile", {}), _RECONCILE, "reconcile", page)
    for required in ("id", "name"):
        if required not in table:
            hint = f'add a line such as {required} = "…" at the top'
            page.refuse(Span(path, 1), "VD413", f"this deck has no {required}", hint)
    if "id" not in deck:
        return None, tuple(page.problems)
    return _deck(deck, tuple(sources), verify, reconcile, path), tuple(page.problems)


def _deck(
    deck: Mapping[str, Any],
    sources: tuple[Source, ...],
    verify: Mapping[str, Any],
    reconcile: Mapping[str, Any],
    path: str,
) -> Deck:
    preload = verify.get("preload")
    standard = VerifySettings()
    return Deck(
        id=deck["id"],
        name=deck.get("name", deck["id"]),
        path=path.rpartition("/")[0],
        description=deck.get("description", ""),
        licence=deck.get("licence", ""),
        language=deck.get("language", "en"),
        url=deck.get("url", "").rstrip("/"),
        sources=sources,
        verify=VerifySettings(
            preload=None if preload is None else tuple(preload),
            timeout=float(verify.get("timeout", standard.timeout)),
            memory=int(verify.get("memory", standard.memory)),
            matrix=tuple(verify.get("matrix", ())),
            requires=tuple(verify.get("requires", ())),
            device=verify.get("device", standard.device),
        ),
        allow_open=reconcile.get("allow-open", False),
    )


def _checked(table: Mapping[str, Any], checks: Mapping[str, _Check], where: str, page: Page) -> dict[str, Any]:
    """The entries of a table that are known and of the right type; a problem for each of the others."""
    valid: dict[str, Any] = {}
    for key, value in table.items():
        place = _place(page, where, key)
        inside = f" under [{where}]" if where else ""
        if key not in checks:
            page.refuse(place, "VD411", f"there is no key {key}{inside}", did_you_mean(key, checks))
        elif not checks[key][0](value):
            message = f"{key}{inside} is not what it must be"
            page.refuse(place, "VD412", message, f"write {checks[key][1]}")
        else:
            valid[key] = value
    return valid


def _place(page: Page, where: str, key: str) -> Span:
    """The line of a key in its table, as far as it can be told from the text: TOML readers do not keep it."""
    table = ""
    for number, line in enumerate(page.lines, 1):
        header = re.match(r"\s*\[([^\[\]]+)\]", line)
        if header:
            table = header[1].strip()
            if (not key and table == where) or (not where and (table == key or table.startswith(f"{key}."))):
                return Span(page.path, number, 1, len(line.rstrip()))
        elif key and table == where and re.match(rf"\s*\"?{re.escape(key)}\"?\s*=", line):
            return Span(page.path, number, line.index(key) + 1, len(key))
    return Span(page.path, 1)
