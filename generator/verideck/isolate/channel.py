"""The way out of a process, for what it has to say."""

from __future__ import annotations

import json
import os
from typing import Any


class Channel:
    """The way out of a child: events, each a line of JSON, on a descriptor that snippets do not know."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    def send(self, event: dict[str, Any]) -> None:
        """Send one event; returns when it is out."""
        line = json.dumps(event).encode() + b"\n"
        while line:
            line = line[os.write(self._descriptor, line) :]

    def close(self) -> None:
        """Give up the descriptor, as a child does with its server's."""
        os.close(self._descriptor)
