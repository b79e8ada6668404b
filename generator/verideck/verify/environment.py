"""Where snippets would run: what is installed there, told without importing any of it."""

from __future__ import annotations

import ast
import doctest
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from verideck.environments import python_version, tensorflow_version, version_of
from verideck.model import Evidence, Note, Outcome, Snippet
from verideck.verify.compare import CPU, GPU, Profile


@dataclass(frozen=True, slots=True)
class Environment:
    """Versions, empty where a library is not there or not used; the device on which snippets run.

    `interpreter` is the Python that runs them; empty, where it is the one that is running.
    """

    python: str
    tensorflow: str = ""
    keras: str = ""
    numpy: str = ""
    device: str = "cpu"
    seed: int = 0
    interpreter: str = field(default="", compare=False)

    @property
    def profile(self) -> Profile:
        """The tolerances that hold on the device."""
        return GPU if self.device == "gpu" else CPU

    def at(self, versions: Mapping[str, str]) -> Environment:
        """The same, with the versions that a server says it has loaded."""
        return replace(self, **versions)  # type: ignore[arg-type]  # the names are checked by the dataclass

    def evidence(self, key: str, outcome: Outcome) -> Evidence:
        """The record that the code of this key ran here, and what came of it."""
        versions = (self.python, self.tensorflow, self.keras, self.numpy)
        return Evidence(key, *versions, self.device, self.profile.name, self.seed, outcome)

    def holds(self, evidence: Evidence) -> bool:
        """Whether the evidence comes from an environment like this one."""
        names = ("python", "tensorflow", "keras", "numpy", "device", "seed")
        same = all(getattr(self, name) == getattr(evidence, name) for name in names)
        return same and evidence.profile == self.profile.name


def environment(modules: Iterable[str], interpreter: Path | None = None) -> Environment:
    """The environment of an interpreter (as `environments.ensure` gives it; none: the running one) with `modules`."""
    used = set(modules)
    if "tensorflow" in used:
        used |= {"keras", "numpy"}  # which it brings along
    return Environment(
        python=python_version(interpreter),
        tensorflow=tensorflow_version(interpreter) if "tensorflow" in used else "",
        keras=version_of("keras", interpreter) if "keras" in used else "",
        numpy=version_of("numpy", interpreter) if "numpy" in used else "",
        interpreter=str(interpreter or ""),
    )


def preload_of(notes: Iterable[Note]) -> tuple[str, ...]:
    """What to import before forking: what the deck says, or what its snippets use of TensorFlow, Keras and NumPy."""
    notes = tuple(notes)
    told = next((note.deck.verify.preload for note in notes), None)
    return told if told is not None else used_by(notes)


def used_by(notes: Iterable[Note]) -> tuple[str, ...]:
    """Which of NumPy, TensorFlow and Keras the deck of these notes uses, where that is told; else the notes alone.

    The whole deck counts, so that a card runs in the same environment whichever others are run with it.
    """
    notes = tuple(notes)
    told = next((note.deck.verify.libraries for note in notes), None)
    return told if told is not None else imported_by(notes)


def imported_by(notes: Iterable[Note]) -> tuple[str, ...]:
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
