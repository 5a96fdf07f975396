"""Every mistake a user can make, as an exception that shows exactly its own text in a notebook."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from typing import Iterable
from unicodedata import combining, east_asian_width


class RecmagicError(Exception):
    """A mistake that the user can mend; the message says what is wrong, where, and what to do.

    IPython calls `_render_traceback_` and shows the lines it returns, with no frame of ours.
    """

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message}\n  {self.hint}" if self.hint else self.message

    def _render_traceback_(self) -> list[str]:
        return [f"{type(self).__name__}: {self}"]


class DataError(RecmagicError):
    """A table, column, id, file or download that is not what it should be."""


class ModelError(RecmagicError):
    """A model asked for what it cannot do: untrained, stale, or of another kind."""


class TrainingError(RecmagicError):
    """A training that cannot start or cannot go on."""


class Stopped(RecmagicError):
    """Work that the user has stopped before it had a result."""


class MagicError(RecmagicError):
    """A line of a magic that cannot be read."""


def _cells(text: str) -> int:
    """Return how many columns a text takes in a fixed-width font: East Asian wide characters take two."""
    return sum(0 if combining(each) else 2 if east_asian_width(each) in "WF" else 1 for each in text)


@dataclass(frozen=True)
class Place:
    """Where a piece of a cell's text stands: a line (the `%%` line is 1) and a half-open range of characters."""

    line: int
    start: int
    end: int


@dataclass(frozen=True)
class Problem:
    """One thing wrong in a cell: the fact, its place, the line's text, and one hint."""

    message: str
    place: Place
    text: str
    hint: str = ""

    def __str__(self) -> str:
        head = f"  line {self.place.line} │ "
        before, piece = self.text[: self.place.start], self.text[self.place.start : self.place.end]
        caret = " " * (len(head) - 2) + "│ " + " " * _cells(before) + "^" * max(1, _cells(piece))
        hint = f"\n  {self.hint}" if self.hint else ""
        return f"{self.message}\n{head}{self.text}\n{caret}{hint}"


class SpecError(RecmagicError):
    """A cell that cannot be read or built: up to three problems, each with a caret under the guilty piece."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)[:3]
        super().__init__("\n".join(str(problem) for problem in self.problems))


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return 'Did you mean X?' for the nearest known name, or an empty string."""
    names = {str(candidate).lower(): str(candidate) for candidate in known}
    close = get_close_matches(str(name).lower(), names, n=1, cutoff=0.6)
    return f"Did you mean {names[close[0]]}?" if close else ""
