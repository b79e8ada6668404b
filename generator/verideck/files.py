"""The one place that reads files, and the one that writes them."""

from __future__ import annotations

import os
import tempfile
from contextlib import suppress
from pathlib import Path

from verideck.model import Problem, Span

LARGEST = 2 * 1024 * 1024  # bytes; a deck of thousands of cards fits, a file given by mistake does not


def read_text(path: Path, shown: str, largest: int = LARGEST) -> str | Problem:
    """The text of a file that a person wrote, or the problem with it.

    `shown` is the path that the problem names. Refuses what has more bytes than `largest` (before reading
    it), is not UTF-8, or holds NUL bytes.
    """
    try:
        size = path.stat().st_size
        if size > largest:
            message = f"this file has {size / 1048576:.0f} MB; no more than {largest // 1048576} MB are read"
            return Problem(Span(shown, 1), "VD001", message, "split it into several files of cards")
        content = path.read_bytes()
    except OSError as error:
        return Problem(
            Span(shown, 1), "VD002", f"cannot be read: {error.strerror}", "check that it is there and yours to read"
        )
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        before = content[: error.start]
        column = len(before[before.rfind(b"\n") + 1 :].decode()) + 1
        message = f"this is not UTF-8: byte 0x{content[error.start]:02x}"
        return Problem(Span(shown, before.count(b"\n") + 1, column), "VD003", message, "save the file as UTF-8")
    if "\0" in text:
        line = text[: text.index("\0")].count("\n") + 1
        return Problem(Span(shown, line), "VD003", "this is not text: it holds a NUL character", "remove it")
    return text


def read_tree(folder: Path) -> dict[str, bytes]:
    """Every file below `folder`, by its path relative to it, with forward slashes; hidden ones are left out."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    named = {path.relative_to(folder).as_posix(): path for path in files}
    return {name: path.read_bytes() for name, path in named.items() if not name.startswith(".") and "/." not in name}


def write(path: Path, content: bytes) -> None:
    """Replace a file in one step: written beside, flushed to the disk, renamed over.

    Whoever reads meanwhile sees the old content or the new, never a part. Nothing is written where
    the file has this content already, so that its time stays. Raises `OSError` with the name of the file.
    """
    try:
        _replace(path.resolve(), content)
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(path)) from error


def _replace(path: Path, content: bytes) -> None:
    with suppress(OSError):
        if path.read_bytes() == content:
            return
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, beside = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        mode = path.stat().st_mode & 0o777 if path.exists() else 0o666 & ~_umask()
        Path(beside).chmod(mode)
        Path(beside).replace(path)
    except BaseException:
        Path(beside).unlink(missing_ok=True)
        raise


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
