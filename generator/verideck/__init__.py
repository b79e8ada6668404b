"""Flashcards written as Markdown, checked by running them."""

__version__ = "0.1.0"
