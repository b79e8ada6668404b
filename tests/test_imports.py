"""Data flows one way, and so do imports: a room knows only those to its left."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "generator/verideck"
ORDER = [
    "__init__", "model", "nearest", "page", "markdown", "files",
    "parse", "deck", "project", "resolve",
    "isolate", "environments", "verify", "lock", "edition",
    "templates", "render", "publish",
    "report", "commands", "__main__",
]  # fmt: skip
MODULES = sorted(PACKAGE.rglob("*.py"))


def room(module: Path) -> str:
    return module.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imported(module: Path) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(module.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def test_every_room_has_its_place_in_the_order() -> None:
    assert {room(module) for module in MODULES} == set(ORDER)


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.relative_to(PACKAGE).as_posix())
def test_imports_point_to_the_left(module: Path) -> None:
    mine = ORDER.index(room(module))
    for name in imported(module):
        if name.startswith("verideck."):
            part = name.split(".")[1]
            other = part if part in ORDER else "__init__"
            assert ORDER.index(other) <= mine, name


def test_the_isolated_side_knows_the_standard_library_and_itself() -> None:
    for module in (PACKAGE / "isolate").rglob("*.py"):
        for name in imported(module):
            assert name.startswith("verideck.isolate") or name.split(".")[0] in sys.stdlib_module_names, name


def test_anki_is_never_imported_by_the_tool() -> None:
    for module in MODULES:
        assert not {name for name in imported(module) if name.split(".")[0] in ("anki", "aqt")}


def test_a_module_is_a_room_not_a_house() -> None:
    assert {module.name: n for module in MODULES if (n := len(module.read_text().splitlines())) > 210} == {}
