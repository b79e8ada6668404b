"""Sealed notes in, the files that learners and teachers get out, as bytes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from verideck.edition import Edition
from verideck.model import Problem, Span
from verideck.templates import read_templates


@dataclass(frozen=True, slots=True)
class Artifact:
    """A file to be: its name in `build/`, what it is, its content."""

    name: str
    kind: str
    content: bytes


def publish(edition: Edition, project: Path) -> tuple[tuple[Artifact, ...], tuple[Problem, ...]]:
    """Render a deck's Anki package, study sheet and cut-out cards, with the templates that `project` uses.

    A template that cannot be set is a problem, and then nothing is published.
    """
    from jinja2 import TemplateError as LayoutError
    from jinja2 import TemplateSyntaxError

    from verideck.render.print import TemplateError

    try:
        return tuple(_artifacts(edition, project)), ()
    except TemplateSyntaxError as error:
        return (), (_faulty(f"anki/{error.name}", error.lineno, error.message or "it cannot be read"),)
    except (LayoutError, UnicodeDecodeError) as error:
        return (), (_faulty("anki", 1, str(error)),)
    except KeyError as error:
        return (), (_faulty("anki", 1, f"the file {error.args[0]} is missing"),)
    except TemplateError as error:
        return (), (_faulty("print", 1, str(error)),)
    except ValueError as error:  # what Anki would misunderstand; the message says which card
        message = f"the deck cannot be rendered: {error}"
        hint = "write the card another way; if it follows FORMAT.md, this is our fault: please report it"
        return (), (Problem(Span(f"{edition.deck.path}/deck.toml", 1), "VD702", message, hint),)


def _artifacts(edition: Edition, project: Path) -> Iterator[Artifact]:
    from verideck.render import anki
    from verideck.render import print as paper

    deck, notes = edition.deck, edition.notes
    web = {name: content.decode() for name, content in read_templates(project, "anki").items()}
    typst = read_templates(project, "print")
    yield Artifact(f"{deck.id}.apkg", "anki", anki.render(deck, notes, web))
    yield Artifact(f"{deck.id}-study-sheet.pdf", "study-sheet", paper.study_sheet(deck, notes, typst))
    yield Artifact(f"{deck.id}-cards.pdf", "cards", paper.cards(deck, notes, typst))


def _faulty(template: str, line: int, said: str) -> Problem:
    first, _, rest = said.partition("\n")
    hint = "a project that has its own templates/ gets none of ours: copy them whole, then change them"
    return Problem(Span(f"templates/{template}", line), "VD701", f"a template fails: {first}", hint, detail=rest)
