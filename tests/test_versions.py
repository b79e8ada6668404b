"""Snippets on several versions of TensorFlow, in environments that uv makes."""

from __future__ import annotations

import json
import os
from importlib import metadata
from pathlib import Path

import pytest
from test_cli import verideck

from cards import GOOD
from examples import DECK, lay_out

HERE = metadata.version("tensorflow")
OLDER = "2.15.1"

CARDS = """\
# Which Keras is this? {#keras}

It depends.

```python
import keras
print(keras.__version__.split(".")[0])
```

```output tensorflow=">=2.16"
3
```

```output
2
```

```python tensorflow="<2.16"
import tensorflow as tf
print(hasattr(tf.keras.losses, "Reduction"))
```

```output
True
```

```python tensorflow=">=2.16"
import tensorflow as tf
print(hasattr(tf.keras, "ops"))
```

```output
True
```

# Is there `tf.keras.ops`? {#ops}

Since Keras 3.

```python
import tensorflow as tf
print(hasattr(tf.keras, "ops"))
```

```output
True
```

# Does it work, too? {#works}

Yes.

```python
import tensorflow as tf
tf.print(tf.function(lambda x: tf.matmul(x, x))(tf.ones((2, 2))))
```

```output
[[2 2] [2 2]]
```
"""


def test_the_version_that_is_here_needs_no_environment(tmp_path: Path) -> None:
    lay_out(tmp_path, f"# One? {{#one}}\n\nYes.\n\n```python\nimport tensorflow as tf\n```\n\n{GOOD}")
    cache = tmp_path / "cache"
    result = verideck(tmp_path, "verify", "--format", "json", "--tensorflow", HERE, XDG_CACHE_HOME=str(cache))
    assert result.returncode == 0, result.stderr
    assert {snippet["tensorflow"] for snippet in json.loads(result.stdout)["snippets"]} == {HERE}
    assert not [path for path in cache.rglob("*") if path.is_file()]


def test_the_version_that_is_here_runs_with_our_path(tmp_path: Path) -> None:
    (tmp_path / "modules").mkdir()
    (tmp_path / "modules/beside_us.py").touch()
    path = os.pathsep.join([str(tmp_path / "modules"), os.environ.get("PYTHONPATH", "")])
    lay_out(tmp_path, "# One? {#one}\n\nYes.\n\n```python\nimport beside_us\n```\n")
    result = verideck(tmp_path, "verify", "--tensorflow", HERE, PYTHONPATH=path)
    assert (result.returncode, result.stderr) == (0, "")


def test_environments_of_all_decks_come_before_any_run(tmp_path: Path) -> None:
    lay_out(tmp_path, f"# One? {{#one}}\n\nYes.\n\n{GOOD}", DECK + f'\n[verify]\nmatrix = ["{HERE}"]\n')
    (tmp_path / "cards/later").mkdir()
    (tmp_path / "cards/later/deck.toml").write_text('id = "later"\nname = "Later"\n[verify]\nmatrix = ["1.0"]\n')
    (tmp_path / "cards/later/01.md").write_text("# Two? {#two}\n\nYes.\n")
    result = verideck(tmp_path, "verify", "--matrix", XDG_CACHE_HOME=str(tmp_path / "cache"))
    assert (result.returncode, result.stdout) == (2, "")
    assert "TensorFlow 1.0.0 is too old" in result.stderr
    assert not (tmp_path / "cards/demo/deck.lock").exists()


def test_what_is_no_version_is_refused_in_a_sentence(tmp_path: Path) -> None:
    lay_out(tmp_path, f"# One? {{#one}}\n\nYes.\n\n{GOOD}")
    result = verideck(tmp_path, "verify", "--tensorflow", "banana")
    assert (result.returncode, result.stdout) == (2, "")
    assert "“banana” is not a version of TensorFlow: write one such as 2.15.1" in result.stderr


def test_a_matrix_has_to_be_there(tmp_path: Path) -> None:
    lay_out(tmp_path, f"# One? {{#one}}\n\nYes.\n\n{GOOD}")
    result = verideck(tmp_path, "verify", "--matrix")
    assert result.returncode == 2
    assert "cards/demo/deck.toml has no matrix" in result.stderr


@pytest.mark.slow
def test_a_table_of_snippets_by_version(tmp_path: Path) -> None:
    lay_out(tmp_path, CARDS, DECK + f'\n[verify]\nmatrix = ["{OLDER}", "{HERE}"]\n')
    text = verideck(tmp_path, "verify", "--matrix")
    assert text.returncode == 1, text.stderr
    again = f"    again: verideck verify --fresh --tensorflow {OLDER} cards/demo/01-example.md --card ops\n"
    assert text.stderr.count("VD501") == 1
    assert again in text.stderr
    lines = {5: "pass  pass", 18: "pass  -", 27: "-  pass", 40: "FAIL  pass", 53: "pass  pass"}
    table = text.stdout.splitlines()[-6:]
    assert table[0].split() == ["demo:", "TensorFlow", OLDER, HERE]
    rows = [f"cards/demo/01-example.md:{line} {cells}".split() for line, cells in lines.items()]
    assert [line.split() for line in table[1:]] == rows
    lock = [json.loads(line) for line in (tmp_path / "cards/demo/deck.lock").read_text().splitlines()]
    known = {(card["card"], e["tensorflow"], e["keras"][0], e["outcome"]) for card in lock for e in card["evidence"]}
    assert known == {
        ("keras", OLDER, "2", "pass"), ("keras", HERE, "3", "pass"), ("works", OLDER, "2", "pass"),
        ("works", HERE, "3", "pass"), ("ops", OLDER, "2", "fail"), ("ops", HERE, "3", "pass"),
    }  # fmt: skip
    told = json.loads(verideck(tmp_path, "verify", "--matrix", "--format", "json").stdout)
    found = [(s["card"], s["tensorflow"], s["outcome"], s["reused"]) for s in told["snippets"] if s["card"] != "keras"]
    assert found == [
        ("ops", OLDER, "fail", False), ("works", OLDER, "pass", True), ("ops", HERE, "pass", True),
        ("works", HERE, "pass", True),
    ]  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("isolation", ["spawn", "cold"])
def test_other_versions_run_without_a_fork_too(tmp_path: Path, isolation: str) -> None:
    lay_out(tmp_path, CARDS[CARDS.index("# Does it work") :])
    result = verideck(tmp_path, "verify", "--tensorflow", OLDER, "--isolation", isolation, "--format", "json")
    assert result.returncode == 0, result.stdout
    told = json.loads(result.stdout)
    assert (told["isolation"], told["snippets"][0]["tensorflow"]) == (isolation, OLDER)
