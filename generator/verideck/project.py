"""Where a project is, and what is in it: every deck, read and parsed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from verideck.deck import read_deck
from verideck.files import read_text
from verideck.model import Card, Deck, Problem, Span
from verideck.parse import parse

LARGEST_LOCK = 256 * 1024 * 1024  # bytes; it grows with cards and versions, and is ours
_ABOUT = ("README", "LICENSE", "CLAIMS", "CHANGELOG", "CONTRIBUTING")


@dataclass(frozen=True, slots=True)
class Shelf:
    """A deck as it lies on the disk: its settings, its cards in the order of the files, the text of its lock."""

    deck: Deck
    cards: tuple[Card, ...]
    lock: str


@dataclass(frozen=True, slots=True)
class Project:
    """What was read. `texts` holds each file by its path relative to `root`; `selected`, the files that are meant."""

    root: Path
    shelves: tuple[Shelf, ...]
    problems: tuple[Problem, ...]
    texts: dict[str, str]
    selected: frozenset[str]


def find_project(start: Path) -> Path | None:
    """The nearest folder from `start` upwards that holds a folder `cards`, or `None`."""
    start = start.resolve()
    return next((folder for folder in (start, *start.parents) if (folder / "cards").is_dir()), None)


def load(root: Path, paths: Sequence[Path] = ()) -> Project:
    """Read every deck of the project, or those that hold one of `paths` (decks, folders or card files).

    A deck is always read whole, since ids must be unique in it; `selected` tells which files were meant.
    """
    problems: list[Problem] = []
    texts: dict[str, str] = {}
    shelves: list[Shelf] = []
    selected: set[str] = set()
    wanted = [path.resolve() for path in paths]
    tomls = sorted((root / "cards").rglob("deck.toml"))
    folders = {toml.parent for toml in tomls}
    if not wanted:
        problems += _homeless(root, folders)
    for toml in tomls:
        files = [toml, *_card_files(toml.parent, folders)]
        meant = {file for file in files if not wanted or any(_is_within(file, path) for path in wanted)}
        if meant:
            selected |= {file.relative_to(root).as_posix() for file in (*meant, toml, toml.with_name("deck.lock"))}
            shelf = _shelf(root, files, texts, problems)
            if shelf is not None:
                shelves.append(shelf)
    problems += _same_ids(shelves)
    return Project(root, tuple(shelves), tuple(problems), texts, frozenset(selected))


def is_card_file(path: Path, folder: Path) -> bool:
    """Whether a file below `folder` holds cards: all Markdown does but what is about the deck; nothing hidden does."""
    hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
    about = path.stem in _ABOUT
    return path.suffix.lower() in (".md", ".markdown") and not about and not hidden and not path.is_dir()


def _is_within(file: Path, path: Path) -> bool:
    return file.resolve().is_relative_to(path) or file.is_relative_to(path)


def _card_files(folder: Path, decks: set[Path]) -> list[Path]:
    """The card files below a deck's folder, in order, without those of a deck inside it."""
    inner = decks - {folder} - set(folder.parents)
    return sorted(
        path
        for path in folder.rglob("*")
        if is_card_file(path, folder) and not any(path.is_relative_to(deck) for deck in inner)
    )


def _shelf(root: Path, files: list[Path], texts: dict[str, str], problems: list[Problem]) -> Shelf | None:
    toml, *card_files = files
    deck = None
    cards: list[Card] = []
    for file in files:
        shown = file.relative_to(root).as_posix()
        text = read_text(file, shown)
        if isinstance(text, Problem):
            problems.append(text)
            continue
        texts[shown] = text
        if file == toml:
            deck, found = read_deck(text, shown)
        else:
            parsed, found = parse(text, shown)
            cards += parsed
        problems += found
    if deck is not None and not card_files:
        hint = "add a file such as 01-first.md with a card in it"
        problems.append(Problem(Span(f"{deck.path}/deck.toml", 1), "VD403", "this deck has no cards", hint))
    lock = toml.with_name("deck.lock")
    lock_text = read_text(lock, lock.relative_to(root).as_posix(), LARGEST_LOCK) if lock.exists() else ""
    if isinstance(lock_text, Problem):
        problems.append(lock_text)
        lock_text = ""
    return Shelf(deck, tuple(cards), lock_text) if deck is not None else None


def _homeless(root: Path, folders: set[Path]) -> list[Problem]:
    """A problem for each card file that lies in no deck: it would be dropped in silence."""
    hint = "put it into a deck's folder, or write a deck.toml beside it"
    return [
        Problem(Span(path.relative_to(root).as_posix(), 1), "VD402", "this file is in no deck", hint)
        for path in sorted((root / "cards").rglob("*"))
        if is_card_file(path, root / "cards") and not any(path.is_relative_to(folder) for folder in folders)
    ]


def _same_ids(shelves: list[Shelf]) -> list[Problem]:
    first: dict[str, Deck] = {}
    problems = []
    for deck in (shelf.deck for shelf in shelves):
        other = first.setdefault(deck.id, deck)
        if other is not deck:
            span = Span(f"{deck.path}/deck.toml", 1)
            hint = "give each deck an id of its own; Anki tells notes apart by it"
            problems.append(Problem(span, "VD404", f"the id {deck.id} is also that of {other.path}", hint))
    return problems
