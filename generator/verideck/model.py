"""The values that pass between the stages, left to right.

Every value is frozen, so a stage can only hand on what it was given or make something new. Whatever
came from a file knows where: each such value carries a `Span`. The words are those of the glossary in
README.md.

    text ──parse──▶ Card ──resolve──▶ Note ──verify──▶ Evidence ──▶ Note with `mod` and `evidence`
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import Enum
from typing import Literal

Severity = Literal["error", "warning"]
Outcome = Literal["pass", "fail", "error", "timeout", "memory", "crash", "skip"]


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A place in a file: `path` relative to the project, `line` and `column` from 1, `width` in characters."""

    path: str
    line: int
    column: int = 1
    width: int = 1


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """Something that a person should mend: where, which rule (`code`, listed in FORMAT.md), what, and how.

    `detail` is what is shown between the two, such as the wanted line and the one that came.
    """

    span: Span
    code: str
    message: str
    hint: str = ""
    severity: Severity = "error"
    detail: str = ""


class Kind(Enum):
    """What the card asks of the learner; the value is the class in the heading's braces."""

    BASIC = "basic"
    REVERSED = "reversed"
    TYPE = "type"
    OUTPUT = "output"
    CLOZE = "cloze"


# --- what a card is made of -----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Prose:
    """Markdown without top-level fences, as it was written; `span` is its first line."""

    markdown: str
    span: Span


@dataclass(frozen=True, slots=True)
class Listing:
    """A fence that is shown and never run (`language` may be empty)."""

    language: str
    text: str
    span: Span


@dataclass(frozen=True, slots=True)
class Output:
    """What a snippet must print; `tensorflow` limits it to versions (PEP 440), `span` is the fence's opening line."""

    text: str
    span: Span
    tensorflow: str = ""


@dataclass(frozen=True, slots=True)
class Options:
    """What stands behind ```` ```python ````; `timeout` is in seconds, `None` where the deck decides."""

    raises: str = ""
    timeout: float | None = None
    no_run: str = ""
    hidden: bool = False
    gpu: bool = False
    tensorflow: str = ""


@dataclass(frozen=True, slots=True)
class Snippet:
    """Code on a card, with the outputs that may come out of it.

    `span` is the fence's opening line, so the first line of `code` is `span.line + 1`. A `session` is
    written with `>>>` and carries its outputs in `code`.
    """

    code: str
    span: Span
    options: Options = Options()
    outputs: tuple[Output, ...] = ()
    session: bool = False


Block = Prose | Listing | Snippet


@dataclass(frozen=True, slots=True)
class Citation:
    """A source's key and, where given, the first and last line in that source's file."""

    source: str
    lines: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """What one source claims in a conflict, in our words (Markdown)."""

    citation: Citation
    markdown: str
    span: Span


@dataclass(frozen=True, slots=True)
class Ruling:
    """A decision on a conflict: a source's key, or `both`, `neither`, `depends` (with `scope`), `open`."""

    verdict: str
    scope: str
    reason: str
    span: Span


@dataclass(frozen=True, slots=True)
class Conflict:
    """Sources that cannot both be followed, or one that cannot be followed today; `evidence` is the rest of it."""

    id: str
    title: str
    readings: tuple[Reading, ...]
    ruling: Ruling
    evidence: tuple[Block, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Claim:
    """One statement of one source, in our words, and what became of it."""

    citation: Citation
    verdict: str
    condition: str
    markdown: str
    span: Span


@dataclass(frozen=True, slots=True)
class Card:
    """One level-1 heading and what stands under it.

    `title` is the heading as Markdown, without its braces. `front` is what the front shows below the
    title. `typed` is the answer to be typed (kind `TYPE` alone). `text` is the card as it was written,
    the source of its content hash.
    """

    id: str
    kind: Kind
    title: str
    front: tuple[Block, ...]
    back: tuple[Block, ...]
    conflicts: tuple[Conflict, ...]
    claims: tuple[Claim, ...]
    tags: tuple[str, ...]
    typed: str
    text: str
    span: Span

    def snippets(self) -> Iterator[Snippet]:
        """The card's snippets in the order in which they run: front, back, conflicts."""
        return snippets_of([*self.front, *self.back, *(b for c in self.conflicts for b in c.evidence)])


def snippets_of(blocks: Iterable[Block]) -> Iterator[Snippet]:
    """The snippets among `blocks`, in order."""
    return (block for block in blocks if isinstance(block, Snippet))


# --- the deck -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Source:
    """An answer set: its short `key`, and how a reader finds it."""

    key: str
    title: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class VerifySettings:
    """`[verify]` of deck.toml: modules to import before forking, seconds and mebibytes per card."""

    preload: tuple[str, ...] | None = None
    timeout: float = 30.0
    memory: int = 4096


@dataclass(frozen=True, slots=True)
class Deck:
    """What deck.toml says. `path` is the deck's folder, relative to the project."""

    id: str
    name: str
    path: str
    description: str = ""
    licence: str = ""
    language: str = "en"
    url: str = ""
    sources: tuple[Source, ...] = ()
    verify: VerifySettings = VerifySettings()
    allow_open: bool = False


# --- what verifying found -------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, order=True)
class Evidence:
    """The record that a snippet ran: `key` names its code and wanted output, the rest where it ran.

    Versions are empty where the library was not loaded. `profile` names the tolerances that were used.
    """

    key: str
    python: str
    tensorflow: str = ""
    keras: str = ""
    numpy: str = ""
    device: str = "cpu"
    profile: str = "cpu"
    seed: int = 0
    outcome: Outcome = "pass"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of one snippet: `got` is what it printed, `want` the output that was meant to come.

    `steps` are the outputs of a session's examples, of which `got` is the sum.
    `seconds` is the snippet's own time, `reason` says in a sentence why it is not a pass, `evidence` is
    what to remember of a pass, `problem` what a person should mend. `reused`: known from the lock.
    """

    deck: str
    card: str
    snippet: Snippet
    outcome: Outcome
    seconds: float = 0.0
    want: str = ""
    got: str = ""
    reason: str = ""
    reused: bool = False
    evidence: Evidence | None = None
    problem: Problem | None = None
    steps: tuple[str, ...] = ()


# --- the note -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Dispute:
    """A conflict with its ruling applied: `upheld` and `set_aside` split the readings, in document order.

    Under `both` all are upheld, under `neither` none, under `depends` and `open` all stay in `readings`
    and neither list has any.
    """

    conflict: Conflict
    upheld: tuple[Reading, ...]
    set_aside: tuple[Reading, ...]


@dataclass(frozen=True, slots=True)
class Note:
    """A card with its conflicts resolved: what the renderers get.

    `guid` is Anki's global id, `content` the content hash, `mod` the Unix time in seconds at which the
    content last changed, `evidence` the passing evidence of each snippet, by snippet key, in the
    order of `card.snippets()`. `sources` are those the card cites.
    """

    deck: Deck
    card: Card
    guid: str
    content: str
    disputes: tuple[Dispute, ...]
    tags: tuple[str, ...]
    sources: tuple[Source, ...]
    mod: int = 0
    evidence: tuple[tuple[Evidence, ...], ...] = field(default=())
