from __future__ import annotations

from pathlib import Path

import pytest
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


def accept(root: Path, *options: str):
    return CliRunner().invoke(command, ["--accept", str(root / "cards/demo"), *options])


def test_what_came_out_is_written_and_nothing_else(tmp_path: Path) -> None:
    lay_out(tmp_path, BEFORE)
    result = accept(tmp_path)
    assert (tmp_path / CARD).read_text() == AFTER
    assert result.exit_code == 0, result.output
    assert accept(tmp_path).exit_code == 0
    assert (tmp_path / CARD).read_text() == AFTER


def test_with_the_last_seed_the_other_one_is_that_before_it(tmp_path: Path) -> None:
    lay_out(tmp_path, "# One? {#one}\n\n1.\n\n```python\nimport numpy\nprint(1)\n```\n")
    result = accept(tmp_path, "--seed", str(2**32 - 1))
    assert result.exit_code == 0, result.output
    assert "```output\n1\n```" in (tmp_path / CARD).read_text()


@pytest.mark.parametrize("newline", ["\r\n", "\r"])
def test_line_ends_and_a_byte_order_mark_stay(tmp_path: Path, newline: str) -> None:
    lay_out(tmp_path, "")
    (tmp_path / CARD).write_bytes(("\ufeff" + BEFORE.replace("\n", newline)).encode())
    result = accept(tmp_path)
    assert result.exit_code == 0, result.output
    assert (tmp_path / CARD).read_bytes() == ("\ufeff" + AFTER.replace("\n", newline)).encode()


def test_a_file_without_an_end_of_line_is_mended(tmp_path: Path) -> None:
    lay_out(tmp_path, "# One? {#one}\n\n```python\nprint(1)\n```")
    assert accept(tmp_path).exit_code == 0
    assert (tmp_path / CARD).read_text().endswith("```\n\n```output\n1\n```\n")


def test_what_an_unclosed_fence_has_swallowed_stays(tmp_path: Path) -> None:
    text = "# One? {#one}\n\n```python\nprint(1)\n```\n\n```output\n2\n\n# Two? {#two}\n\nMuch text.\n"
    lay_out(tmp_path, text)
    result = accept(tmp_path)
    assert result.exit_code == 1
    assert "VD204" in result.output
    assert (tmp_path / CARD).read_text() == text


def test_a_message_left_open_stays_open(tmp_path: Path) -> None:
    text = "# One? {#one}\n\n```python raises=KeyError\n{}[1]\n```\n"
    lay_out(tmp_path, text)
    assert accept(tmp_path).exit_code == 0
    assert (tmp_path / CARD).read_text() == text


def test_control_characters_are_refused(tmp_path: Path) -> None:
    lay_out(tmp_path, "# One? {#one}\n\n```python\nprint('\\x1b[1mbold')\n```\n")
    assert "VD512 the output of the snippet on line 3 holds control characters" in accept(tmp_path).output


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


SESSION = """\
# One? {#one}

Yes.

```python
    >>> for i in range(2):
    ...     print(i)
    ...
    0
    2
    >>> print("a\\n \\nb")
```
"""


def test_a_session_keeps_its_shape(tmp_path: Path) -> None:
    lay_out(tmp_path, SESSION)
    assert accept(tmp_path).exit_code == 0
    wanted = SESSION.replace("    2\n", "    1\n").replace('nb")\n', 'nb")\n    a\n    <BLANKLINE>\n    b\n')
    assert (tmp_path / CARD).read_text() == wanted


def test_an_output_that_reads_like_a_prompt_is_refused(tmp_path: Path) -> None:
    text = "# One? {#one}\n\nYes.\n\n```python\n>>> print('>>> 1/0')\n```\n"
    lay_out(tmp_path, text)
    assert "VD512 the output of the session on line 5 would be read as something else" in accept(tmp_path).output
    assert (tmp_path / CARD).read_text() == text


def test_what_agrees_in_a_session_stays_as_it_is(tmp_path: Path) -> None:
    text = "# One? {#one}\n\nYes.\n\n```python\n>>> object()\n<object object at 0x...>\n"
    text += ">>> import os\n>>> os.urandom(2)\nb...\n>>> 1/3\n0.33...\n>>> 1 + 1\n3\n```\n"
    lay_out(tmp_path, text)
    assert accept(tmp_path).exit_code == 0
    assert (tmp_path / CARD).read_text() == text.replace("\n3\n", "\n2\n")


def test_an_output_that_would_spoil_its_file_is_refused(tmp_path: Path) -> None:
    text = "# One? {#one}\n\nYes.\n\n```python\nprint('{{' + 'c1::x}}')\n```\n"
    lay_out(tmp_path, text)
    assert "VD512 the outputs of this file cannot be written" in accept(tmp_path).output
    assert (tmp_path / CARD).read_text() == text


def test_a_second_run_that_fails_is_an_objection(tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    code = f"import pathlib\nmark = pathlib.Path({str(mark)!r})\nprint(1)\nif mark.exists(): 1 / 0\nmark.touch()"
    text = f"# One? {{#one}}\n\nYes.\n\n```python\n{code}\n```\n"
    lay_out(tmp_path, text)
    assert "VD511" in accept(tmp_path, "--sandbox", "off").output  # which keeps the mark from being set
    assert (tmp_path / CARD).read_text() == text


def test_a_session_that_shows_nothing_gets_its_outputs(tmp_path: Path) -> None:
    text = "# One? {#one}\n\nYes.\n\n```python\n>>> 1 + 1\n>>> x = 3\n>>> x\n```\n"
    lay_out(tmp_path, text)
    assert accept(tmp_path).exit_code == 0
    assert (tmp_path / CARD).read_text() == text.replace("1 + 1\n", "1 + 1\n2\n").replace(">>> x\n", ">>> x\n3\n")


def test_an_output_that_nobody_would_read_is_refused(tmp_path: Path) -> None:
    text = "# One? {#one}\n\nYes.\n\n```python\nprint('x' * 30_000)\n```\n"
    lay_out(tmp_path, text)
    assert "VD512 the output of the snippet on line 5 has 30,001 characters" in accept(tmp_path).output
    assert (tmp_path / CARD).read_text() == text
