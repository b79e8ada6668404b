"""Where the templates are."""

from __future__ import annotations

from pathlib import Path

from verideck.files import read_tree


def find_templates(project: Path) -> Path:
    """The folder of templates: the project's own, else the packaged one, else that of the checkout.

    A folder is taken whole: a project that has its own gets nothing of ours. The packaged folder is looked for beside
    this file, never by import, since an editable install leaves an old copy elsewhere.
    """
    here = Path(__file__).parent
    candidates = (project / "templates", here / "templates", here.parent.parent / "templates")
    return next((folder for folder in candidates if folder.is_dir()), candidates[1])


def read_templates(project: Path, part: str) -> dict[str, bytes]:
    """The templates of one part (`anki`, `print`), by name relative to its folder."""
    return read_tree(find_templates(project) / part)
