"""Which snippets have to run, which have run already, and which cannot run here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from packaging.specifiers import SpecifierSet

from verideck.model import Evidence, Note, Snippet
from verideck.verify.environment import Environment
from verideck.verify.key import keys_of

Scope = Literal["stale", "missing", "fresh"]
"""`stale`: what has no passing evidence from anywhere; `missing`: from here; `fresh`: everything."""


@dataclass(frozen=True, slots=True)
class Planned:
    """A snippet and what is to become of it: `skip` says why it cannot run here, `reused` is evidence that will do."""

    snippet: Snippet
    key: str
    skip: str = ""
    reused: Evidence | None = None


@dataclass(frozen=True, slots=True)
class Job:
    """A card and its snippets. A card runs whole, if any of its snippets has to: they share one namespace."""

    note: Note
    snippets: tuple[Planned, ...]

    @property
    def runs(self) -> bool:
        """Whether anything of it has to run."""
        return any(not planned.skip and planned.reused is None for planned in self.snippets)

    def skipped(self, reason: str) -> Job:
        """The same with every snippet skipped that would have run."""
        snippets = (p if p.skip or p.reused else replace(p, skip=reason) for p in self.snippets)
        return replace(self, snippets=tuple(snippets))


def plan(
    notes: Sequence[Note], known: Mapping[str, Sequence[Evidence]], here: Environment, scope: Scope
) -> tuple[Job, ...]:
    """A job for each note with snippets. `known` is the lock's evidence by card id."""
    jobs = []
    for note in notes:
        evidence = known.get(note.card.id, ()) if scope != "fresh" else ()
        snippets = zip(note.card.snippets(), keys_of(note.card), strict=True)
        planned = tuple(_plan(snippet, key, evidence, here, scope) for snippet, key in snippets)
        if planned:
            jobs.append(Job(note, planned))
    return tuple(jobs)


def _plan(snippet: Snippet, key: str, known: Sequence[Evidence], here: Environment, scope: Scope) -> Planned:
    good = (e for e in known if e.key == key and e.outcome == "pass" and (scope == "stale" or here.holds(e)))
    return Planned(snippet, key, skip_reason(snippet, here), next(good, None))


def skip_reason(snippet: Snippet, here: Environment) -> str:
    """Why a snippet does not run in this environment; empty, if it does."""
    options = snippet.options
    if options.no_run:
        return options.no_run
    if snippet.broken:
        return "Python cannot read it"
    if options.gpu and here.device != "gpu":
        return "it needs a GPU, and this run is on the CPU"
    if not applies(options.tensorflow, here.tensorflow):
        return f"it is for TensorFlow {options.tensorflow}, and this is {here.tensorflow or 'no TensorFlow at all'}"
    return ""


def applies(specifier: str, version: str) -> bool:
    """Whether what is limited to versions (PEP 440; empty: to none) is for this one; pre-releases count."""
    return not specifier or (bool(version) and SpecifierSet(specifier).contains(version, prereleases=True))
