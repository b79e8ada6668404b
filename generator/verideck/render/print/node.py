"""What the templates read: JSON trees whose every node names its type under `t`."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Value: TypeAlias = "str | int | bool | Sequence[Value] | Mapping[str, Value] | None"
Node: TypeAlias = "dict[str, Value]"


def node(kind: str, **fields: Value) -> Node:
    """Make a node of type `kind` with `fields`."""
    return {"t": kind, **fields}


def text(string: str) -> Node:
    """Make a node that prints `string` as it is."""
    return node("text", s=string)
