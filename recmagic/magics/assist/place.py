"""What of a notebook cell is ours: the line of a magic of this extension, or the body of a `%%recmodel`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from recmagic.errors import RecmagicError
from recmagic.magics.line import LineParser
from recmagic.magics.names import datasets, find_dataset, the_dataset
from recmagic.magics.notebook import Notebook

LINE = re.compile(r"\s*(?:[\w,\s]+=\s*)?(%%?)(\w+)[ \t](.*)", re.DOTALL)
DATA = re.compile(r"\s--data[ =](\w+)")


@dataclass(frozen=True)
class Place:
    """Our part of a cell up to a cursor: the magic's parser and line; in a body also the text, else None."""

    parser: LineParser
    line: str
    body: str | None = None


def place(parsers: Mapping[str, LineParser], cell: str, cursor: int) -> Place | None:
    """Return where the cursor, counted in characters, stands; None where the cell is not ours there."""
    until = cell[:cursor]
    head = cell.lstrip().partition("\n")[0]
    end = len(cell) - len(cell.lstrip()) + len(head)
    found = LINE.fullmatch(head + " ")
    if found and found[1] == "%%" and found[2] in parsers and cursor > end:
        return Place(parsers[found[2]], found[3], cell[end + 1 : cursor])
    found = LINE.fullmatch(until.rpartition("\n")[2])
    if found and found[2] in parsers and (found[1] == "%" or "\n" not in until.lstrip()):
        return Place(parsers[found[2]], found[3])
    return None


def columns(notebook: Notebook, line: str) -> dict[str, str]:
    """Return the columns of the data set that a cell goes with: name -> what it is; none where that is not clear."""
    named = DATA.search(f" {line}")
    try:
        data = find_dataset(notebook, named[1]) if named else the_dataset(notebook)
    except RecmagicError:
        several = list(datasets(notebook).values())
        if named or not several:
            return {}
        data = several[-1]
    return {name: f"{column.side} column, {column.kind}" for name, column in data.columns.items()}
