"""A part of the work, so that several machines can share it without knowing of one another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from verideck.model import Note


@dataclass(frozen=True, slots=True)
class Shard:
    """The `index`-th, from 1, of `total` parts. `status_file` is to be made, to say that shards are understood."""

    index: int = 1
    total: int = 1
    status_file: str = ""

    def share(self, notes: Sequence[Note]) -> list[Note]:
        """The notes of this shard: of those with snippets each `total`-th, so that any two shards have none in common.

        A shard gets its part of every file, since cards that take long tend to stand together.
        """
        with_snippets = [note for note in notes if any(True for _ in note.card.snippets())]
        return with_snippets[self.index - 1 :: self.total] if self.total > 1 else list(notes)
