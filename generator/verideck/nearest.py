"""Hints that name the nearest valid name."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


def did_you_mean(name: str, valid: Iterable[str]) -> str:
    """A hint with the valid name nearest to `name`, or, if none is near, with all of them."""
    names = list(valid)
    near = get_close_matches(name, names, n=1, cutoff=0.5) or get_close_matches(name.lower(), names, n=1, cutoff=0.5)
    if near:
        return f"did you mean {near[0]}?"
    if len(names) == 1:
        return f"the only one is {names[0]}"
    return f"choose from {', '.join(names)}" if names else ""
