"""What deck.toml says."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Source:
    """An answer set: its short `key`, and how a reader finds it."""

    key: str
    title: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class VerifySettings:
    """`[verify]` of deck.toml: modules to import before forking, seconds a snippet, mebibytes a card.

    `matrix`: the versions of TensorFlow that the deck is for. `requires`: what else its snippets need, as PEP 508
    has it, in the environments that are made for those. `device` is `cpu`, `gpu` or `all`.
    `libraries` is not said but found: what the snippets of the whole deck import of NumPy, TensorFlow and Keras.
    """

    preload: tuple[str, ...] | None = None
    timeout: float = 30.0
    memory: int = 4096
    matrix: tuple[str, ...] = ()
    requires: tuple[str, ...] = ()
    device: str = "cpu"
    libraries: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Deck:
    """What deck.toml says. `path` is the deck's folder, relative to the project."""

    id: str
    name: str
    path: str
    description: str = ""
    licence: str = ""
    language: str = "en"
    url: str = ""
    sources: tuple[Source, ...] = ()
    verify: VerifySettings = VerifySettings()
    allow_open: bool = False
