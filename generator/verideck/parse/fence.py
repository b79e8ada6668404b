"""Fences: their language, their options, and which output belongs to which snippet."""

from __future__ import annotations

import ast
import doctest
import re
import warnings
from dataclasses import replace

from verideck.model import Listing, Output, Snippet, Span
from verideck.page import Page
from verideck.parse.elements import Element
from verideck.parse.options import read_options
from verideck.parse.prose import GAP

_NOT_RUN = ("py", "python3", "pycon", "py3", "ipython", "Python", "tensorflow", "doctest")
_NOT_OUTPUT = ("outputs", "Output", "out", "result", "prints")
_DOCTEST = re.compile(r"line (\d+) of the docstring for \S+ (.*?)(?::|$)")  # how doctest words its ValueErrors


def read_fence(element: Element, page: Page) -> Snippet | Output | Listing:
    """Turn a top-level fence into what its language says; every fault in it is a problem."""
    span = page.span(element.first)
    language = element.tokens[0].info.strip().split(" ")[0]
    _check_closed(element, page)
    if GAP.search(element.content):
        hint = "put it into the text above"
        page.refuse(span, "VD116", "a gap {{c…::…}} cannot stand in code", hint)
    if language == "python":
        return _snippet(element, page)
    if language == "output":
        options = read_options(element, "output", page)
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
    options = read_options(element, "python", page)
    session = element.content.lstrip().startswith(">>>")
    snippet = Snippet(element.content, page.span(element.first), options, session=session)
    if snippet.session and options.raises:
        hint = "leave it out, and write the traceback under the `>>>` line"
        page.refuse(page.span(element.first, "raises"), "VD203", "raises is not for sessions", hint)
    if not element.content.strip():
        page.refuse(snippet.span, "VD210", "this snippet is empty", "write the code, or remove the fence")
    elif not options.no_run and options.raises != "SyntaxError":
        return replace(snippet, broken=not _check_syntax(snippet, page))
    return snippet


def _check_closed(element: Element, page: Page) -> None:
    closing = page.lines[element.last - 1].strip() if element.last - 1 > element.first else ""
    if not (closing.startswith(element.markup) and not closing.strip(element.markup[0])):
        hint = f"end it with a line {element.markup}"
        page.refuse(page.span(element.first), "VD204", "this fence is never closed", hint)


def _check_syntax(snippet: Snippet, page: Page) -> bool:
    """Whether Python can read the snippet; refuses it on the page if not."""
    line, indent = snippet.span.line, 0
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a SyntaxWarning is the snippet's own affair when it runs
        try:
            if not snippet.session:
                ast.parse(snippet.code)
                return True
            for example in doctest.DocTestParser().get_examples(snippet.code):
                line, indent = snippet.span.line + example.lineno, example.indent + len(">>> ")
                ast.parse(example.source)
        except SyntaxError as error:
            span = Span(page.path, line + (error.lineno or 1), max(error.offset or 1, 1) + indent)
            hint = "correct it, or write raises=SyntaxError if that is the point"
            page.refuse(span, "VD205", f"this is not Python: {error.msg}", hint)
        except (ValueError, RecursionError, MemoryError) as error:
            match = _DOCTEST.match(str(error))
            span = page.span(line + int(match[1]) - 1) if match else snippet.span
            message = f"this is not a session: the line {match[2]}" if match else "Python cannot read this"
            page.refuse(span, "VD205", message, "correct it, or write text to show it only")
        else:
            return True
    return False
