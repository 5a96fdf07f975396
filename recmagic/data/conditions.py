"""The tiny condition of --keep and --positive: `column op literal`, joined by `and`; parsed, never evaluated."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from recmagic.data.cells import counted, seconds
from recmagic.data.roles import TIME
from recmagic.errors import DataError, did_you_mean

_OPERATORS: dict[type[ast.cmpop], Callable[[Any, Any], Any]] = {
    ast.Eq: operator.eq, ast.NotEq: operator.ne, ast.Lt: operator.lt, ast.LtE: operator.le, ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}


def holds(text: str, frame: pd.DataFrame, aliases: dict[str, str], option: str) -> NDArray[np.bool_]:
    """Return for which rows the condition holds, bool (rows,); a missing value never holds.

    `aliases` maps further names to columns of the frame; `option` ("keep", "positive") is named in errors.
    Raises DataError, with a caret, at anything that is not `column op literal` joined by `and`.
    """
    result = np.ones(len(frame), dtype=bool)
    for name, compare, literal, node in _comparisons(text, option):
        column = aliases.get(name, name)
        if column not in frame.columns:
            hint = did_you_mean(name, [*aliases, *frame.columns]) or f"The columns are: {', '.join(frame.columns)}."
            raise _wrong(text, node, f"There is no column '{name}'.", hint, option)
        met = _compared(frame[column], compare, literal)
        if met is None:
            fact = f"'{name}' is not a column of numbers."
            raise _wrong(text, node, fact, "Put the value in quotes to compare texts.", option)
        result &= met
    return result


def _comparisons(text: str, option: str) -> list[tuple[str, Callable[[Any, Any], Any], Any, ast.expr]]:
    try:
        body = ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        at = (getattr(error, "offset", None) or 1) - 1
        hint = "Write == to compare." if "=" in text and not any(op in text for op in ("==", ">=", "<=", "!=")) else ""
        raise _pointed(text.strip(), at, at + 1, "This is not a condition.", hint or _HINT, option) from None
    parts = body.values if isinstance(body, ast.BoolOp) and isinstance(body.op, ast.And) else [body]
    return [_comparison(text, part, option) for part in parts]


_HINT = ("Write a column, one of == != < <= > >=, and a number or a text; join several by 'and'. "
         "A name with a space or a sign is column('odd name').")


def _comparison(text: str, part: ast.expr, option: str) -> tuple[str, Callable[[Any, Any], Any], Any, ast.expr]:
    if not isinstance(part, ast.Compare) or len(part.ops) != 1 or type(part.ops[0]) not in _OPERATORS:
        raise _wrong(text, part, "This is not a comparison of a column with a value.", _HINT, option)
    name = _column_name(part.left)
    if name is None:
        raise _wrong(text, part.left, "A comparison starts with the name of a column.", _HINT, option)
    right = part.comparators[0]
    try:
        literal = ast.literal_eval(right)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        literal = None
    if not isinstance(literal, int | float | str):
        hint = f'A text stands in quotes: "{right.id}"' if isinstance(right, ast.Name) else _HINT
        raise _wrong(text, right, "A column is compared with a number or a text.", hint, option)
    return name, _OPERATORS[type(part.ops[0])], literal, part


def _column_name(node: ast.expr) -> str | None:
    """Return the column that `name` or `column("any name")` names, or None for anything else."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "column":
        name = node.args[0] if len(node.args) == 1 and not node.keywords else None
        return name.value if isinstance(name, ast.Constant) and isinstance(name.value, str) else None
    return None


def _compared(raw: pd.Series, compare: Callable[[Any, Any], Any], literal: Any) -> NDArray[np.bool_] | None:
    """Compare each cell; None where a number is asked of cells that are not numbers."""
    values, name = raw, str(raw.name)
    if isinstance(literal, str) and (name == TIME or pd.api.types.is_datetime64_any_dtype(raw)):
        literal, values = seconds(pd.Series([literal]), name)[0], pd.Series(seconds(raw, name))
    elif isinstance(literal, str):
        values = raw.astype(str)
    elif not pd.api.types.is_numeric_dtype(raw):
        values = pd.Series(counted(raw), index=raw.index)
        if bool((values.isna() & raw.notna()).any()):
            return None
    return np.asarray(compare(values, literal), dtype=bool) & raw.notna().to_numpy(dtype=bool)


def _wrong(text: str, node: ast.expr, fact: str, hint: str, option: str) -> DataError:
    line = text.strip()
    encoded = line.encode()  # ast counts bytes
    start = len(encoded[: node.col_offset].decode(errors="ignore"))
    end = len(encoded[: node.end_col_offset].decode(errors="ignore"))
    return _pointed(line, start, end, fact, hint, option)


def _pointed(line: str, start: int, end: int, fact: str, hint: str, option: str) -> DataError:
    head = f"  {option} │ "
    marks = " " * (len(head) - 2) + "│ " + " " * start + "^" * max(1, end - start)
    return DataError(f"{fact}\n{head}{line}\n{marks}", hint)
