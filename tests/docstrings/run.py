"""The cards, run by Verideck; each example with what it shows and what came."""

from __future__ import annotations

import doctest
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from verideck.edition import editions
from verideck.model import Verdict
from verideck.project import load
from verideck.verify import verify


@dataclass(frozen=True, slots=True)
class Ran:
    """An example that ran: the docstring's name, which of its examples it is, its code, what it shows, what came.

    `message` is the exception that it shows, empty if none.
    """

    name: str
    number: int
    source: str
    want: str
    got: str
    message: str = ""


def run(folder: Path) -> tuple[list[Ran], Counter[str]]:
    """Run the project in a folder; the examples that ran, and what became of how many docstrings and examples."""
    (edition,), problems = editions(load(folder))
    assert not problems, problems
    found = verify(edition.notes, {}, "fresh")
    counts: Counter[str] = Counter()
    ran: list[Ran] = []
    names = {note.card.id: note.card.title.strip("`") for note in edition.notes}
    for verdict in found.verdicts:
        if verdict.snippet.session:
            ran += _examples(names[verdict.card], verdict, counts)
        elif verdict.outcome != "pass":
            counts[f"prologue: {verdict.outcome}: {names[verdict.card]}: {verdict.reason}"] += 1
    counts[f"isolation: {found.isolation} {found.reason}"] += 1
    return ran, counts


def library_of(name: str) -> str:
    """Whose documentation it is: Keras has its own, and other habits."""
    return "Keras" if name.startswith("tf.keras") else "TensorFlow"


def _examples(name: str, verdict: Verdict, counts: Counter[str]) -> list[Ran]:
    examples = doctest.DocTestParser().get_examples(verdict.snippet.code)
    library = library_of(name)
    counts[f"{library}: docstrings: {verdict.outcome}"] += 1
    if verdict.outcome not in ("pass", "fail"):
        counts[f"{library}: {verdict.outcome}: {name}: {verdict.reason[:200]}"] += 1
    through = len(verdict.steps) - (verdict.outcome in ("error", "memory"))
    if through < len(examples):
        counts[f"{library}: examples that raised, or came behind one that did"] += len(examples) - max(through, 0)
    return [
        Ran(name, number, example.source, example.want, came, example.exc_msg or "")
        for number, (example, came) in enumerate(zip(examples, verdict.steps[: max(through, 0)], strict=False))
    ]


def save(ran: Sequence[Ran], file: Path) -> None:
    file.write_text(json.dumps([asdict(one) for one in ran], indent=1))


def saved(file: Path) -> list[Ran]:
    return [Ran(**one) for one in json.loads(file.read_text())]
