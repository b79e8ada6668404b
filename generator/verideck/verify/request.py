"""What a server is told of a card."""

from __future__ import annotations

from verideck.verify.execution import Request
from verideck.verify.plan import Job
from verideck.verify.session import without_prompts


def request(number: int, job: Job, seed: int) -> Request:
    """A card's code at the card file's own lines, the limits, and the `number` by which the answer tells it."""
    settings = job.note.deck.verify
    snippets = [planned.snippet for planned in job.snippets if not planned.skip]
    lines: list[str] = []
    for snippet in sorted(snippets, key=lambda snippet: snippet.span.line):
        code = without_prompts(snippet.code) if snippet.session else snippet.code
        lines += [""] * (snippet.span.line - len(lines)) + code.rstrip("\n").split("\n")
    return {
        "id": number,
        "path": job.note.card.span.path,
        "text": "\n".join(lines) + "\n",
        "seed": seed,
        "memory": settings.memory * 1024 * 1024,
        "snippets": [
            {
                "code": snippet.code,
                "line": snippet.span.line + 1,
                "session": snippet.session,
                "raises": snippet.options.raises,
                "timeout": snippet.options.timeout or settings.timeout,
            }
            for snippet in snippets
        ],
    }
