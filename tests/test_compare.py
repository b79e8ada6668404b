from __future__ import annotations

import time

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from verideck.verify.compare import Mismatch, compare

SAME = [
    ("", ""),
    ("1 2\n", "1 2"),
    ("[1, 2]", "[1,\n 2]"),
    ("[[1. 2.]\n [3. 4.]]", "[[1. 2.]  [3. 4.]]"),
    ("[ 1.  -2.]", "[1. -2.]"),
    ("a  b\nc", "a b c"),
    ("0.1", "0.10000001"),
    ("0.333333", "0.3333333333333333"),
    ("1e-06", "1.0000001e-06"),
    ("0.33...", "0.3333333333333333"),
    ("1.0", "1."),
    ("0.0", "0."),
    ("<object at 0x7f00>", "<object at 0x12ab>"),
    ("<object at 0x...>", "<object at 0x12ab>"),
    ("1.5", "np.float64(1.5)"),
    ("np.float32(1.5)", "1.5"),
    ("np.True_ or not", "True or not"),
    ("[np.int64(1), np.int64(2)]", "[1, 2]"),
    ("a ... z", "a b c z"),
    ("a ... z", "a z"),
    ("...", "anything\nat all"),
    ("...", ""),
    ("...end", "the end"),
    ("loss: 0.25 ... done", "loss: 0.2500001 and so on, done"),
    ("[0 1 ... 8 9]", "[0 1 2 3 4 5 6 7 8 9]"),
    ("Sequent...", "Sequential"),
    ("...quent...", "Sequential"),
    ("<object at ...>", "<object at 0x12ab>"),
    ("nan inf", "nan inf"),
    ("2.21.0", "2.21.0"),
]
OTHER = [
    ("0.0", "0.0001"),
    ("shape=(2,)", "shape=(3,)"),
    ("dtype=float32", "dtype=float16"),
    ("loss: 1.0", "loss: GARBAGE 1.0"),
    ("1", "1.0"),
    ("1.0", "1"),
    ("1\n2", "1"),
    ("1", "1\n2"),
    ("", "1"),
    ("1", ""),
    ("True", "False"),
    ("0.3", "0.3333333333333333"),
    ("1.0001", "1.0002"),
    ("-1.0", "1.0"),
    ("1", "-1"),
    ("12", "1 2"),
    ("a b", "ab"),
    ("np.float32(1.5)", "np.float64(1.5)"),
    ("1e-06", "1e-07"),
    ("a ... z", "a b"),
    ("a ... m ... z", "a z m"),
    ("a...", "b"),
    ("0.33...", "0.34"),
    ("[1, 2]", "[1, 2, 3]"),
    ("'a'", '"a"'),
    ("2.21.0", "2.21.1"),
    ("1e999", "2e999"),
    ("inf", "nan"),
    ("-0.0", "0.0"),
    ("+1.5", "1.5"),
    ("2.2.0", "2.20.0"),
    ("np.sqrt(2)", "2"),
    ("0.0", "1e-" + "1" * 5000),
    ("Über", "Uber"),
]


@pytest.mark.parametrize(("want", "got"), SAME)
def test_these_are_the_same(want: str, got: str) -> None:
    assert compare(want, got) is None


@pytest.mark.parametrize(("want", "got"), OTHER)
def test_these_are_not(want: str, got: str) -> None:
    assert compare(want, got) is not None


def test_the_mismatch_is_at_the_line_that_differs() -> None:
    assert compare("a\nb 1\nc", "a\nb 2\nc") == Mismatch(1, "b 1", "b 2", 2, 1)
    assert compare("a\n...\nc\n", "a\nx\ny\n") == Mismatch(2, "c", "y")


lines = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=60)


@given(lines)
def test_anything_is_the_same_as_itself(text: str) -> None:
    assert compare(text, text) is None


@given(st.lists(st.integers(-(10**6), 10**6), min_size=1, max_size=8), st.integers(0, 7), st.integers(1, 9))
def test_any_other_integer_is_seen(numbers: list[int], at: int, by: int) -> None:
    other = list(numbers)
    other[at % len(other)] += by
    assert compare(str(numbers), str(other)) is not None


@given(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6))
def test_floats_beyond_tolerance_are_seen(a: float, b: float) -> None:
    assume(abs(a - b) > 1.01e-5 * abs(a) + 1e-12)
    assert compare(str(a), str(b)) is not None


@given(st.floats(-1e6, 1e6, allow_subnormal=False))
def test_a_float_of_32_bits_is_the_same_in_64_bits(a: float) -> None:
    assume(a == 0 or abs(a) > 1e-30)
    assert compare(f"{a:.7e}", str(a)) is None


@given(st.text("abc xyz_", min_size=1, max_size=20), st.sampled_from("qwv"), st.integers(0, 19))
def test_any_other_word_is_seen(text: str, letter: str, at: int) -> None:
    at %= len(text)
    assume(text[at] != " ")
    assert compare(text, text[:at] + letter + text[at + 1 :]) is not None


@pytest.mark.parametrize(
    ("want", "got"),
    [
        ("[" * 200_000, "[" * 200_000 + "]"),
        ("a " * 200_000, "a " * 199_999 + "b"),
        ("1" * 500_000, "1" * 499_999 + "2"),
    ],
)
def test_large_outputs_end(want: str, got: str) -> None:
    start = time.monotonic()
    assert compare(want, got) is not None
    assert time.monotonic() - start < 30  # a bound against hanging, not a timing
