"""Sets and dicts in printed text: what stands in braces, whose order has no meaning."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from verideck.verify.compare.deadline import Deadline
from verideck.verify.compare.tokens import Token
from verideck.verify.compare.touching import is_loose

DEEPEST = 20
"""How many braces within braces are looked into; what is deeper is compared in the order in which it stands."""

_CLOSING = {")": "(", "]": "[", "}": "{"}
_ORDERED = "OrderedDict"  # of two of these, == heeds the order
_STRING_PREFIXES = frozenset({"b", "r", "u", "f", "rb", "br"})


@dataclass(frozen=True, slots=True)
class Group:
    """Braces that close: the indices of `}` and of the commas between the elements, in the text's tokens."""

    end: int
    commas: tuple[int, ...]


@dataclass(slots=True)
class _Open:
    """A bracket that is not closed yet, while a text is read."""

    index: int
    mark: str
    commas: list[int] = field(default_factory=list)
    gap: bool = False


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two texts: its tokens, its groups by the index of their `{`.

    `sorted` remembers, for each group that somebody asked for, its elements in an order of their own.
    """

    text: str
    tokens: Sequence[Token]
    groups: Mapping[int, Group]
    sorted: dict[int, list[list[Token]]] = field(default_factory=dict, compare=False)


def side(text: str, found: Sequence[Token], deadline: Deadline) -> Side:
    """A text and its tokens, with the groups in it: those without a `...` of their own and not an OrderedDict's."""
    groups: dict[int, Group] = {}
    stack: list[_Open] = []
    depth = 0
    for index in _outside_strings(text, found, deadline):
        mark = found[index].text
        if mark in ("(", "[", "{"):
            stack.append(_Open(index, mark))
            depth += mark == "{"
        elif found[index].kind == "gap" and stack:
            stack[-1].gap = True
        elif mark == "," and stack:
            stack[-1].commas.append(index)
        elif mark in _CLOSING and stack and stack[-1].mark == _CLOSING[mark]:
            closed = stack.pop()
            if stack:
                stack[-1].gap |= closed.gap
            if mark == "}":
                if depth <= DEEPEST and not closed.gap and not _is_ordered(found, closed.index):
                    groups[closed.index] = Group(index, tuple(closed.commas))
                depth -= 1
    return Side(text, found, groups)


def elements(of: Side, at: int, deadline: Deadline) -> list[list[Token]]:
    """The elements of the group whose `{` is at this index, sorted, and sorted within: lists of tokens."""
    if at not in of.sorted:
        group = of.groups[at]
        starts = (at, *group.commas)
        ends = (*group.commas, group.end)
        parts = [flat(of, start + 1, end, deadline) for start, end in zip(starts, ends, strict=True)]
        of.sorted[at] = sorted(parts, key=rank)
    return of.sorted[at]


def rank(element: Sequence[Token]) -> tuple[list[str], list[float]]:
    """What elements are sorted by: text first, then floats, so that a tolerance between these does not matter."""
    floats = [token for token in element if token.kind in ("float", "imaginary")]
    texts = [token.kind if token.kind in ("float", "imaginary") else token.text for token in element]
    for index in range(1, len(element)):
        if element[index].spaced and not is_loose(element[index - 1], element[index]):
            texts[index] = f" {texts[index]}"
    return texts, [float(token.text.rstrip("j")) for token in floats]


def flat(of: Side, start: int, end: int, deadline: Deadline) -> list[Token]:
    """The tokens from `start` to `end`, with the groups among them sorted. Calls itself `DEEPEST` times at most."""
    found: list[Token] = []
    index = start
    while index < end:
        deadline.step()
        found.append(of.tokens[index])
        group = of.groups.get(index)
        if group is not None:
            for number, element in enumerate(elements(of, index, deadline)):
                found += [of.tokens[group.commas[number - 1]], *element] if number else element
                deadline.step(len(element))
            index = group.end
            found.append(of.tokens[index])
        index += 1
    return found


def _is_ordered(found: Sequence[Token], at: int) -> bool:
    return at >= 2 and found[at - 1].text == "(" and found[at - 2].text == _ORDERED  # noqa: PLR2004 - `Name` and `(`


def _outside_strings(text: str, found: Sequence[Token], deadline: Deadline) -> Iterator[int]:
    """The indices of the tokens that are not within quotes. A quote that does not close on its line is none."""
    index = 0
    while index < len(found):
        deadline.step()
        yield index
        if found[index].text in ("'", '"') and not _is_inside_word(found, index):
            closing = _closing_quote(text, found, index, deadline)
            if closing is not None:
                for inside in range(index + 1, closing):
                    if found[inside].kind == "gap":
                        yield inside  # one that hides a part of a string still hides it
                index = closing
        index += 1


def _closing_quote(text: str, found: Sequence[Token], at: int, deadline: Deadline) -> int | None:
    escaped = False
    for index in range(at + 1, len(found)):
        deadline.step()
        token = found[index]
        if token.spaced and "\n" in text[found[index - 1].end : token.start]:
            return None
        if token.text == found[at].text and (token.spaced or not escaped):
            return index
        escaped = token.text == "\\" and not escaped
    return None


def _is_inside_word(found: Sequence[Token], at: int) -> bool:
    """Whether a quote is an apostrophe, as in can't, or stands behind a backslash."""
    if at == 0 or found[at].spaced:
        return False
    before = found[at - 1]
    return before.text == "\\" or (before.kind == "word" and before.text.lower() not in _STRING_PREFIXES)
