"""Problems as SARIF 2.1.0, which code scanning services and editors read.

The standard: OASIS, *Static Analysis Results Interchange Format (SARIF) Version 2.1.0*
(docs.oasis-open.org/sarif/sarif/v2.1.0). What GitHub wants of it: docs.github.com, *SARIF support for code scanning*.
One rule of the standard is left aside, as by other tools: braces in a message are not doubled (§3.11.5), since
readers show a message without arguments as it is.
"""

from __future__ import annotations

import hashlib
import os
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import quote

from verideck import __version__
from verideck.model import Problem, Span
from verideck.report.problems import by_line, whole_message
from verideck.report.rules import RULES

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_BASE = "PROJECTROOT"
_FINGERPRINT = "problemHash/v1"  # a name of ours: GitHub's own key must hold what its uploader computes


def as_sarif(problems: Iterable[Problem], texts: Mapping[str, str]) -> dict[str, Any]:
    """A SARIF log with one run. `texts` holds the files by path, for the fingerprints.

    Paths are relative to the project, whose own place is left open: the log is the same on every machine.
    """
    problems = list(problems)
    driver = {"name": "Verideck", "version": __version__, "rules": [_rule(code) for code in RULES]}
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {_BASE: {"description": {"text": "The project: the folder that holds cards/."}}},
        "results": [
            _result(problem, mark) for problem, mark in zip(problems, _fingerprints(problems, texts), strict=True)
        ],
    }
    return {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}


def _rule(code: str) -> dict[str, Any]:
    said = f"{RULES[code][0].upper()}{RULES[code][1:]}."
    return {
        "id": code,
        "shortDescription": {"text": said},
        "fullDescription": {"text": said},
        "help": {"text": f"The message of each result ends with a hint. FORMAT.md, “What is refused”, lists {code}."},
    }


def _result(problem: Problem, fingerprint: str) -> dict[str, Any]:
    location = {"uri": quote(os.fsencode(problem.span.path)), "uriBaseId": _BASE}
    return {
        "ruleId": problem.code,
        "ruleIndex": list(RULES).index(problem.code),
        "level": problem.severity,
        "message": {"text": whole_message(problem)},
        "locations": [{"physicalLocation": {"artifactLocation": location, "region": _region(problem.span)}}],
        "partialFingerprints": {_FINGERPRINT: fingerprint},
    }


def _region(span: Span) -> dict[str, int]:
    """`endColumn` is the column behind the last character (§3.30.8)."""
    return {"startLine": span.line, "startColumn": span.column, "endColumn": span.column + span.width}


def _fingerprints(problems: Iterable[Problem], texts: Mapping[str, str]) -> Iterator[str]:
    """What stays when lines move: the code and the line's text, counted where a file has the same twice."""
    lines = by_line(texts)
    seen: Counter[tuple[str, str]] = Counter()
    for problem in problems:
        span = problem.span
        line = "".join(lines.get(span.path, [])[span.line - 1 : span.line])
        mark = hashlib.sha256(" ".join([problem.code, *line.split()]).encode()).hexdigest()[:16]
        seen[span.path, mark] += 1
        yield f"{mark}:{seen[span.path, mark]}"
