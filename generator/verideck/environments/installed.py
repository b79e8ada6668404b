"""An interpreter in, the versions of what it has installed out, without running it or importing anything."""

from __future__ import annotations

import platform
import re
import sys
from importlib import metadata
from pathlib import Path

from verideck.files import read_text

_TENSORFLOWS = ("tensorflow", "tensorflow-cpu", "tensorflow-intel", "tensorflow-macos", "tf-nightly")
_VERSION = re.compile(r"^version(?:_info)?\s*=\s*(\d+\.\d+)", re.MULTILINE)


def python_version(interpreter: Path | None = None) -> str:
    """Python's version, such as `3.11`.

    An interpreter is the `python` of a virtual environment; none is the running one. Raises `ValueError` where no
    pyvenv.cfg (https://docs.python.org/3/library/venv.html) says what it is.
    """
    if _running(interpreter):
        return ".".join(platform.python_version_tuple()[:2])
    assert interpreter is not None
    settings = interpreter.parent.parent / "pyvenv.cfg"
    text = read_text(settings, str(settings))
    match = _VERSION.search(text) if isinstance(text, str) else None
    if match is None:
        message = f"{interpreter} is not the Python of a virtual environment"
        raise ValueError(message)
    return match[1]


def tensorflow_version(interpreter: Path | None = None) -> str:
    """TensorFlow's version, under whichever of its names it is installed; empty where it is not."""
    return next(filter(None, (version_of(name, interpreter) for name in _TENSORFLOWS)), "")


def version_of(distribution: str, interpreter: Path | None = None) -> str:
    """The version of a distribution; empty where it is not installed."""
    path = sys.path if _running(interpreter) else [str(_site_packages(interpreter))]
    found = metadata.distributions(name=distribution, path=path)
    return next((one.version for one in found), "")


def _running(interpreter: Path | None) -> bool:
    return interpreter is None or interpreter == Path(sys.executable)


def _site_packages(interpreter: Path | None) -> Path:
    assert interpreter is not None
    root = interpreter.parent.parent
    if interpreter.suffix == ".exe":
        return root / "Lib/site-packages"
    return root / f"lib/python{python_version(interpreter)}/site-packages"
