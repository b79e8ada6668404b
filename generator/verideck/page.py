"""A file while it is being read."""

from __future__ import annotations

from dataclasses import dataclass, field

from verideck.model import Problem, Span


@dataclass(frozen=True, slots=True)
class Page:
    """A file while it is being read: its path, its lines, counted from 0, and the problems so far."""

    path: str
    lines: tuple[str, ...]
    problems: list[Problem] = field(default_factory=list)

    def refuse(self, span: Span, code: str, message: str, hint: str) -> None:
        """Note a problem; reading goes on."""
        self.problems.append(Problem(span, code, message, hint))

    def span(self, index: int, part: str = "", behind: str = "") -> Span:
        """Where `part` stands in the line with this index (the whole line, if it is not found or empty).

        With `behind`, it is looked for behind the last of these.
        """
        line = self.lines[index] if index < len(self.lines) else ""
        column = line.find(part, max(0, line.rfind(behind)) if behind else 0) if part else -1
        if column >= 0:
            return Span(self.path, index + 1, column + 1, len(part))
        indent = len(line) - len(line.lstrip())
        return Span(self.path, index + 1, indent + 1, max(len(line.strip()), 1))

    def slice(self, first: int, last: int) -> str:
        """The lines from `first` up to, not including, `last`, without empty ones at either end."""
        return "\n".join(self.lines[first:last]).strip("\n").rstrip()
