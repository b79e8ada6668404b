"""What evidence is evidence of: keys of snippets."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator

from verideck.model import Card, Snippet


def keys_of(card: Card) -> tuple[str, ...]:
    """A key for each of the card's snippets, in order.

    It changes with whatever the verdict depends on: the snippet's code and wanted outputs, the
    exception that it must raise, and all the code that runs before it on the card. It does not change
    with the card's text, its place in the file, or limits.
    """
    return tuple(_keys(card.snippets()))


def _keys(snippets: Iterator[Snippet]) -> Iterator[str]:
    before = ""
    for snippet in snippets:
        options = snippet.options
        runs = [before, snippet.code, options.raises, bool(options.no_run), options.gpu, options.tensorflow]
        wants = [[output.tensorflow, output.text] for output in snippet.outputs]
        before = _hash(runs)
        yield _hash([before, wants])


def _hash(value: object) -> str:
    return hashlib.sha256(json.dumps(value).encode()).hexdigest()[:20]
