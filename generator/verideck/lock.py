"""deck.lock: what was published and what was run, one line of JSON a card.

The lock is the deck's memory. It is read and written as text here; `files` does the reading and writing.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

from verideck.model import Evidence, Note, Outcome, Problem, Span
from verideck.verify.key import keys_of


@dataclass(frozen=True, slots=True)
class Locked:
    """A card as the lock knows it; `mod` is the Unix time in seconds at which `content` came to be."""

    card: str
    guid: str
    content: str
    mod: int
    evidence: tuple[Evidence, ...] = ()


Lock = Mapping[str, Locked]

LAST = 2**32
"""The last Unix second that a note may have changed in: Anki makes milliseconds of it, which JavaScript must hold."""
KEPT: tuple[Outcome, ...] = ("pass", "fail", "error")
"""The outcomes that hang on the code alone and so are worth remembering, the better first."""
_EVIDENCE = {field.name for field in fields(Evidence)}


def read_lock(text: str, path: str) -> tuple[dict[str, Locked], tuple[Problem, ...]]:
    """Read a lock; a line that is not one, as after a merge, is a problem, and its card is taken as new."""
    lock: dict[str, Locked] = {}
    problems = []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        try:
            entry = json.loads(line)
            locked = Locked(
                card=_text(entry["card"]),
                guid=_text(entry["guid"]),
                content=_text(entry["content"]),
                mod=_time(entry["mod"]),
                evidence=tuple(_evidence(record) for record in entry["evidence"]),
            )
        except (ValueError, TypeError, KeyError, RecursionError, AttributeError):
            hint = "after a merge, take either side of the line and run `verideck build`"
            problems.append(Problem(Span(path, number), "VD601", "this line of the lock cannot be read", hint))
        else:
            lock[locked.card] = locked
    return lock, tuple(problems)


def render_lock(lock: Lock) -> str:
    """The lock as text: sorted, a line a card, so that two people's changes merge."""
    lines = [_line(lock[card]) for card in sorted(lock)]
    return "".join(line + "\n" for line in lines)


def update(lock: Lock, notes: Sequence[Note], found: Iterable[Evidence], now: int) -> dict[str, Locked]:
    """The lock brought up to date: `mod` is `now` where the content is new, evidence of code that is gone is dropped.

    `found` is the evidence of this run; it takes the place of what was known of the same code in the same
    environment, even where it is not kept itself, as it hangs on time and memory. `now` is in Unix seconds; a content
    that changes within the second of its last change still gets a later one, since Anki takes only what is newer.
    """
    fresh = _by_place(found)
    new: dict[str, Locked] = {}
    for note in notes:
        old = lock.get(note.card.id)
        keys = set(keys_of(note.card))
        known = _by_place(old.evidence if old else ()) | fresh
        evidence = sorted(one for one in known.values() if one.key in keys and one.outcome in KEPT)
        guid = old.guid if old else note.guid
        new[note.card.id] = Locked(note.card.id, guid, note.content, _mod(old, note, now), tuple(evidence))
    return new


def seal(notes: Sequence[Note], lock: Lock) -> tuple[Note, ...]:
    """The notes as they are published: with the lock's GUID and `mod`, and the evidence that each snippet passed."""
    return tuple(_sealed(note, lock[note.card.id]) for note in notes)


def _by_place(evidence: Iterable[Evidence]) -> dict[Evidence, Evidence]:
    """Evidence by its code and environment; of several, as where two cards hold the same code, the worst."""
    found: dict[Evidence, Evidence] = {}
    for one in evidence:
        place = replace(one, outcome="pass")
        found[place] = max(found.get(place, place), one, key=_badness)
    return found


def _badness(evidence: Evidence) -> int:
    return KEPT.index(evidence.outcome) if evidence.outcome in KEPT else len(KEPT)


def _sealed(note: Note, locked: Locked) -> Note:
    good = [one for one in locked.evidence if one.outcome == "pass"]
    evidence = tuple(tuple(one for one in good if one.key == key) for key in keys_of(note.card))
    return replace(note, guid=locked.guid, mod=locked.mod, evidence=evidence)


def _mod(old: Locked | None, note: Note, now: int) -> int:
    if old is None:
        return now
    return old.mod if old.content == note.content else max(now, old.mod + 1)


def _line(locked: Locked) -> str:
    entry = asdict(locked)
    entry["evidence"] = [{name: value for name, value in record.items() if value} for record in entry["evidence"]]
    return json.dumps(entry, ensure_ascii=False)


def _evidence(record: dict[str, Any]) -> Evidence:
    known = {name: value for name, value in record.items() if name in _EVIDENCE}
    if not all(isinstance(value, int if name == "seed" else str) for name, value in known.items()):
        raise TypeError
    return Evidence(**known)


def _text(value: object) -> str:
    if not isinstance(value, str) or not value.isprintable() or not value:
        raise TypeError
    return value


def _time(value: object) -> int:
    if not isinstance(value, int) or not 0 <= value <= LAST:
        raise TypeError
    return value
