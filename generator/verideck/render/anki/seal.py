r"""Keep text from meaning something to Anki: HTML in, HTML that looks and copies the same out.

Anki finds its own markup in a field's HTML without asking whether it stands in code: gaps `{{c1::…}}` in
any field of a cloze note (they make cards), `}}` and `::` within a gap, `\(…\)` (it strips tags from
what it takes for maths), `[sound:…]`, `[anki:…]`, `[latex]`, `[$]` and `[[type:…]]`. Each is broken by an
element around its second character: that survives Anki's editor, where an entity would come undone.
"""

from __future__ import annotations

import re
from collections.abc import Callable

# The second character of each pair, or of each opening, that Anki acts on.
_GAP_MARKS = r"(?<=\{)\{|(?<=\})\}|(?<=:):"
_OTHER_MARKS = r"(?<=\\)[()\[\]]|(?<=\[)(?:\[(?=type:)|s(?=ound:)|a(?=nki:)|l(?=atex\])|\$)"
_SECOND = re.compile(f"{_GAP_MARKS}|{_OTHER_MARKS}", re.IGNORECASE)
_SECOND_BUT_GAPS = re.compile(_OTHER_MARKS, re.IGNORECASE)
_PIECE = re.compile(
    r'(?P<math><span class="math">.*?</span>)|(?P<tag><[^>]*>)|(?P<text>[^<]+)',
    re.DOTALL,
)
_GAP_OPENS = re.compile(r"\{\{c\d+(?:,\d+)*::")
_GAP_EDGE = re.compile(r"\{\{c(?P<numbers>\d+(?:,\d+)*)::|\}\}")
_IN_TAG = str.maketrans({"{": "&#123;", "}": "&#125;", "[": "&#91;", "\\": "&#92;"})
# A field ends at U+001F, and HTML holds no control characters: show their pictures.
_CONTROLS = {code: 0x2400 + code for code in range(0x20) if chr(code) not in "\t\n\r"} | {0x7F: 0x2421}


def seal(html: str, *, gaps: bool = False) -> str:
    """The HTML with nothing in it that Anki acts on, but maths that we marked as such.

    With `gaps`, the gaps that the author made in prose stay, and those in inline code and in maths that
    open and close there; blocks of code never hold any (the parser refuses that).
    """
    sealed: list[str] = []
    within = ""  # the element whose text is code
    for piece in _PIECE.finditer(html.translate(_CONTROLS)):
        text = piece[0]
        if piece["tag"]:
            name = text.strip("</>").partition(" ")[0]
            if not within and name in ("pre", "code"):
                within = name
            elif text == f"</{within}>":
                within = ""
            sealed.append(text.translate(_IN_TAG).replace("::", "&#58;&#58;"))
        elif piece["math"]:
            sealed.append(_formula(text, gaps=gaps))
        elif gaps and not within:
            sealed.append(_SECOND_BUT_GAPS.sub(_wrap, text))
        elif gaps and within == "code":
            sealed.append(_around_gaps(text, _break))
        else:
            sealed.append(_break(text))
    return "".join(sealed)


def gap_numbers(text: str) -> list[int]:
    """The numbers of the gaps in a sealed field, each once, sorted; nested ones too. An unclosed gap is none."""
    numbers: set[int] = set()
    opened: list[str] = []
    for edge in _GAP_EDGE.finditer(text):
        if edge["numbers"]:
            opened.append(edge["numbers"])
        elif opened:
            numbers.update(int(number) for number in opened.pop().split(","))
    return sorted(number for number in numbers if number > 0)


def _wrap(second: re.Match[str]) -> str:
    return f"<span>{second[0]}</span>"


def _break(text: str) -> str:
    return _SECOND.sub(_wrap, text)


def _formula(element: str, *, gaps: bool) -> str:
    """Maths with spaces between doubled characters, which mean nothing to LaTeX."""
    opening, closing = '<span class="math">', "</span>"
    delimited = element[len(opening) : -len(closing)]
    inner = delimited[2:-2]
    inner = _around_gaps(inner, _space) if gaps else _space(inner)
    return f"{opening}{delimited[:2]}{inner}{delimited[-2:]}{closing}"


def _space(text: str) -> str:
    return re.sub(_GAP_MARKS, r" \g<0>", text)


def _around_gaps(text: str, change: Callable[[str], str]) -> str:
    """Apply `change` to all but the edges of gaps (and their hints); a gap ends at the first `}}` outside braces."""
    opening = _GAP_OPENS.search(text)
    if opening is None:
        return change(text)
    end = _gap_end(text, opening.end())
    if end is None:
        return change(text)
    answer, mark, hint = text[opening.end() : end].partition("::")
    gap = opening[0] + change(answer) + mark + change(hint) + "}}"
    return change(text[: opening.start()]) + gap + _around_gaps(text[end + 2 :], change)


def _gap_end(text: str, start: int) -> int | None:
    depth = 0
    for at in range(start, len(text)):
        if depth == 0 and text.startswith("}}", at):
            return at
        depth += {"{": 1, "}": -1}.get(text[at], 0)
    return None
