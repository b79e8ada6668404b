"""What people install is the wheel, not the checkout."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from test_cli import GOOD, verideck

from examples import lay_out

ROOT = Path(__file__).parent.parent


@pytest.mark.slow
def test_the_wheel_builds_a_deck_elsewhere(tmp_path: Path) -> None:
    pip = [sys.executable, "-m", "pip"]
    subprocess.run([*pip, "wheel", "-q", "--no-deps", "-w", str(tmp_path), str(ROOT)], check=True)
    (wheel,) = tmp_path.glob("verideck-*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    for file in (ROOT / "templates").rglob("*"):
        if file.is_file():
            assert f"verideck/templates/{file.relative_to(ROOT / 'templates').as_posix()}" in names
    assert not [name for name in names if name.startswith(("tests/", "cards/", "build/"))]
    installed = tmp_path / "installed"
    subprocess.run([*pip, "install", "-q", "--no-deps", "--target", str(installed), str(wheel)], check=True)
    root = lay_out(tmp_path / "project", GOOD)
    result = verideck(root, "build", PYTHONPATH=str(installed))
    assert result.returncode == 0, result.stderr
    assert sorted(path.name for path in (root / "build").iterdir()) == [
        "demo-cards.pdf",
        "demo-study-sheet.pdf",
        "demo.apkg",
    ]
    where = subprocess.run(
        [sys.executable, "-c", "import verideck; print(verideck.__file__)"],
        env={"PYTHONPATH": str(installed)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert where.stdout.startswith(str(installed))
