"""The two ways to which ours is compared, in one program: `baseline.py CARDS ANSWERS` runs cards in its own process.

With one card a process it is a cold interpreter each; with all cards at once, one shared process. CARDS is a JSON list
of objects with `id` and `code`; ANSWERS gets one JSON object a line, with `id`, `got` and `raised` (or null). A snippet
is run by the code that runs it in our own children; only TensorFlow is imported, and what the snippets import.
"""

from __future__ import annotations

import json
import linecache
import logging
import os
import random
import sys
import tempfile
import types
from pathlib import Path
from typing import Any

from verideck.isolate import execute


def main(cards: Path, answers: Path) -> None:
    """Run the cards and write what came out."""
    with tempfile.TemporaryFile() as capture, answers.open("w", encoding="utf-8") as lines:
        os.dup2(capture.fileno(), 1)
        os.dup2(capture.fileno(), 2)
        import tensorflow as tf

        for name in ("tensorflow", "absl"):
            logging.getLogger(name).setLevel(logging.ERROR)
        for card in json.loads(cards.read_text(encoding="utf-8")):
            random.seed(0)
            sys.modules["numpy"].random.seed(0)
            tf.random.set_seed(0)
            lines.write(json.dumps({"id": card["id"], **run(card, capture.fileno())}) + "\n")


def run(card: dict[str, str], capture: int) -> dict[str, Any]:
    """Run one card in a fresh `__main__`."""
    path, code = f"{card['id']}.md", card["code"]
    module = sys.modules["__main__"] = types.ModuleType("__main__")
    linecache.cache[path] = (len(code), None, code.splitlines(keepends=True), path)
    snippet = {"code": code, "line": 1, "session": False, "raises": ""}
    outcome = execute.run_snippet(snippet, execute.Interpreter(path, module.__dict__, capture))
    return {"got": "".join(outcome["got"]), "raised": outcome["raised"] and outcome["raised"]["summary"]}


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
