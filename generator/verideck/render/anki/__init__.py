"""Notes as an Anki package."""

from verideck.render.anki.package import render

__all__ = ["render"]
