"""Any pandas frame as one whose cells can be compared, counted and written: texts, numbers, times, lists."""

from __future__ import annotations

import re
from typing import Any

import pandas as pd

from recmagic.data.cells import shown
from recmagic.errors import DataError

_SURROGATE = re.compile("[\ud800-\udfff]")  # half a character: no file, page or message can hold it


def plain_cells(table: pd.DataFrame) -> pd.DataFrame:
    """Return the table with names that are texts, categories and Arrow's lists as their cells, and bytes as texts.

    Raises DataError at two columns of one name, and at a name or cell with a lone surrogate.
    """
    names = [str(name) for name in table.columns]
    for place, name in enumerate(names):
        if _SURROGATE.search(name):
            raise DataError(f"The name of column {place + 1}, {name!r}, holds half a character (a lone surrogate).",
                            "Rename it.")
        if name in names[:place]:
            raise DataError(f"The table has two columns '{name}'.", "Rename one of them, or drop it.")
    columns = [_plain(table.iloc[:, place], name) for place, name in enumerate(names)]
    return pd.DataFrame(dict(zip(names, columns)), index=table.index).reset_index(drop=True)


def _plain(column: pd.Series, name: str) -> pd.Series:
    if isinstance(column.dtype, pd.CategoricalDtype) or _nested(column.dtype):
        column = column.astype(object)
    if not pd.api.types.is_object_dtype(column.dtype) and not isinstance(column.dtype, pd.StringDtype):
        return column
    cells = column.to_numpy(dtype=object)
    only_texts = pd.api.types.infer_dtype(cells, skipna=False) == "string"
    if _SURROGATE.search(" ".join(cells if only_texts else map(str, cells))):
        row = next(row for row, value in enumerate(cells) if _SURROGATE.search(str(value)))
        raise DataError(
            f"Row {row + 1}, column '{name}': {shown(cells[row])} holds half a character (a lone surrogate).",
            "Mend it: text.encode('utf-16', 'surrogatepass').decode('utf-16', 'replace').",
        )
    if any(isinstance(value, (bytes, bytearray)) for value in cells) and not only_texts:
        return pd.Series([_as_text(value) for value in cells], index=column.index, dtype=object)
    return column


def _nested(dtype: Any) -> bool:
    return isinstance(dtype, pd.ArrowDtype) and dtype.kind == "O"


def _as_text(value: Any) -> Any:
    return str(bytes(value)) if isinstance(value, (bytes, bytearray)) else value
