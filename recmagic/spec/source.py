"""The text of a cell: its lines, the places of its pieces in characters, and the refusal of a piece."""

from __future__ import annotations

import ast
from typing import Union

from recmagic.errors import Place, Problem

WIDEST = 160  # characters of a very long piece or line that an error shows

Located = Union[ast.expr, ast.stmt, ast.keyword]


class Refusal(Exception):
    """One problem found while reading a statement; the reader collects them into a `SpecError`."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.message)
        self.problem = problem


def unified(text: str) -> str:
    """Return the text with line ends as \\n and no byte order mark, so that every part counts lines alike."""
    return text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")


def shown(line: str) -> str:
    """Return a line as it may be printed above a caret: tabs and control characters take one column each."""
    return "".join(character if character.isprintable() else " " for character in line)


def has_halves(text: str) -> bool:
    """Whether a text holds half of a surrogate pair, which has no UTF-8 form."""
    return any("\ud800" <= character <= "\udfff" for character in text)


class Source:
    """The lines of a cell, numbered from `first_line`, and the way from `ast` positions to places."""

    def __init__(self, text: str, first_line: int = 1) -> None:
        self.text = unified(text)
        self.first_line = first_line
        self.lines = self.text.split("\n")
        self._characters: dict[int, list[int]] = {}

    def line(self, index: int) -> str:
        """Return a line by its index from 0, or an empty string past the end."""
        return self.lines[index] if 0 <= index < len(self.lines) else ""

    def place(self, node: Located) -> Place:
        """Return where a node of `ast` stands; of one that spans several lines, its first line."""
        index = node.lineno - 1
        start = self.character(index, node.col_offset)
        if node.end_lineno == node.lineno and node.end_col_offset is not None:
            return self.place_at(index, start, self.character(index, node.end_col_offset))
        return self.place_at(index, start, len(self.line(index).rstrip()))

    def place_at(self, index: int, start: int, end: int) -> Place:
        """Return a place by the index of its line from 0 and a range of characters."""
        return Place(index + self.first_line, start, max(end, start + 1))

    def character(self, index: int, byte: int) -> int:
        """Return the character at which a byte of a line's UTF-8 form stands: `ast` counts bytes, people characters."""
        line = self.line(index)
        if line.isascii():
            return byte
        if index not in self._characters:
            widths = (len(character.encode("utf-8", "replace")) for character in line)
            self._characters[index] = [at for at, width in enumerate(widths) for _ in range(width)]
        characters = self._characters[index]
        return characters[byte] if byte < len(characters) else len(line)

    def operands(self, node: ast.BinOp) -> tuple[Place, Place]:
        """Return the places of an operator's two operands with the parentheses around them, which `ast` leaves out."""
        whole, left, right = self.place(node), self.place(node.left), self.place(node.right)
        left_start = whole.start if whole.line == left.line else left.start
        right_start = self._reach(right, right.start, -1, "(")
        right_end = right.end
        if node.right.lineno == node.right.end_lineno == node.end_lineno and node.end_col_offset is not None:
            right_end = self.character(node.right.lineno - 1, node.end_col_offset)
        return (
            Place(left.line, left_start, self._reach(left, left.end, 1, ")")),
            Place(right.line, right_start, right_end),
        )

    def _reach(self, place: Place, edge: int, step: int, bracket: str) -> int:
        """Move an edge of a place outwards, over blanks, to the last bracket of that sort on its line."""
        line = self.line(place.line - self.first_line)
        at = edge
        while 0 <= (look := at if step > 0 else at - 1) < len(line) and line[look] in f" \t{bracket}":
            at += step
            if line[look] == bracket:
                edge = at
        return edge

    def piece(self, node: ast.expr) -> str:
        """Return the text of a node that stands on one line, else an empty string."""
        place = self.place(node)
        return self.line(node.lineno - 1)[place.start : place.end] if node.lineno == node.end_lineno else ""

    def problem(self, place: Place, message: str, hint: str = "") -> Problem:
        """Return a problem at a place, with the line as it is shown."""
        place = Place(place.line, place.start, min(place.end, place.start + WIDEST))
        line = shown(self.line(place.line - self.first_line))
        widest = max(place.end, WIDEST)
        return Problem(message, place, line if len(line) <= widest else f"{line[:widest]}…", hint)

    def refuse(self, where: Place | Located, message: str, hint: str = "") -> Refusal:
        """Return the refusal of a piece, to be raised."""
        place = where if isinstance(where, Place) else self.place(where)
        return Refusal(self.problem(place, message, hint))
