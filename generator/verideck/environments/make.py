"""uv makes an environment: which Python it gets, what is installed, and what is said where that fails."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from packaging.version import Version

from verideck.environments.installed import python_version
from verideck.environments.kept import Kept, clear, finish, interpreter_in, place, shelf

_UNRESOLVED = 1  # uv's exit status where requirements cannot be met; 2 is a network that fails, or a full disk
_OLDEST_PYTHON = (3, 10)  # that can run our isolated side
_OLDEST = "2.12"  # TensorFlow that says which NumPy it needs: what is older comes with one that it cannot load

_Say = Callable[[str], None]


class CannotMakeError(Exception):
    """There is no such environment, and it cannot be made; the text says why, and what to do."""


class _UvError(Exception):
    """What uv said on standard error, and its exit status."""

    def __init__(self, status: int, said: str) -> None:
        super().__init__(said)
        self.status = status


@dataclass(frozen=True, slots=True)
class _Python:
    version: str
    path: str


def make(tensorflow: str, requires: tuple[str, ...], say: _Say) -> Kept:
    """Make the environment, whatever half-made one is in its place; call it only `alone`.

    Whatever ends it early, Ctrl-C too, removes it again. Bytecode is compiled: imports that have to compile take
    almost three times as long. Only wheels are installed, so that no package runs a build script here.
    """
    if Version(tensorflow) < Version(_OLDEST):
        message = f"TensorFlow {tensorflow} is too old: {_OLDEST} is the oldest that environments are made with"
        raise CannotMakeError(message)
    requirements = [f"tensorflow=={tensorflow}", *requires]
    python = _python_for(tensorflow, requirements)
    folder = place(tensorflow, python.version, requires)
    try:
        say(f"making an environment with TensorFlow {tensorflow} for Python {python.version} in {folder}")
        clear(folder)
        _uv("venv", "--quiet", "--no-project", "--python", python.path, str(folder))
        say(f"installing {', '.join(requirements)}: up to some minutes, once")
        target = ["--python", str(interpreter_in(folder))]
        _uv("pip", "install", "--quiet", *target, "--no-build", "--compile-bytecode", *requirements)
        return finish(folder, tensorflow, python.version, requires)
    except _UvError as error:
        clear(folder)
        message = f"the environment with TensorFlow {tensorflow} could not be made; uv says:\n{error}"
        raise CannotMakeError(message) from None
    except BaseException:
        clear(folder)
        raise


def _python_for(tensorflow: str, requirements: list[str]) -> _Python:
    """The running Python, if there are wheels for it, else another that is installed here and has them."""
    refusals: dict[str, str] = {}
    for python in _pythons():
        refusals[python.version] = _refusal(tensorflow, requirements, python)
        if not refusals[python.version]:
            return python
    what = " and ".join([f"TensorFlow {tensorflow}", *requirements[1:]])
    message = (
        f"there is no {what} for Python {' or '.join(refusals)}; uv says:\n{next(iter(refusals.values()))}\n"
        "Choose another version, or install a Python that it is for, such as with `uv python install 3.11`."
    )
    raise CannotMakeError(message)


def _refusal(tensorflow: str, requirements: list[str], python: _Python) -> str:
    """What uv says where the requirements cannot be met for this Python; empty, where they can be."""
    try:
        _uv("pip", "compile", "-", "--quiet", "--no-build", "--python", python.path, given="\n".join(requirements))
    except _UvError as error:
        if error.status == _UNRESOLVED:
            return str(error)
        message = f"what TensorFlow {tensorflow} needs could not be looked up; uv says:\n{error}"
        raise CannotMakeError(message) from None
    return ""


def _pythons() -> Iterator[_Python]:
    """The running Python, then the others that uv finds, the newest first, one of each version."""
    seen = {python_version()}
    yield _Python(python_version(), sys.executable)
    for found in json.loads(_uv("python", "list", "--only-installed", "--output-format", "json")):
        numbers = (found["version_parts"]["major"], found["version_parts"]["minor"])
        version = "{}.{}".format(*numbers)
        usual = found["implementation"] == "cpython" and found["variant"] == "default"
        if usual and numbers >= _OLDEST_PYTHON and version not in seen:
            seen.add(version)
            yield _Python(version, found["path"])


def _uv(*arguments: str, given: str = "") -> str:
    """Run uv and return what it prints. Its settings are the user's: an index, a proxy, a cache of its own.

    It runs in the folder of environments, so that no project's settings count. Raises `_UvError`.
    """
    command = [_program(), "--no-progress", "--color", "never", *arguments]
    done = subprocess.run(  # noqa: S603 - uv, and arguments that were checked: versions, requirements, our own paths
        command, input=given, capture_output=True, text=True, encoding="utf-8", cwd=shelf(), check=False
    )
    if done.returncode:
        lines = [line.rstrip() for line in done.stderr.splitlines() if line.strip()]
        raise _UvError(done.returncode, "\n".join(f"    {line}" for line in lines[-12:]))
    return done.stdout


def _program() -> str:
    """Where uv is: the package beside us, or else the one on the path."""
    try:
        from uv import find_uv_bin

        return os.fspath(find_uv_bin())
    except (ImportError, FileNotFoundError):
        found = shutil.which("uv")
    if found is None:
        message = "environments of other versions are made by uv, and it is not here: run `pip install uv`"
        raise CannotMakeError(message)
    return found
