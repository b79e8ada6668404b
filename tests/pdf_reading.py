"""Reading PDFs back: what they say, and where on the page."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pypdfium2
from pypdf import PageObject, PdfReader

MM = 72 / 25.4


@dataclass(frozen=True)
class Words:
    """A piece of text, and where it starts: millimetres from the left and from the bottom of the page."""

    text: str
    x: float
    y: float


def pages(pdf: bytes) -> list[str]:
    return [page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages]


def squashed(text: str) -> str:
    """What is left when lines and words break elsewhere, with the arrow that marks a folded line."""
    return "".join(text.replace("↪", "").split())


def said(pdf: bytes) -> str:
    return squashed("".join(pages(pdf)))


def placed(page: PageObject) -> list[Words]:
    found: list[Words] = []

    def visit(text: str, cm: list[float], tm: list[float], _font: Any, _size: float) -> None:
        if text.strip():
            x, y = cm[0] * tm[4] + cm[2] * tm[5] + cm[4], cm[1] * tm[4] + cm[3] * tm[5] + cm[5]
            found.append(Words(text.strip(), x / MM, y / MM))

    page.extract_text(visitor_text=visit)
    return found


def faces(pdf: bytes) -> list[list[Words]]:
    return [placed(page) for page in PdfReader(io.BytesIO(pdf)).pages]


def letter_boxes(path: Path) -> Iterator[tuple[float, float, float, float]]:
    """Left, top, right and bottom of each printed letter of a PDF, in points from the top left corner of its page."""
    document = pypdfium2.PdfDocument(path)
    try:
        for page in document:
            height, text = page.get_height(), page.get_textpage()
            for index in range(text.count_chars()):
                if not text.get_text_range(index, 1).isspace():
                    left, bottom, right, top = text.get_charbox(index)
                    yield left, height - top, right, height - bottom
            text.close()
            page.close()
    finally:
        document.close()
