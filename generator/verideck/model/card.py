"""What a person writes: cards, and what they are made of."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import Enum

from verideck.model.problem import Span


class Kind(Enum):
    """What the card asks of the learner; the value is the class in the heading's braces."""

    BASIC = "basic"
    REVERSED = "reversed"
    TYPE = "type"
    OUTPUT = "output"
    CLOZE = "cloze"


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
    written with `>>>` and carries its outputs in `code`. What is `broken`, Python cannot read; it is never run.
    """

    code: str
    span: Span
    options: Options = Options()
    outputs: tuple[Output, ...] = ()
    session: bool = False
    broken: bool = False


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
