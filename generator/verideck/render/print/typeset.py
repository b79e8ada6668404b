"""Typst, and the little that it needs to give the same bytes everywhere."""

from __future__ import annotations

import json
import re
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import typst

if TYPE_CHECKING:
    from collections.abc import Mapping

    from verideck.render.print.node import Node

# The earliest date that a zip archive can hold stands for "unknown" in both kinds of output.
NO_DATE = 315532800
DATA = "deck.json"


class TemplateError(ValueError):
    """A template is missing or Typst cannot set it; the message says which, where and why."""


def typeset(template: str, data: Node, templates: Mapping[str, bytes], timestamp: int) -> bytes:
    """Return the PDF that `template` makes of `data`, which it reads with `json("deck.json")`.

    `templates` are all files that it may import or read, by relative name; fonts among them can be used
    beside those that Typst brings along. The system's fonts are left out, as they differ from machine to
    machine. `timestamp` (Unix seconds, 0 for none) is the PDF's date. Raises `TemplateError`.
    """
    if template not in templates:
        message = f"the print templates hold no {template}"
        raise TemplateError(message)
    with tempfile.TemporaryDirectory(prefix="verideck-print-") as folder:
        root = Path(folder)
        for name, content in templates.items():
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        (root / DATA).write_text(json.dumps(data, ensure_ascii=False, sort_keys=True), encoding="utf-8")
        fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=True, font_paths=[root])
        try:
            return typst.compile(
                root / template, root=root, font_paths=fonts, format="pdf", timestamp=timestamp or NO_DATE
            )
        except typst.TypstError as error:
            raise TemplateError(_explained(template, error, folder)) from error


def _explained(template: str, error: typst.TypstError, folder: str) -> str:
    """Say what went wrong in `template`: Typst's own account of the place, without the calls that led there.

    The private folder goes from its paths, as it is gone when somebody reads this.
    """
    place, _, _ = error.diagnostic.strip().partition("\n\n")
    lines = "\n".join([f"{template}: {error.message}", *error.hints, place])
    return re.sub(rf"[^\s()]*{re.escape(Path(folder).name)}/", "", lines)
