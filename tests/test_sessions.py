from __future__ import annotations

from pathlib import Path

import pytest

from examples import lay_out
from verideck.edition import editions
from verideck.model import Verdict
from verideck.project import load
from verideck.verify import verify

CARD = "# Asked? {{#a}}\n\nAnswered.\n\n```python\n{code}```\n"
SOURCE = """\
>>> import inspect
>>> def double(x):
...     return 2 * x
>>> print(inspect.getsource(double))
def double(x):
    return 2 * x
"""
AUTOGRAPH = """\
>>> import tensorflow as tf
>>> @tf.function
... def sign(x):
...     if x > 0:
...         return 1
...     else:
...         return -1
>>> print(sign(tf.constant(-3.0)))
tf.Tensor(-1, shape=(), dtype=int32)
"""


def verdict(root: Path, code: str) -> Verdict:
    (edition,), problems = editions(load(lay_out(root, CARD.format(code=code))))
    assert problems == ()
    (found,) = verify(edition.notes, {}, "fresh").verdicts
    return found


@pytest.mark.parametrize("code", [SOURCE, AUTOGRAPH], ids=["inspect", "AutoGraph"])
def test_the_code_of_a_session_can_be_read_from_within(tmp_path: Path, code: str) -> None:
    found = verdict(tmp_path, code)
    assert found.outcome == "pass", found.reason
