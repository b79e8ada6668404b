"""The environments in the user's cache: where they lie, which there are, and how they go."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from verideck.environments.installed import python_version
from verideck.files import read_text, write

_MARKER = "verideck.json"
_FOLDER = re.compile(
    r"(?P<tensorflow>\d+(\.\d+)*((a|b|rc)\d+)?(\.post\d+)?(\.dev\d+)?(\+[a-z0-9.]+)?)"  # PEP 440, normalised
    r"-py(?P<python>\d+\.\d+)(-[0-9a-f]{8})?"
)


@dataclass(frozen=True, slots=True)
class Kept:
    """An environment in the cache: its versions, and what was required besides TensorFlow.

    `whole`: it was made to its end, and its Python is still there. `used` is when that was last needed (Unix seconds).
    """

    path: Path
    tensorflow: str
    python: str
    requires: tuple[str, ...]
    used: float
    whole: bool

    @property
    def interpreter(self) -> Path:
        """Its Python."""
        return interpreter_in(self.path)

    def size(self) -> int:
        """The bytes of its files; those that it shares with uv's own cache count too."""
        return sum(_bytes(Path(folder) / name) for folder, _, names in os.walk(self.path) for name in names)


def interpreter_in(folder: Path) -> Path:
    """The Python of the virtual environment in a folder."""
    return folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def shelf() -> Path:
    """The folder that holds the environments, below the user's cache folder; `XDG_CACHE_HOME` is honoured."""
    from platformdirs import user_cache_path

    return user_cache_path("verideck", appauthor=False) / "environments"


def kept() -> tuple[Kept, ...]:
    """The environments that there are, half-made ones too, the oldest TensorFlow first."""
    from packaging.version import Version

    folders = sorted(shelf().iterdir()) if shelf().is_dir() else []
    named = [(folder, match) for folder in folders if (match := _FOLDER.fullmatch(folder.name))]
    found = [_read(folder, match["tensorflow"], match["python"]) for folder, match in named]
    return tuple(sorted(found, key=lambda one: (Version(one.tensorflow), one.python, one.requires)))


def place(tensorflow: str, python: str, requires: tuple[str, ...]) -> Path:
    """The folder of an environment; its name tells the versions, and what is required by a hash."""
    short = hashlib.sha256("\n".join(requires).encode()).hexdigest()[:8]
    return shelf() / f"{tensorflow}-py{python}{f'-{short}' if requires else ''}"


def finish(folder: Path, tensorflow: str, python: str, requires: tuple[str, ...]) -> Kept:
    """Mark an environment as whole: done last, so that one that was left half-made is never taken for it."""
    write(folder / _MARKER, json.dumps({"requires": requires}).encode())
    return _read(folder, tensorflow, python)


def use(one: Kept) -> None:
    """Remember that it was needed now."""
    with suppress(OSError):  # a cache that may only be read serves as well
        os.utime(one.path / _MARKER)


def remove(one: Kept, say: Callable[[str], None]) -> None:
    """Remove an environment; a run that uses it at this time fails. `say` is told, if it has to wait."""
    with alone(say):
        clear(one.path)


def clear(folder: Path) -> None:
    """Remove what there is of an environment; first its mark, so that nobody takes the rest for whole."""
    (folder / _MARKER).unlink(missing_ok=True)
    if folder.exists():
        shutil.rmtree(folder)


@contextmanager
def alone(say: Callable[[str], None]) -> Iterator[None]:
    """Only one run at a time makes or removes environments; the others wait, and `say` is told."""
    from filelock import FileLock, Timeout

    shelf().mkdir(parents=True, exist_ok=True)
    lock = FileLock(shelf() / ".lock")
    try:
        lock.acquire(timeout=0)
    except Timeout:
        say("another run is making an environment: waiting for it")
        lock.acquire()
    try:
        yield
    finally:
        lock.release()


def _read(folder: Path, tensorflow: str, python: str) -> Kept:
    marker = folder / _MARKER
    requires = _requirements(marker)
    whole = requires is not None and _has_python(folder)
    used = _time(marker) or _time(folder)
    return Kept(folder, tensorflow, python, requires or (), used, whole)


def _has_python(folder: Path) -> bool:
    """Whether its Python, which is a link and may lead nowhere, is there, and pyvenv.cfg tells its version."""
    try:
        return interpreter_in(folder).exists() and bool(python_version(interpreter_in(folder)))
    except ValueError:
        return False


def _time(path: Path) -> float:
    """When it was last written (Unix seconds); 0, if it has gone meanwhile, as another run may see to."""
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0


def _bytes(path: Path) -> int:
    try:
        return path.lstat().st_size
    except OSError:
        return 0


def _requirements(marker: Path) -> tuple[str, ...] | None:
    """What the mark says was required; nothing where there is no mark, or not one of ours."""
    text = read_text(marker, str(marker))
    try:
        return tuple(json.loads(text)["requires"]) if isinstance(text, str) else None
    except (ValueError, TypeError, KeyError):
        return None
