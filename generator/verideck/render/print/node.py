"""What the templates read: JSON trees whose every node names its type under `t`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeAlias

Value: TypeAlias = "str | int | bool | None | Sequence[Value] | Mapping[str, Value]"
Node: TypeAlias = "dict[str, Value]"


def node(kind: str, **fields: Value) -> Node:
    """A node of type `kind` with `fields`."""
    return {"t": kind, **fields}


def text(string: str) -> Node:
    """A node that prints `string` as it is."""
    return node("text", s=string)
