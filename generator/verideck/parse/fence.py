"""Fences: their language, their options, and which output belongs to which snippet."""

from __future__ import annotations

import ast
import doctest
import re
import warnings
from collections.abc import Mapping
from dataclasses import replace
from typing import TypedDict

from packaging.specifiers import InvalidSpecifier, SpecifierSet

from verideck.model import Listing, Options, Output, Snippet, Span
from verideck.nearest import did_you_mean
from verideck.page import Page
from verideck.parse.elements import Element

_OPTION = re.compile(r'(?P<name>[^\s="]+)(?P<equals>=(?:"(?P<quoted>[^"]*)"|(?P<bare>[^\s"]*)))?(?=\s|$)')
_EXCEPTION = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*")
_NOT_RUN = ("py", "python3", "pycon", "py3", "ipython", "Python", "tensorflow", "doctest")
_NOT_OUTPUT = ("outputs", "Output", "out", "result", "prints")
_CLOZE = re.compile(r"\{\{c\d+::")
LONGEST = 600.0  # seconds: a card that needs more is no flashcard


class _Found(TypedDict, total=False):
    """Options as they are collected; the keys are those of `Options`."""

    raises: str
    timeout: float
    no_run: str
    hidden: bool
    gpu: bool
    tensorflow: str


_PYTHON = ("raises", "timeout", "no-run", "hidden", "gpu", "tensorflow")
_OUTPUT = ("tensorflow",)
_FLAGS = ("hidden", "gpu")


def read_fence(element: Element, page: Page) -> Snippet | Output | Listing:
    """Turn a top-level fence into what its language says; every fault in it is a problem."""
    span = page.span(element.first)
    language = element.tokens[0].info.strip().split(" ")[0]
    _check_closed(element, page)
    if _CLOZE.search(element.content):
        hint = "put the gap into the text above the fence"
        page.refuse(span, "VD116", "a gap {{c…::…}} cannot stand in a fence", hint)
    if language == "python":
        return _snippet(element, page)
    if language == "output":
        options = _options(element, "output", page)
        return Output(element.content, span, options.tensorflow)
    for lookalikes, meant, does in ((_NOT_RUN, "python", "run"), (_NOT_OUTPUT, "output", "compare")):
        if language in lookalikes:
            done = {"run": "run", "compare": "compared"}[does]
            hint = f"write {meant} to {does} it, or text to show it only"
            message = f"a fence marked {language} is not {done}"
            page.refuse(page.span(element.first, language), "VD202", message, hint)
    return Listing(language, element.content, span)


def attach(snippet: Snippet, output: Output, page: Page) -> Snippet:
    """The snippet with one more output behind it."""
    if snippet.session:
        hint = "write what it prints under the `>>>` line"
        page.refuse(output.span, "VD208", "a session holds its outputs itself", hint)
        return snippet
    if any(not earlier.tensorflow for earlier in snippet.outputs):
        hint = 'say which is for which version, as in `output tensorflow=">=2.16"`, the general one last'
        page.refuse(output.span, "VD209", "this output is never reached: one above it always counts", hint)
    return replace(snippet, outputs=(*snippet.outputs, output))


def _snippet(element: Element, page: Page) -> Snippet:
    options = _options(element, "python", page)
    session = element.content.lstrip().startswith(">>>")
    snippet = Snippet(element.content, page.span(element.first), options, session=session)
    if not element.content.strip():
        page.refuse(snippet.span, "VD210", "this snippet is empty", "write the code, or remove the fence")
    elif not options.no_run and options.raises != "SyntaxError":
        _check_syntax(snippet, page)
    return snippet


def _check_closed(element: Element, page: Page) -> None:
    closing = page.lines[element.last - 1].strip() if element.last - 1 > element.first else ""
    if not (closing.startswith(element.markup) and not closing.strip(element.markup[0])):
        hint = f"end it with a line {element.markup}"
        page.refuse(page.span(element.first), "VD204", "this fence is never closed", hint)


def _check_syntax(snippet: Snippet, page: Page) -> None:
    first = snippet.span.line
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a SyntaxWarning is the snippet's own affair when it runs
        try:
            if snippet.session:
                for example in doctest.DocTestParser().get_examples(snippet.code):
                    first = snippet.span.line + example.lineno
                    ast.parse(example.source)
            else:
                ast.parse(snippet.code)
        except SyntaxError as error:
            line, column = first + (error.lineno or 1), error.offset or 1
            message = f"this is not Python: {error.msg}"
            hint = "correct it, or write raises=SyntaxError if that is the point"
            page.refuse(Span(page.path, line, max(column, 1)), "VD205", message, hint)
        except (ValueError, RecursionError, MemoryError) as error:
            message = f"Python cannot read this: {str(error).splitlines()[0] if str(error) else 'nested too deeply'}"
            page.refuse(snippet.span, "VD205", message, "correct it, or write text to show it only")


def _options(element: Element, language: str, page: Page) -> Options:
    """The options behind the language, each checked."""
    line = page.lines[element.first]
    start = line.index(language) + len(language)
    found: _Found = {}
    position = start
    while (position := _skip_spaces(line, position)) < len(line.rstrip()):
        match = _OPTION.match(line, position)
        if match is None:
            rest = line[position:].rstrip()
            span = Span(page.path, element.first + 1, position + 1, len(rest))
            hint = 'write options as name=value or name="a value", with spaces between them'
            page.refuse(span, "VD201", f"{rest} is not an option", hint)
            break
        span = Span(page.path, element.first + 1, position + 1, len(match["name"]))
        wrong = _take(match, language, found)
        if wrong:
            page.refuse(span, *wrong)
        position = match.end()
    return Options(**found)


def _skip_spaces(line: str, position: int) -> int:
    return position + len(line[position:]) - len(line[position:].lstrip())


def _take(match: re.Match[str], language: str, found: _Found) -> tuple[str, str, str] | None:
    """Put one option into `found`, or say what is wrong with it: code, message, hint."""
    name = match["name"]
    value = match["quoted"] if match["quoted"] is not None else match["bare"]
    valid = _PYTHON if language == "python" else _OUTPUT
    if name not in valid:
        article = "an" if language == "output" else "a"
        return "VD201", f"{article} {language} fence has no option {name}", did_you_mean(name, valid)
    if name.replace("-", "_") in found:
        return "VD203", f"{name} is given twice", "keep one"
    if name in _FLAGS:
        if value is not None:
            return "VD203", f"{name} takes no value", f"write {name} alone, or leave it out"
        _set(found, {name.replace("-", "_"): True})
        return None
    checked = _CHECKS[name](value or "")
    if checked is None:
        return "VD203", f"{name} needs {_NEEDS[name]}", f"for example {_EXAMPLES[name]}"
    _set(found, {name.replace("-", "_"): checked})
    return None


def _set(found: _Found, values: Mapping[str, object]) -> None:
    found.update(values)  # type: ignore[typeddict-item]  # the names come from _PYTHON, which are its keys


def _exception(value: str) -> str | None:
    return value if _EXCEPTION.fullmatch(value) else None


def _seconds(value: str) -> float | None:
    try:
        seconds = float(value)
    except ValueError:
        return None
    return seconds if 0 < seconds <= LONGEST else None


def _specifier(value: str) -> str | None:
    try:
        return value if str(SpecifierSet(value)) else None
    except InvalidSpecifier:
        return None


_CHECKS = {
    "raises": _exception,
    "timeout": _seconds,
    "no-run": lambda value: value.strip() or None,
    "tensorflow": _specifier,
}
_NEEDS = {
    "raises": "the name of an exception",
    "timeout": f"a number of seconds up to {LONGEST:.0f}",
    "no-run": "a reason",
    "tensorflow": "a version specifier (PEP 440)",
}
_EXAMPLES = {
    "raises": "raises=ValueError",
    "timeout": "timeout=5",
    "no-run": 'no-run="needs a cluster"',
    "tensorflow": 'tensorflow=">=2.16"',
}
