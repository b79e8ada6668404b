"""A version of TensorFlow in, a Python interpreter that has it out: environments made by uv, once, and kept.

They lie in the user's cache folder, a folder each, and hold exactly the TensorFlow that was asked for. What comes
along with it (Keras, NumPy) is what the package index gave on the day it was made; evidence records its versions.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

from packaging.requirements import Requirement
from packaging.version import InvalidVersion, Version

from verideck.environments.installed import python_version, tensorflow_version, version_of
from verideck.environments.kept import Kept, alone, kept, remove, shelf, use
from verideck.environments.make import CannotMakeError, make

__all__ = [
    "CannotMakeError", "Kept", "ensure", "kept", "python_version", "release", "remove", "shelf", "tensorflow_version",
    "version_of",
]  # fmt: skip

_SHORT = re.compile(r"\d+(\.\d+)?")


def ensure(version: str, requires: Iterable[str] = (), say: Callable[[str], None] = lambda _words: None) -> Path:
    """The interpreter of an environment that has exactly this version of TensorFlow, and what `requires` names.

    Takes a version as `release` does, and requirements as PEP 508 has them (`scikit-learn>=1.3`). The answer is the
    running interpreter where it has this very version and nothing more is required; else one that is kept; else
    one is made, which takes the network, up to some minutes and about 2 GB of disk: `say` is told so. Two runs that
    ask for the same at the same time get the same one, made once.

    Raises `CannotMakeError`, whose text says what to do, and `OSError` where the cache folder cannot be written.
    """
    wanted = release(version)
    needed = tuple(sorted({str(Requirement(text)) for text in requires}))
    here = tensorflow_version()
    if not needed and here and Version(here) == Version(wanted):
        return Path(sys.executable)
    found = _kept(wanted, needed)
    if found is None:
        with alone(say):  # another run may have made it while we waited
            found = _kept(wanted, needed) or make(wanted, needed, say)
    use(found)
    return found.interpreter


def release(version: str) -> str:
    """One way to write a version (PEP 440): `2.15` and `v2.15.0` are `2.15.0`. Raises `CannotMakeError`."""
    try:
        text = str(Version(version))
    except InvalidVersion:
        message = f"“{version}” is not a version of TensorFlow: write one such as 2.15.1"
        raise CannotMakeError(message) from None
    return text + ".0" * (2 - text.count(".")) if _SHORT.fullmatch(text) else text


def _kept(wanted: str, needed: tuple[str, ...]) -> Kept | None:
    """The one that is kept; of several, that of the Python that is running."""
    mine = python_version()
    found = [one for one in kept() if one.whole and (one.tensorflow, one.requires) == (wanted, needed)]
    return min(found, key=lambda one: one.python != mine, default=None)
