from __future__ import annotations

import pytest

from verideck.parse import parse
from verideck.verify import outputs
from verideck.verify.outputs import Held, hold
from verideck.verify.session import without_prompts

CARD = "# Asked? {{#a}}\n\nAnswered.\n\n```python {options}\n{code}\n```\n"
OUTPUT = "\n```output\n{output}\n```\n"


def held(code: str, output: str, *steps: str, options: str = "") -> Held:
    """How the outputs `steps` are judged of a snippet that starts on line 5; its output, if any, is shown below."""
    text = CARD.format(code=code, options=options) + (OUTPUT.format(output=output) if output else "")
    (card,), problems = parse(text, "cards/demo/01-example.md")
    assert problems == ()
    (snippet,) = card.snippets()
    return hold(snippet, snippet.outputs[0] if snippet.outputs else None, steps)


def test_a_digit_at_a_rounding_boundary_is_a_warning_on_a_pass() -> None:
    found = held("print(x)", "x\n0.125", "x\n0.12549999\n")
    assert (found.outcome, found.problem) == ("pass", None)
    assert found.warning is not None
    assert (found.warning.code, found.warning.severity) == ("VD520", "warning")
    assert (found.warning.span.line, found.warning.span.column, found.warning.span.width) == (11, 1, 5)


def test_other_digits_are_no_warning() -> None:
    assert held("print(x)", "0.125", "0.12512\n") == Held("0.125\n")


def test_what_takes_too_long_to_compare_is_a_timeout(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outputs, "SECONDS", 0)
    found = held("print('a ' * 10_000)", "a ... b", "a " * 10_000)
    assert found.outcome == "timeout"
    assert found.problem is not None
    assert found.problem.code == "VD508"
    assert found.problem.message == "the output of the snippet on line 5 could not be compared within 0 s"
    assert found.problem.span.line == 5


def test_an_exception_is_named_with_or_without_its_module() -> None:
    options = "raises=JSONDecodeError"
    for name in ("JSONDecodeError", "json.JSONDecodeError", "json.decoder.JSONDecodeError"):
        assert held("f()", f"{name}: no value", "JSONDecodeError: no value\n", options=options).problem is None
    found = held("f()", "json.JSONDecodeError: no value", "JSONDecodeError: no digit\n", options=options).problem
    assert found is not None
    assert (found.span.line, found.span.column, found.span.width) == (10, 26, 5)


def test_only_the_exceptions_own_line_may_name_a_module() -> None:
    shown = "a.b: c\nValueError: no"
    assert held("f()", shown, "a.b: c\nValueError: no\n", options="raises=ValueError").problem is None
    assert held("f()", shown, "b: c\nValueError: no\n", options="raises=ValueError").problem is not None


@pytest.mark.parametrize("stack", ["", "  File ...\n", '  File "x.py", line 1, in f\n    g()\n'])
def test_the_message_of_a_traceback_is_found_below_its_stack(stack: str) -> None:
    code = f">>> f()\nTraceback (most recent call last):\n{stack}a.ValueError: no\nmore\n>>> 1\n1"
    right, wrong = "ValueError: no\nmore\n", "ValueError: no\nless\n"
    header = "Traceback (most recent call last):\n"
    assert held(code, "", header + right, "1\n").problem is None
    found = held(code, "", header + wrong, "1\n").problem
    assert found is not None
    assert (found.code, found.span.line, found.span.column) == ("VD501", 9 + stack.count("\n"), 1)


def test_an_example_that_shows_nothing_need_only_run() -> None:
    assert held(">>> f()\n>>> f()\n1", "", "1\n", "1\n") == Held("1\n")
    assert held(">>> f()\n1\n>>> f()", "", "1\n", "2\n").problem is None
    assert held(">>> f()\n1\n>>> f()\n3", "", "1\n", "2\n").problem is not None


def test_a_session_without_prompts_has_its_code_at_the_same_lines() -> None:
    code = "  >>> def f():\n  ...     return 1\n  >>> f()\n  1\n\n  >>> 2\n  2"
    assert without_prompts(code) == "def f():\n    return 1\nf()\n\n\n2\n"
