"""The zoo: ready-made models, each the text of a cell in a file; its literals at the top are its settings."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from recmagic.errors import ModelError, did_you_mean

FOLDER = Path(__file__).parent
LITERAL = re.compile(r"^([A-Za-z_]\w*) = (.+)$", re.MULTILINE)


@cache
def names() -> tuple[str, ...]:
    """Return the names of all models, sorted."""
    return tuple(sorted((path.stem for path in FOLDER.glob("*.rec")), key=str.lower))


def text(name: str, settings: Mapping[str, Any] | None = None) -> str:
    """Return the cell of a model, with other values for some of its settings; ModelError at an unknown name."""
    if name not in names():
        raise ModelError(f"There is no model '{name}' in the zoo.", did_you_mean(name, names()) or _listed())
    cell = (FOLDER / f"{name}.rec").read_text(encoding="utf-8")
    known = settings_of(cell)
    for setting, value in (settings or {}).items():
        if setting not in known:
            has = f"Its settings are {', '.join(known)}." if known else f"{name} has no settings."
            raise ModelError(f"{name} has no setting '{setting}'.", f"{did_you_mean(setting, known)} {has}".strip())
        old = next(line for line in cell.split("\n") if line.startswith(f"{setting} = "))
        cell = cell.replace(old, f"{setting} = {value!r}", 1)
    return cell


def settings_of(cell: str) -> dict[str, Any]:
    """Return the settings of a cell with their values: its lines that hold a number or a text."""
    found = {}
    for name, value in LITERAL.findall(cell):
        try:
            found[name] = ast.literal_eval(value)
        except ValueError:
            continue
    return found


def called(call: str) -> tuple[str, dict[str, Any]]:
    """Return the name and the settings that a call such as `SASRec(width=128)` says; ModelError where it is none."""
    try:
        node = ast.parse(call.strip(), mode="eval").body
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        node = None
    if isinstance(node, ast.Name):
        return node.id, {}
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name) or node.args:
        raise ModelError(f"This is no model of the zoo: {call.strip()[:80]}",
                         "Write a name and settings by name: SASRec(width=128).")
    settings = {}
    for option in node.keywords:
        try:
            settings[str(option.arg)] = ast.literal_eval(option.value)
        except ValueError:
            raise ModelError(f"The setting '{option.arg}' is no number or text.", "Write it out: width=128.") from None
    return node.func.id, settings


def _listed() -> str:
    return f"There are {', '.join(names())}."
