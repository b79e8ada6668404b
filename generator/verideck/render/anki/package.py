"""Notes as an `.apkg`: a zip with a SQLite collection, the same bytes for the same notes on every machine."""

from __future__ import annotations

import hashlib
import io
import sqlite3
import warnings
import zipfile
from collections.abc import Mapping, Sequence
from contextlib import closing
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

import genanki

from verideck.model import Deck, Note
from verideck.render.anki.fields import description, fields, layout
from verideck.render.anki.notetypes import MODIFIED, NOTE_TYPES, NoteType, model
from verideck.render.anki.seal import gap_numbers

# Where SQLite's header (https://www.sqlite.org/fileformat2.html#the_database_header) counts changes, repeats
# that count, and names the library that wrote last. 3.40.0 stands for any.
_STAMPS = {24: 1, 92: 1, 96: 3_040_000}


def render(deck: Deck, notes: Sequence[Note], templates: Mapping[str, str]) -> bytes:
    """The deck and its notes, in their order, as the bytes of an Anki package.

    `templates` holds the files of templates/anki by their names relative to it. A note without gaps of kind
    CLOZE, or a GUID that stands twice, is a bug upstream: `ValueError`. A template that is missing or asks for
    an unknown name raises `KeyError` or `jinja2.TemplateError`.
    """
    guids = [note.guid for note in notes]
    if len(set(guids)) < len(guids):
        twice = sorted({guid for guid in guids if guids.count(guid) > 1})
        message = f"notes share a GUID, and Anki would keep both: {', '.join(twice)}"
        raise ValueError(message)
    with TemporaryDirectory(prefix="verideck-") as folder:
        path = Path(folder, "collection.anki2")
        with closing(sqlite3.connect(path)) as connection:
            _write(connection, deck, notes, templates)
        return _zip(_stamp(path.read_bytes()))


def _write(connection: sqlite3.Connection, deck: Deck, notes: Sequence[Note], templates: Mapping[str, str]) -> None:
    # Settings that differ between builds of SQLite and show in the file.
    connection.executescript("PRAGMA page_size = 4096; PRAGMA auto_vacuum = 0; PRAGMA secure_delete = ON;")
    # Nobody needs this file after a crash, so nothing waits for the disk.
    connection.executescript("PRAGMA synchronous = OFF; PRAGMA journal_mode = MEMORY;")
    environment = layout(templates)
    models = {note_type: model(note_type, templates) for note_type in NOTE_TYPES.values()}
    written = genanki.Deck(_deck_id(deck), deck.name, description(deck, environment))
    for position, note in enumerate(notes, start=1):
        note_type = NOTE_TYPES[note.card.kind]
        values = fields(note, environment)
        written.add_note(_note(note, note_type, models[note_type], values, position))
    ids = count((max((note.mod for note in notes), default=0) or MODIFIED) * 1000)
    with warnings.catch_warnings():
        # It takes any < that is followed by > for a faulty tag; our HTML is escaped by construction.
        warnings.filterwarnings("ignore", "Field contained the following invalid HTML tags", module="genanki")
        genanki.Package(written).write_to_db(connection.cursor(), MODIFIED, ids)
    connection.executemany("UPDATE notes SET mod = ? WHERE guid = ?", [(note.mod, note.guid) for note in notes])
    connection.execute("UPDATE cards SET mod = (SELECT mod FROM notes WHERE notes.id = cards.nid)")
    connection.commit()
    connection.execute("VACUUM")


def _note(
    note: Note, note_type: NoteType, kind: genanki.Model, values: Mapping[str, str], position: int
) -> genanki.Note:
    written = genanki.Note(
        model=kind,
        fields=[values[name] for _, name in note_type.fields],
        tags=list(note.tags),
        guid=note.guid,
        due=position,
    )
    if note_type.cloze:
        numbers = gap_numbers(values["Text"])
        if not numbers:
            message = f"{note.card.span.path}:{note.card.span.line}: a cloze card without a gap"
            raise ValueError(message)
        # genanki misses gaps within gaps, and keeps this in the instance once it is known.
        written.cards = [genanki.Card(number - 1) for number in numbers]
    return written


def _deck_id(deck: Deck) -> int:
    """A number from 2**31 to 2**53, which JavaScript holds exactly, from the deck's id alone."""
    number = int.from_bytes(hashlib.sha256(deck.id.encode()).digest()[:8], "big")
    return 2**31 + number % (2**53 - 2**31)


def _stamp(database: bytes) -> bytes:
    stamped = bytearray(database)
    for offset, number in _STAMPS.items():
        stamped[offset : offset + 4] = number.to_bytes(4, "big")
    return bytes(stamped)


def _zip(collection: bytes) -> bytes:
    """The zip, stored and not deflated: compressors differ from machine to machine."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as package:
        for name, content in (("collection.anki2", collection), ("media", b"{}")):
            entry = zipfile.ZipInfo(name)  # dated 1980-01-01
            entry.create_system = 3
            entry.external_attr = 0o644 << 16
            package.writestr(entry, content)
    return held.getvalue()
