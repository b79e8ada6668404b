"""Where snippets would run: what is installed here, told without importing any of it."""

from __future__ import annotations

import platform
from collections.abc import Iterable
from dataclasses import dataclass
from importlib import metadata

from verideck.model import Evidence, Note

_TENSORFLOWS = ("tensorflow", "tensorflow-cpu", "tensorflow-intel", "tensorflow-macos", "tf-nightly")


@dataclass(frozen=True, slots=True)
class Environment:
    """Versions, empty where a library is not there or not used; the device on which snippets run."""

    python: str
    tensorflow: str = ""
    keras: str = ""
    numpy: str = ""
    device: str = "cpu"

    def holds(self, evidence: Evidence) -> bool:
        """Whether the evidence comes from an environment like this one."""
        mine = (self.python, self.tensorflow, self.keras, self.numpy, self.device)
        return mine == (evidence.python, evidence.tensorflow, evidence.keras, evidence.numpy, evidence.device)


def environment(modules: Iterable[str]) -> Environment:
    """The environment of this interpreter, where `modules` are imported."""
    used = set(modules)
    python = ".".join(platform.python_version_tuple()[:2])
    if "tensorflow" not in used:
        return Environment(python, keras=_version("keras", used), numpy=_version("numpy", used))
    found = next(filter(None, map(_installed, _TENSORFLOWS)), "")
    return Environment(python, found, _installed("keras"), _installed("numpy"))


def preload_of(notes: Iterable[Note]) -> tuple[str, ...]:
    """What to import before forking: what the deck says, or what its snippets use of TensorFlow, Keras and NumPy."""
    code = ""
    for note in notes:
        if note.deck.verify.preload is not None:
            return note.deck.verify.preload
        code += "".join(snippet.code for snippet in note.card.snippets())
    return tuple(
        name for name in ("numpy", "tensorflow", "keras") if f"import {name}" in code or f"from {name}" in code
    )


def _version(name: str, used: set[str]) -> str:
    return _installed(name) if name in used else ""


def _installed(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return ""
