from __future__ import annotations

from pathlib import Path

from click.testing import CliRunner

from examples import CARD, lay_out
from verideck.commands.verify import command

BEFORE = """\
# One? {#one}

Text that stays,   with its spaces.

```python
print("new")
print("```")
```

~~~output
old
~~~

```python
print("first")
```

* a list

```python
>>> x = 2
>>> x + 1
4
>>> print("a\\n\\nb")
```

# Two? {#two .output}

```python
print(40 + 2)
```
"""
AFTER = """\
# One? {#one}

Text that stays,   with its spaces.

```python
print("new")
print("```")
```

````output
new
```
````

```python
print("first")
```

```output
first
```

* a list

```python
>>> x = 2
>>> x + 1
3
>>> print("a\\n\\nb")
a
<BLANKLINE>
b
```

# Two? {#two .output}

```python
print(40 + 2)
```

```output
42
```
"""


def accept(root: Path):
    return CliRunner().invoke(command, ["--accept", str(root / "cards/demo")])


def test_what_came_out_is_written_and_nothing_else(tmp_path: Path) -> None:
    lay_out(tmp_path, BEFORE)
    result = accept(tmp_path)
    assert (tmp_path / CARD).read_text() == AFTER
    assert result.exit_code == 0, result.output
    assert accept(tmp_path).exit_code == 0
    assert (tmp_path / CARD).read_text() == AFTER


def test_line_ends_stay(tmp_path: Path) -> None:
    lay_out(tmp_path, "")
    (tmp_path / CARD).write_bytes(BEFORE.replace("\n", "\r\n").encode())
    accept(tmp_path)
    assert (tmp_path / CARD).read_bytes() == AFTER.replace("\n", "\r\n").encode()


def test_an_output_that_varies_is_refused(tmp_path: Path) -> None:
    text = "# One? {#one}\n\nYes.\n\n```python\nimport os\nprint(os.urandom(4).hex(), 'x')\n```\n\n```output\n1\n```\n"
    lay_out(tmp_path, text)
    result = accept(tmp_path)
    assert result.exit_code == 1
    assert f"{CARD}:5:1: VD511 the output of the snippet on line 5 is not the same each time" in result.output
    assert (tmp_path / CARD).read_text() == text


def test_an_output_that_hangs_on_the_seed_is_refused(tmp_path: Path) -> None:
    lay_out(
        tmp_path,
        "# One? {#one}\n\nYes.\n\n```python\nimport random\nprint(random.random())\n```\n\n```output\n1\n```\n",
    )
    assert "VD511" in accept(tmp_path).output


def test_the_output_of_another_version_stays(tmp_path: Path) -> None:
    text = (
        '# One? {#one}\n\nYes.\n\n```python\nprint(1)\n```\n\n```output tensorflow="<2"\n0\n```\n\n```output\n2\n```\n'
    )
    lay_out(tmp_path, text)
    accept(tmp_path)
    assert (tmp_path / CARD).read_text() == text.replace("\n2\n", "\n1\n")
