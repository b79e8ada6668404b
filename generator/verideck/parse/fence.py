"""Fences: their language, their options, and which output belongs to which snippet."""

from __future__ import annotations

import ast
import doctest
import re
import warnings
from dataclasses import replace
from difflib import get_close_matches

from verideck.model import Listing, Output, Snippet, Span
from verideck.page import Page
from verideck.parse.elements import Element
from verideck.parse.options import read_options
from verideck.parse.prose import GAP

_NOT_RUN = ("py", "py3", "python3", "pycon", "ipython", "ipython3", "pythonrepl", "tensorflow", "doctest")
_NOT_OUTPUT = ("outputs", "out", "result", "results", "prints")
_OPENING = re.compile(r" {0,3}(`{3,}|~{3,})[^`\s]")
_DOCTEST = re.compile(r"line (\d+) of the docstring for \S+ (.*?)(?::|$)")  # how doctest words its ValueErrors


def read_fence(element: Element, page: Page) -> Snippet | Output | Listing:
    """Turn a top-level fence into what its language says; every fault in it is a problem."""
    span = page.span(element.first)
    language = element.language or ""
    closed = _check_closed(element, page)
    if GAP.search(element.content):
        hint = "put it into the text above"
        page.refuse(span, "VD116", "a gap {{c…::…}} cannot stand in code", hint)
    if language == "python":
        return _snippet(element, page, closed=closed)
    if language == "output":
        options = read_options(element, "output", page)
        # What an open fence has swallowed is not what was wanted.
        return Output(element.content, span, options.tensorflow) if closed else Listing("", element.content, span)
    _check_language(element, language, page)
    return Listing(language, element.content, span)


def _check_language(element: Element, language: str, page: Page) -> None:
    """Refuse a language that looks as if its fence would run or be compared, and would not."""
    name = "".join(c for c in language.lower() if c.isalnum())
    for lookalikes, meant, verb in ((_NOT_RUN, "python", "run"), (_NOT_OUTPUT, "output", "compared")):
        if name in lookalikes or re.fullmatch(rf"{meant}\d+", name) or get_close_matches(name, [meant], cutoff=0.85):
            hint = f"write {meant} and a space behind it, or text to show it only"
            page.refuse(page.span(element.first, language), "VD202", f"a fence marked {language} is not {verb}", hint)


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


def _snippet(element: Element, page: Page, *, closed: bool) -> Snippet:
    options = read_options(element, "python", page)
    session = element.content.lstrip().startswith(">>>")
    snippet = Snippet(element.content, page.span(element.first), options, session=session)
    if snippet.session and options.raises:
        hint = "leave it out, and write the traceback under the `>>>` line"
        page.refuse(page.span(element.first, "raises"), "VD203", "raises is not for sessions", hint)
    if not element.content.strip():
        page.refuse(snippet.span, "VD210", "this snippet is empty", "write the code, or remove the fence")
    elif not closed:
        return replace(snippet, broken=True)
    elif not options.no_run and options.raises != "SyntaxError":
        return replace(snippet, broken=not _check_syntax(snippet, page))
    return snippet


def _check_closed(element: Element, page: Page) -> bool:
    """Whether the fence ends where it should; else it has swallowed what stands below, which is refused."""
    closing = page.lines[element.last - 1].strip() if element.last - 1 > element.first else ""
    hint = f"end it with a line {element.markup}"
    if not (closing.startswith(element.markup) and not closing.strip(element.markup[0])):
        page.refuse(page.span(element.first), "VD204", "this fence is never closed", hint)
        return False
    for line in range(element.first + 1, element.last - 1):
        match = _OPENING.match(page.lines[line])
        if match and match[1].startswith(element.markup):
            message = f"this fence is not closed before line {line + 1} opens another"
            page.refuse(
                page.span(element.first), "VD204", message, f"{hint}, or start it with more than {element.markup}"
            )
            return False
    return True


def _check_syntax(snippet: Snippet, page: Page) -> bool:
    """Whether Python can read the snippet; if not, it is refused. Empty lines put it at the page's own lines."""
    indent = 0
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a SyntaxWarning is the snippet's own affair when it runs
        try:
            if not snippet.session:
                ast.parse("\n" * snippet.span.line + snippet.code)
                return True
            for example in doctest.DocTestParser().get_examples(snippet.code):
                indent = example.indent + len(">>> ")
                ast.parse("\n" * (snippet.span.line + example.lineno) + example.source)
        except SyntaxError as error:
            span = Span(page.path, error.lineno or snippet.span.line + 1, max(error.offset or 1, 1) + indent)
            hint = "correct it, or write raises=SyntaxError if that is the point"
            page.refuse(span, "VD205", f"this is not Python: {error.msg}", hint)
        except (ValueError, RecursionError, MemoryError) as error:
            match = _DOCTEST.match(str(error))
            span = page.span(snippet.span.line + int(match[1]) - 1) if match else snippet.span
            message = f"this is not a session: the line {match[2]}" if match else "Python cannot read this"
            page.refuse(span, "VD205", message, "correct it, or write text to show it only")
        else:
            return True
    return False
