"""TensorFlow's own checker, which ships in its wheel, asked as its `tf_doctest.py` asks it."""

from __future__ import annotations

import doctest
import importlib.util
import re
from pathlib import Path
from typing import Any

from docstrings.run import Ran

FLAGS = (
    doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE | doctest.IGNORE_EXCEPTION_DETAIL | doctest.DONT_ACCEPT_BLANKLINE
)
HEADER = "Traceback (most recent call last):\n"


def checker() -> Any:
    """A `TfDoctestOutputChecker`, from its file: importing it by name would import all of TensorFlow."""
    package = importlib.util.find_spec("tensorflow")
    assert package
    assert package.submodule_search_locations
    file = Path(next(iter(package.submodule_search_locations)), "tools/docs/tf_doctest_lib.py")
    spec = importlib.util.spec_from_file_location("tf_doctest_lib", file)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.TfDoctestOutputChecker()


def agrees(theirs: Any, example: Ran) -> bool:
    """Whether their checker lets an example pass; of an exception, as Python's `doctest` does it, by type alone."""
    printed, header, raised = example.got.partition(HEADER)
    if not header:
        return bool(theirs.check_output(example.want, printed, FLAGS))
    if not example.message:
        return False
    if theirs.check_output(example.message, raised, FLAGS):
        return True
    return bool(theirs.check_output(_type(example.message), _type(raised), FLAGS))


def _type(message: str) -> str:
    """An exception's type: without its message and its module."""
    return re.split(r"[:\n]", message, maxsplit=1)[0].rpartition(".")[2]
