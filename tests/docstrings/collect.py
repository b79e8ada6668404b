"""The docstrings of TensorFlow's public API, as cards."""

from __future__ import annotations

import doctest
import inspect
import re
import warnings
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

from verideck.parse import parse

DECK = 'id = "docstrings"\nname = "Docstrings"\n\n[verify]\ntimeout = 20\nmemory = 8192\n'
PROLOGUE = """\
import importlib
import os
import random
import numpy as np
import tensorflow as tf
keras = tf.keras
tf.config.set_soft_device_placement(True)
random.seed(87654321)
np.random.seed(87654321)
tf.random.set_seed(87654321)
module = vars(importlib.import_module("{module}"))
names = {{"tf": tf, "np": np, "os": os}}
globals().update({{name: value for name, value in module.items() if not name.startswith("__")}} | names)
"""
"""What TensorFlow's `tf_doctest.py` gives to each docstring (github.com/tensorflow/tensorflow, tools/docs), which
includes, as Python's `doctest` does, what the module knows in which it was written."""

CARDS_A_FILE = 50
_PUBLIC = re.compile(r"tensorflow$|tensorflow\._api\.|keras(?!\.src)")  # the modules that make the public names
_OUTSIDE = ("tf.compat", "tf.initializers", "tf.losses", "tf.metrics", "tf.optimizers")
"""What was public once, and what is found under tf.keras too."""


@dataclass(frozen=True, slots=True)
class Docstring:
    """A docstring by its public name; `module` is where it was written."""

    name: str
    text: str
    module: str


def docstrings() -> list[Docstring]:
    """All that have `>>>`, each once, under the first public name that the walk comes by; sorted by name."""
    found: dict[str, Docstring] = {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # some public names warn when they are looked at
        import tensorflow as tf

        for name, value in _public("tf", tf, set()):
            written = value.fget if isinstance(value, property) else value
            text = inspect.getdoc(written)
            if text and ">>> " in text:
                module = getattr(written, "__module__", None) or getattr(written, "__name__", "tensorflow")
                found.setdefault(text, Docstring(name, text, module))
    return sorted(found.values(), key=lambda docstring: docstring.name)


def _public(name: str, value: object, seen: set[int]) -> Iterator[tuple[str, object]]:
    """A module and what is in it, breadth first, so that the shortest of several names comes first."""
    waiting = [(name, value)]
    while waiting:
        name, value = waiting.pop(0)
        if id(value) in seen:
            continue
        seen.add(id(value))
        yield name, value
        if isinstance(value, ModuleType):
            members = [(f"{name}.{member}", getattr(value, member, None)) for member in sorted(dir(value))]
            waiting += [(member, part) for member, part in members if _is_public(member, part)]
        elif inspect.isclass(value):
            parts = [(part_name, part) for part_name, part in sorted(vars(value).items()) if part_name[0] != "_"]
            waiting += [(f"{name}.{part_name}", part) for part_name, part in parts if _is_documented(part)]


def _is_public(name: str, value: object) -> bool:
    if name.rpartition(".")[2].startswith("_") or name in _OUTSIDE:
        return False
    return bool(_PUBLIC.match(value.__name__)) if isinstance(value, ModuleType) else callable(value)


def _is_documented(part: object) -> bool:
    """Whether a member of a class has documentation of its own: 0, say, has that of `int`."""
    return callable(part) or isinstance(part, (property, classmethod, staticmethod))


def session(docstring: Docstring) -> tuple[str, int]:
    """The docstring's examples as one session, and how many were left out, as it says that they are to be skipped."""
    lines: list[str] = []
    left_out = 0
    for example in doctest.DocTestParser().get_examples(docstring.text):
        if example.options.get(doctest.SKIP):
            left_out += 1
            continue
        source = example.source.rstrip("\n").split("\n")
        lines += [f"{'...' if number else '>>>'} {line}".rstrip() for number, line in enumerate(source)]
        lines += example.want.rstrip("\n").split("\n") if example.want else []
    return "\n".join(lines), left_out


def card(docstring: Docstring, code: str, taken: set[str]) -> str:
    """A card whose front is the name, with an id that is not taken; `tf.keras.layers.Add` is not the only `add`."""
    ticks = "`" * max(3, *(len(run) + 1 for run in re.findall("`+", code) or [""]))
    identity = re.sub(r"[^a-z0-9]+", "-", docstring.name.lower()).strip("-")
    identity += "-2" if identity in taken else ""
    taken.add(identity)
    return (
        f"# `{docstring.name}` {{#{identity}}}\n\nFrom its documentation.\n\n"
        f"```python hidden\n{PROLOGUE.format(module=docstring.module)}```\n\n{ticks}python\n{code}\n{ticks}\n\n"
    )


def collect(folder: Path, sample: int | None = None) -> Counter[str]:
    """Write a project of all docstrings, or of a sample of TensorFlow's; returns what became of how many, and why."""
    counts: Counter[str] = Counter()
    cards: list[str] = []
    taken: set[str] = set()
    found = docstrings()
    if sample:
        found = [docstring for docstring in found if not docstring.name.startswith("tf.keras")]
        found = found[:: len(found) // sample][:sample]
    for docstring in found:
        try:
            code, left_out = session(docstring)
        except ValueError as error:
            counts[f"no session: {docstring.name}: {str(error).splitlines()[0]}"] += 1
            continue
        counts["examples that ask to be skipped"] += left_out
        if not code:
            counts["docstrings of which nothing is left"] += 1
            continue
        text = card(docstring, code, taken)
        problems = [problem for problem in parse(text, "01.md")[1] if problem.severity == "error"]
        if problems:
            counts[f"refused: {docstring.name}: {problems[0].code} {problems[0].message}"] += 1
            continue
        cards.append(text)
    deck = folder / "cards/docstrings"
    deck.mkdir(parents=True, exist_ok=True)
    (deck / "deck.toml").write_text(DECK)
    for number in range(0, len(cards), CARDS_A_FILE):
        (deck / f"{number // CARDS_A_FILE + 1:02}.md").write_text("".join(cards[number : number + CARDS_A_FILE]))
    counts["cards"] = len(cards)
    return counts
