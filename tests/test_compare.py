"""The rules of FORMAT.md, *How outputs are compared*: its examples are tests, and so are those of comparing.md."""

from __future__ import annotations

import re
from pathlib import Path
from random import Random

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from verideck.verify.compare import GPU, CompareTimeoutError, Mismatch, borderline, compare

TESTS = Path(__file__).parent
_TABLE = re.compile(r"^\| wanted \| agrees with \| and not with \|\n\|[-|]*\|\n((?:\|.*\n)+)", re.MULTILINE)


def rows(document: Path) -> list[list[str]]:
    lines = "".join(_TABLE.findall(document.read_text())).splitlines()
    return [line.strip("|").split(" | ") for line in lines]


def outputs(cell: str) -> list[str]:
    return [text.replace("↵", "\n") for text in re.findall(r"`([^`]+)`", cell)]


ROWS = [row for document in (TESTS.parent / "FORMAT.md", TESTS / "comparing.md") for row in rows(document)]
SAME = [(want, got) for row in ROWS for want in outputs(row[0]) for got in outputs(row[1])]
OTHER = [(want, got) for row in ROWS for want in outputs(row[0]) for got in outputs(row[2])]


def test_the_documents_are_read() -> None:
    assert len(SAME) > 100
    assert len(OTHER) > 100


@pytest.mark.parametrize(("want", "got"), [*SAME, ("", ""), ("", "\n"), ("...", ""), ("1 2\n", "1 2")])
def test_these_agree(want: str, got: str) -> None:
    assert compare(want, got) is None


@pytest.mark.parametrize(("want", "got"), [*OTHER, ("", "1"), ("1", ""), ("0.0", "1e-" + "1" * 5000)])
def test_these_do_not(want: str, got: str) -> None:
    assert compare(want, got) is not None


@pytest.mark.parametrize(
    ("want", "got", "mismatch"),
    [
        ("a\nb 1\nc", "a\nb 2\nc", Mismatch(1, "b 1", "b 2", 2, 1)),
        ("a\n...\nc\n", "a\nx\ny\n", Mismatch(2, "c", "y")),
        ("... x y z ...", "x y q\nx y", Mismatch(0, "... x y z ...", "x y q", 8, 1)),
        ("{1, 5}", "{0, 1}", Mismatch(0, "{1, 5}", "{0, 1}", 4, 1)),
        ("{'a': 1, 'b': 2.5}", "{'b': 2.6, 'a': 1}", Mismatch(0, "{'a': 1, 'b': 2.5}", "{'b': 2.6, 'a': 1}", 14, 3)),
        ("{1}", "{1, 2}", Mismatch(0, "{1}", "{1, 2}", 2, 1)),
        ("a\nbc\n", "a\nbc\nd", Mismatch(1, "", "d", 0, 2)),
        ("a b", "a", Mismatch(0, "a b", "", 2, 1)),
    ],
)
def test_the_mismatch_is_where_the_texts_part(want: str, got: str, mismatch: Mismatch) -> None:
    assert compare(want, got) == mismatch


def test_a_gpu_may_be_a_little_further_off() -> None:
    assert compare("1.0", "1.00005") is not None
    assert compare("1.0", "1.00005", GPU) is None
    assert compare("1.0", "1.0005", GPU) is not None


@pytest.mark.parametrize(
    ("want", "got", "column"),
    [
        ("a 0.125", "a 0.12550001", 2),
        ("a 0.125", "a 0.1244999", 2),
        ("{0.5, 0.125}", "{0.1255, 0.5}", 6),
        ("... 2.51", "x 2.515", 4),
        ("a 0.125", "a 0.1252", None),
        ("a 0.125", "a 0.125", None),
        ("a 0.333333", "a 0.33333334", None),
        ("a 0.1234567", "a 0.12345675", None),
        ("0.125", "9", None),
    ],
)
def test_a_digit_at_a_rounding_boundary_is_pointed_at(want: str, got: str, column: int | None) -> None:
    near = borderline(want, got)
    assert (near and near.column) == column


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


tokens = st.sampled_from(["a", "b", "7", "0.5", "..."])


@given(st.lists(tokens, max_size=8), st.lists(tokens.filter("...".__ne__), max_size=8))
def test_dots_between_words_do_as_the_simplest_rule_says(want: list[str], got: list[str]) -> None:
    pattern = "".join("(?:.* )?" if part == "..." else re.escape(f"{part} ") for part in want)
    agree = re.fullmatch(pattern, "".join(f"{token} " for token in got)) is not None
    assert (compare(" ".join(want), " ".join(got)) is None) == agree


@given(
    st.lists(st.sampled_from(["a", "b", "ab", "..."]), min_size=1, max_size=8), st.text("ab", min_size=1, max_size=8)
)
def test_dots_within_a_word_do_as_the_simplest_rule_says(want: list[str], got: str) -> None:
    pattern = "".join(".*" if part == "..." else part for part in want)
    assert (compare("".join(want), got) is None) == (re.fullmatch(pattern, got) is not None)


@st.composite
def printed(draw: st.DrawFn) -> list[tuple[str, str]]:
    """What a program might print, in pieces, each with another that is wrong in its place, or an empty one."""
    number = st.integers(-999, 999)
    float_ = st.integers(100, 999).map(lambda n: (f"{n / 100:.6f}", f"{n / 100 * 1.0001:.6f}"))
    integer = number.map(lambda n: (str(n), str(n + 1)))
    word = st.text("abcdef", min_size=1, max_size=5).map(lambda text: (repr(text), repr(f"{text}x")))
    leaf = st.one_of(float_, integer, word).map(lambda pieces: [pieces])
    shape = st.integers(1, 9).map(lambda n: (f"shape=({n},)", f"shape=({n + 1},)"))
    dtype = st.sampled_from(["float32", "int32"]).map(lambda name: (f"dtype={name}", f"dtype={name[:-2]}64"))

    def listed(items: list[list[tuple[str, str]]], opening: str, closing: str) -> list[tuple[str, str]]:
        inside = [piece for item in items for piece in (*item, (", ", ""))][:-1]
        return [(opening, ""), *inside, (closing, "")]

    nested = st.recursive(
        leaf,
        lambda items: st.tuples(st.lists(items, min_size=1, max_size=3), st.sampled_from(["[]", "()", "{}"])).map(
            lambda made: listed(made[0], *made[1])
        ),
        max_leaves=6,
    )
    values = draw(nested)
    return [("tf.Tensor(", ""), *values, (", ", ""), draw(shape), (", ", ""), draw(dtype), (") ", ""), *draw(leaf)]


@given(printed(), st.data())
def test_one_wrong_piece_is_seen_whatever_else_is_left_out(pieces: list[tuple[str, str]], data: st.DataObject) -> None:
    at = data.draw(st.sampled_from([index for index, (_, wrong) in enumerate(pieces) if wrong]))
    left_out = data.draw(st.sets(st.sampled_from([i for i in range(len(pieces)) if i != at and pieces[i][1]] or [-1])))
    want = "".join("..." if index in left_out else right for index, (right, _) in enumerate(pieces))
    right = "".join(right for right, _ in pieces)
    wrong = "".join(wrong if index == at else right for index, (right, wrong) in enumerate(pieces))
    assert compare(want, right) is None
    assert compare(want, wrong) is not None


@given(
    st.lists(st.one_of(st.integers(-9, 9), st.floats(-9, 9), st.text("ab,'{} ", max_size=4)), unique=True, max_size=6),
    st.randoms(),
)
def test_order_in_braces_has_no_meaning(items: list[object], random: Random) -> None:
    shuffled = random.sample(items, len(items))
    want, got = (f"{{{', '.join(map(repr, some))}}}" for some in (items, shuffled))
    assert compare(want, got) is None


N = 100_000


@pytest.mark.parametrize(
    ("want", "got"),
    [
        ("[" * 2 * N, "[" * 2 * N + "]"),
        ("{" * 2 * N + "1" + "}" * 2 * N, "{" * 2 * N + "2" + "}" * 2 * N),
        ("a " * 2 * N, "a " * (2 * N - 1) + "b"),
        ("1" * 5 * N, "1" * (5 * N - 1) + "2"),
        ("a ... " * 15_000 + "b", "a " * 30_000),
        ("... " + "a " * 15_000 + "b ...", "a " * 30_000),
        ("... " + "0.1 " * 15_000 + "0.2 ...", "0.1 " * 30_000),
        ("...a" * N, "ba" * N + "c"),
        ("{" * 15 + ",".join(map(str, range(N))) + "}" * 15, "{" * 15 + ",".join(map(str, range(1, N + 1))) + "}" * 15),
        ("1" * 5 * N + "." + "1" * 5 * N + "a", "1" * 5 * N + "." + "1" * 5 * N + "b"),
        (" ' \\' " * N + "a", " ' \\' " * N + "b"),
        ("np.str_('a " * N, "np.str_('a " * N + "b"),
    ],
    ids=range(12),
)
def test_large_outputs_are_compared_in_time(want: str, got: str) -> None:
    assert compare(want, got, seconds=60) is not None  # raises, where the time is over


def test_when_the_time_is_over_it_is_said() -> None:
    with pytest.raises(CompareTimeoutError):
        compare("a " * N, "a " * N + "b", seconds=0)
