"""Where snippets would run: what is installed here, told without importing any of it."""

from __future__ import annotations

import ast
import doctest
import platform
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib import metadata

from verideck.model import Evidence, Note, Snippet
from verideck.verify.compare import PROFILE

_TENSORFLOWS = ("tensorflow", "tensorflow-cpu", "tensorflow-intel", "tensorflow-macos", "tf-nightly")


@dataclass(frozen=True, slots=True)
class Environment:
    """Versions, empty where a library is not there or not used; the device on which snippets run."""

    python: str
    tensorflow: str = ""
    keras: str = ""
    numpy: str = ""
    device: str = "cpu"
    seed: int = 0

    def holds(self, evidence: Evidence) -> bool:
        """Whether the evidence comes from an environment like this one."""
        names = ("python", "tensorflow", "keras", "numpy", "device", "seed")
        same = all(getattr(self, name) == getattr(evidence, name) for name in names)
        return same and evidence.profile == PROFILE


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
    notes = tuple(notes)
    told = next((note.deck.verify.preload for note in notes), None)
    return told if told is not None else used_by(notes)


def used_by(notes: Iterable[Note]) -> tuple[str, ...]:
    """Which of NumPy, TensorFlow and Keras the snippets import; Keras brings TensorFlow along, and both NumPy."""
    snippets = (snippet for note in notes for snippet in note.card.snippets())
    found = {name for s in snippets if not (s.broken or s.options.no_run) for name in _imports(s)}
    if found & {"tensorflow", "keras"}:
        return ("numpy", "tensorflow", "keras")
    return ("numpy",) if "numpy" in found else ()


def _imports(snippet: Snippet) -> Iterator[str]:
    """The top-level names of the modules that a snippet imports."""
    code = snippet.code
    if snippet.session:
        code = "".join(example.source for example in doctest.DocTestParser().get_examples(code))
    try:
        tree = ast.parse(code)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return  # that Python cannot read it may be the point: raises=SyntaxError
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module.partition(".")[0]


def _version(name: str, used: set[str]) -> str:
    return _installed(name) if name in used else ""


def _installed(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return ""
