"""What a delimited text tells before it is read: encoding, delimiter, blank lines on top, and an uneven row."""

from __future__ import annotations

import csv
import gzip
import zlib
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO

from recmagic.errors import DataError

_USUAL = (",", "|", ";", "\t")  # DuckDB finds these itself
_UNUSUAL = ("::", " ")
_HEAD = 1 << 16  # bytes


def encoding(files: Sequence[str]) -> str:
    """Return 'latin-1' for plain files that are not UTF-8; compressed ones are taken as UTF-8.

    Raises DataError at UTF-16, which spreadsheets call Unicode text.
    """
    for path in files:
        if Path(path).suffix.lower() not in (".gz", ".zst"):
            with open(path, "rb") as start:
                if start.read(2) in (b"\xff\xfe", b"\xfe\xff"):
                    raise DataError(f"{path} is written in UTF-16.", "Save it as CSV in UTF-8.")
            try:
                with open(path, encoding="utf-8") as file:
                    while file.read(1 << 24):
                        pass
            except UnicodeDecodeError:
                return "latin-1"
    return "utf-8"


def unusual_delimiter(path: str) -> str | None:
    """Return '::' or a blank if the first line has one: DuckDB finds the other delimiters itself."""
    line = _head(path).partition("\n")[0].strip()
    return next((sign for sign in _UNUSUAL if sign in line), None)


def lines_above(path: str) -> int:
    """Return how many blank lines stand above the table."""
    return next((place for place, line in enumerate(_head(path).splitlines()) if line.strip()), 0)


def uneven_row(path: str) -> DataError | None:
    """Return an error at the first row with fewer or more fields than the header, or None where all have as many."""
    head = _head(path).strip().partition("\n")[0]
    delimiter = max(_USUAL, key=head.count)
    with suppress(OSError, EOFError, zlib.error, csv.Error), _opened(path) as binary:
        rows = csv.reader((line.decode("utf-8-sig", "replace") for line in binary), delimiter=delimiter)
        fields = 0
        for row in rows:
            fields = fields or len(row)
            if row and len(row) != fields:
                return DataError(
                    f"{path}, line {rows.line_num}: it has {len(row)} fields, and the first has {fields}.",
                    f"Fields are parted by {delimiter!r}; one that holds it, or a line break, stands in double quotes.",
                )
    return None


def _head(path: str) -> str:
    """Return how a text begins, "" where that cannot be told."""
    with suppress(OSError, EOFError, zlib.error), _opened(path) as file:
        return "" if path.endswith(".zst") else file.read(_HEAD).decode("latin-1")
    return ""


def _opened(path: str) -> IO[bytes]:
    return gzip.open(path, "rb") if path.endswith(".gz") else open(path, "rb")  # type: ignore[return-value]
