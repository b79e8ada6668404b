"""A note's fields as Anki holds them: each laid out by its `fields/*.html.j2`, then sealed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import chain, repeat
from urllib.parse import quote, urlsplit

from jinja2 import DictLoader, Environment, StrictUndefined
from markupsafe import escape

from verideck.markdown import markdown
from verideck.model import Block, Card, Citation, Deck, Evidence, Kind, Note, Options, Prose
from verideck.render import html
from verideck.render.anki.seal import seal

_LAID_OUT = ("Front", "Back", "Dispute", "Claims", "Evidence", "Sources", "Origin")


@dataclass(frozen=True, slots=True)
class Run:
    """Snippets of one fate: their numbers as a reader counts them, how many hidden ones, and where they ran.

    Where `places` is empty they did not run; `options`, which they share, say why.
    """

    numbers: tuple[int, ...]
    hidden: int
    places: tuple[str, ...]
    options: Options


def layout(templates: Mapping[str, str]) -> Environment:
    """The Jinja environment over the `.j2` files among `templates`; Anki's own `{{Field}}` files stay out of it."""
    environment = Environment(
        loader=DictLoader({name: text for name, text in templates.items() if name.endswith(".j2")}),
        undefined=StrictUndefined,
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        prose=html.prose, inline=html.inline, blocks=html.blocks, printed=html.printed, versions=html.versions
    )
    environment.filters.update(lines=_lines, web=_web)
    return environment


def fields(note: Note, environment: Environment) -> dict[str, str]:
    """All that a field of any note type may hold, by the field's name.

    Raises `jinja2.TemplateError` where a template is missing or uses a name that it does not get.
    """
    card = note.card
    values = {
        "note": note,
        "back": _untyped(card),
        "card": card,
        "deck": note.deck,
        "sources": {source.key: source for source in (*note.deck.sources, *note.sources)},
        "runs": list(_runs(note)),
        "shown": sum(not snippet.options.hidden for snippet in card.snippets()),
        "origin": f"{card.span.path}:{card.span.line}",
        "origin_url": _origin_url(note),
    }
    laid_out = {
        name: environment.get_template(f"fields/{name.lower()}.html.j2").render(values).strip() for name in _LAID_OUT
    }
    sealed = {name: seal(text) for name, text in laid_out.items()}
    return sealed | {
        "Text": seal(laid_out["Front"], gaps=True),
        "Answer": seal(str(escape(card.typed))),
        "Language": str(escape(note.deck.language)),
        "Id": str(escape(f"{note.deck.id}/{card.id}")),
        "Spare1": "",
        "Spare2": "",
        "Spare3": "",
    }


def description(deck: Deck, environment: Environment) -> str:
    """What Anki shows with the deck, as HTML."""
    return environment.get_template("fields/description.html.j2").render(deck=deck).strip()


def _untyped(card: Card) -> tuple[Block, ...]:
    """The back without the answer to type, its first paragraph, which the comparison shows."""
    first, *others = card.back or (None,)
    if card.kind is not Kind.TYPE or not isinstance(first, Prose):
        return card.back
    opening = markdown().parse(first.markdown)[0]
    rest = first.markdown.split("\n")[opening.map[1] if opening.map else 0 :]
    return (replace(first, markdown="\n".join(rest)), *others)


def _runs(note: Note) -> Iterator[Run]:
    """The snippets grouped by what became of them, in order of the first of each group."""
    groups: dict[tuple[tuple[str, ...], Options], tuple[list[int], list[int]]] = {}
    number = 0
    for snippet, evidence in zip(note.card.snippets(), chain(note.evidence, repeat(())), strict=False):
        places = tuple(dict.fromkeys(_place(one) for one in evidence if one.outcome == "pass"))
        told = Options() if places else _reason(snippet.options)
        shown, hidden = groups.setdefault((places, told), ([], []))
        number += not snippet.options.hidden
        (hidden if snippet.options.hidden else shown).append(number)
    for (places, told), (shown, hidden) in groups.items():
        yield Run(tuple(shown), len(hidden), places, told)


def _reason(options: Options) -> Options:
    """Of a snippet's options those that can keep it from running."""
    return Options(no_run=options.no_run, gpu=options.gpu, tensorflow=options.tensorflow)


def _place(evidence: Evidence) -> str:
    """Where a snippet ran, such as “TensorFlow 2.21.0, Keras 3.15.1, Python 3.11.7, CPU”."""
    libraries = [("TensorFlow", evidence.tensorflow), ("Keras", evidence.keras)]
    if not evidence.tensorflow:
        libraries.append(("NumPy", evidence.numpy))
    named = [f"{name} {version}" for name, version in (*libraries, ("Python", evidence.python)) if version]
    return ", ".join([*named, evidence.device.upper()])


def _lines(citation: Citation) -> str:
    """The cited lines as “line 31” or “lines 31–33”, or nothing."""  # noqa: RUF002 - a range takes an en dash
    if citation.lines is None:
        return ""
    first, last = citation.lines
    return f"line {first}" if first == last else f"lines {first}–{last}"  # noqa: RUF001 - a range takes an en dash


def _web(url: str) -> str:
    """The address, if it is one of the web; else nothing, so that no link runs a script or opens a file."""
    return url if urlsplit(url).scheme in ("http", "https") else ""


def _origin_url(note: Note) -> str:
    span = note.card.span
    return f"{note.deck.url.rstrip('/')}/{quote(span.path)}#L{span.line}" if _web(note.deck.url) else ""
