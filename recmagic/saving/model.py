"""A model as one document and its arrays: name, data, program, history, and what it was made with."""

from __future__ import annotations

import math
import platform
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from importlib.metadata import version
from pathlib import Path
from typing import Any, get_args

from recmagic import backends
from recmagic.compiler.guarantee import Guarantee
from recmagic.compression.account import Account
from recmagic.errors import DataError
from recmagic.saving import store
from recmagic.saving.dataset import read_dataset, write_dataset
from recmagic.saving.program import read_program, write_program
from recmagic.saving.shape import need, taken
from recmagic.spec.vocabulary import Vocabulary
from recmagic.training.events import Reason
from recmagic.training.history import History

# 2: weights of 8 and 4 bits, sparse ones, and what a smaller model was made from; 3: tables in parts
FORMAT = 3


@dataclass(frozen=True)
class Kept:
    """What a saved model holds: `trained` and `history` as `Model` has them; `fingerprint` is the model's."""

    name: str
    program: Any
    trained: bool
    history: History | None
    fingerprint: str
    account: Account | None = None


def save(path: Path, kept: Kept) -> Path:
    """Write a model to a folder, or to a file that ends in .zip; return the path.

    Raises ModelError where the model cannot be kept, DataError where the place cannot be written.
    """
    arrays: store.Arrays = {}
    document = {
        "format": FORMAT,
        "environment": environment(),
        "name": kept.name,
        "trained": kept.trained,
        "fingerprint": kept.fingerprint,
        "data": write_dataset(kept.program.data, arrays),
        "program": write_program(kept.program, "program", arrays),
        "history": None if kept.history is None else write_history(kept.history),
        "account": None if kept.account is None else asdict(kept.account),
    }
    return store.write(path, document, arrays)


def load(path: Path, words: Vocabulary) -> Kept:
    """Read what `save` has written, on any backend; DataError or SpecError at what is not as it should be."""
    document, arrays = store.read(path)
    check_format(document, path)
    data = read_dataset(taken(document, "data", dict, "document"), arrays)
    program = read_program(taken(document, "program", dict, "document"), "program", arrays, data, words)
    history = taken(document, "history", (dict, type(None)), "document")
    return Kept(taken(document, "name", str, "document"), program, taken(document, "trained", bool, "document"),
                None if history is None else read_history(history), taken(document, "fingerprint", str, "document"),
                _account(document.get("account")))


def _account(told: Any) -> Account | None:
    """Return what a smaller model was made from, None where it was made from nothing."""
    if told is None:
        return None
    of, how, part = (taken(told, name, str, "account") for name in ("of", "how", "part"))
    rows = taken(told, "rows", list, "account")
    need(all(isinstance(row, list) and len(row) == 3 and type(row[0]) is str
             and all(each is None or type(each) in (int, float) for each in row[1:]) for row in rows),
         "account.rows", "rows of a label and two numbers")
    return Account(of, how, part, tuple((label, before, after) for label, before, after in rows))


def environment() -> dict[str, str]:
    """Return what something is made with: versions, and the backend."""
    versions = {name: version(name) for name in ("recmagic", "keras", "numpy")}
    return versions | {"backend": backends.current().name, "python": platform.python_version()}


def check_format(document: Mapping[str, Any], path: Path) -> None:
    """Raise DataError at a document of a newer format, with both numbers."""
    found = taken(document, "format", int, "document")
    if found > FORMAT:
        raise DataError(f"{path} has the format {found}; this recmagic reads up to {FORMAT}.",
                        "Install a newer recmagic.")
    need(found >= 1, "document.format", "1 or more")


def write_history(history: History) -> dict[str, Any]:
    """Return a history as JSON, which has no NaN."""
    told = asdict(history)
    told["guarantee"] = None if history.guarantee is None else history.guarantee.to_json()
    told["epochs"] = [{name: value if math.isfinite(value) else None for name, value in row.items()}
                      for row in told["epochs"]]
    return told


def read_history(told: Any) -> History:
    """Return the history that `write_history` has written."""
    wanted = {each.name: str(each.type) for each in fields(History)}
    need(set(told) <= set(wanted), "history", f"one with {', '.join(wanted)}")
    epochs = [{name: math.nan if value is None else value for name, value in row.items()}
              for row in taken(told, "epochs", list, "history")]
    need(all("epoch" in row and all(type(each) in (int, float) for each in row.values()) for row in epochs),
         "history.epochs", "rows of numbers")
    need(told.get("reason") in get_args(Reason), "history.reason", "a reason why a run ends")
    kinds = {"str": (str,), "int": (int,), "float": (int, float), "int | None": (int, type(None)),
             "str | None": (str, type(None)), "list[str]": (list,), "dict[str, int]": (dict,)}
    for name, kind in wanted.items():
        need(name not in told or kind not in kinds or type(told[name]) in kinds[kind], f"history.{name}", kind)
    return History(**{**told, "epochs": epochs, "guarantee": _guarantee(told.get("guarantee"))})


def _guarantee(told: Any) -> Guarantee | None:
    found = None if told is None else Guarantee.from_json(told)
    need(told is None or found is not None, "history.guarantee", "what a private training promises")
    return found
