"""Verdicts and problems in, text for people and machines out."""
