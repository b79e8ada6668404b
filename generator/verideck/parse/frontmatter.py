"""The YAML at the top of a card file."""

from __future__ import annotations

import yaml

from verideck.model import Span
from verideck.nearest import did_you_mean
from verideck.page import Page

_KEYS = ("tags",)


def read_tags(text: str, page: Page) -> tuple[str, ...]:
    """The tags that the front matter gives to every card of the file.

    The text is composed into nodes, never constructed into objects: nodes know their lines, and a
    `no` stays the word that was written.
    """
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        line, column = (mark.line, mark.column) if mark else (0, 0)
        hint = "write it as `tags: [one, two]`"
        page.refuse(_place(page, line, column, 1), "VD120", f"not YAML: {error.problem}", hint)
        return ()
    except RecursionError:
        page.refuse(Span(page.path, 1), "VD120", "not YAML: too deep", "write it as `tags: [one, two]`")
        return ()
    except yaml.YAMLError as error:
        page.refuse(Span(page.path, 1), "VD120", f"not YAML: {error}", "write it as `tags: [one, two]`")
        return ()
    if root is None:
        return ()
    if not isinstance(root, yaml.MappingNode):
        message = "the front matter is not a list of keys and values"
        page.refuse(_span(root, page), "VD120", message, "write it as `tags: [one, two]`")
        return ()
    tags: tuple[str, ...] = ()
    for key, value in root.value:
        if key.value in _KEYS and not tags:
            tags = _tags(value, page)
        elif key.value in _KEYS:
            page.refuse(_span(key, page), "VD121", f"{key.value} is given twice", "make it one list")
        else:
            hint = did_you_mean(str(key.value), _KEYS)
            page.refuse(_span(key, page), "VD121", f"front matter has no key {key.value}", hint)
    return tags


def _tags(node: yaml.Node, page: Page) -> tuple[str, ...]:
    items = node.value if isinstance(node, yaml.SequenceNode) else [node]
    tags = []
    for item in items:
        if not isinstance(item, yaml.ScalarNode) or not item.value or not _is_word(item.value):
            hint = "join the words with hyphens, and separate tags with commas: `tags: [one, two]`"
            page.refuse(_span(item, page), "VD122", "a tag is one word without spaces", hint)
        else:
            tags.append(item.value)
    return tuple(dict.fromkeys(tags))


def _is_word(tag: str) -> bool:
    """Whether Anki takes it as one tag, and any file as text (YAML can write half a surrogate pair)."""
    return tag.isprintable() and not any(c.isspace() for c in tag)


def _span(node: yaml.Node, page: Page) -> Span:
    start, end = node.start_mark, node.end_mark
    width = end.column - start.column if end.line == start.line else 1
    return _place(page, start.line, start.column, max(width, 1))


def _place(page: Page, line: int, column: int, width: int) -> Span:
    """A place in the front matter, which starts below the first line; YAML also counts U+2028 as the end of a line."""
    return Span(page.path, min(line + 2, len(page.lines)), column + 1, width)
