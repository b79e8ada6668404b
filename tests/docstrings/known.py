"""Where TensorFlow's documentation shows something else than what comes, and its own checker does not say so."""

from __future__ import annotations

KNOWN: dict[str, str] = {}
