from __future__ import annotations

from collections import defaultdict
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--refresh", action="store_true", help="write what came out into the documents, to be read as a diff"
    )


@pytest.fixture(scope="session")
def refresh(request: pytest.FixtureRequest):
    """A function that takes an example and what came out; with --refresh, the documents are rewritten at the end."""
    changes = defaultdict(list)
    yield (
        (lambda example, came: changes[example.document].append((example, came)))
        if request.config.option.refresh
        else None
    )
    for document, changed in changes.items():
        lines = document.read_text().split("\n")
        for example, came in sorted(changed, key=lambda change: change[0].line, reverse=True):
            fence = ["```problems", *came.rstrip("\n").split("\n"), "```"] if came else []
            if example.problems_at:
                lines[slice(*example.problems_at)] = fence
            elif fence:
                end = example.line + example.text.count("\n") + 1
                lines[end:end] = ["", *fence]
        document.write_text("\n".join(lines))
