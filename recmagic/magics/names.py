"""Finds what a line names: the notebook's own namespace is the only registry of data sets and models."""

from __future__ import annotations

import keyword
import sys
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from recmagic import zoo
from recmagic.errors import MagicError, ModelError, did_you_mean
from recmagic.magics.notebook import Notebook

if TYPE_CHECKING:
    from recmagic.data.dataset import Dataset
    from recmagic.model import Model


def datasets(notebook: Notebook) -> dict[str, Dataset]:
    """Return the notebook's data sets by name."""
    return _of_kind(notebook, "recmagic.data.dataset", "Dataset")


def models(notebook: Notebook) -> dict[str, Model]:
    """Return the notebook's models by name."""
    return _of_kind(notebook, "recmagic.model", "Model")


def find_dataset(notebook: Notebook, name: str) -> Dataset:
    """Return the data set of that name; raise MagicError with the nearest name and all there are."""
    return _find(notebook, name, datasets(notebook), "data set", "Make one: %recdata films films")


def find_model(notebook: Notebook, name: str) -> Model:
    """Return the model of that name; raise MagicError with the nearest name and all there are."""
    return _find(notebook, name, models(notebook), "model", "Declare one in a cell that starts with %%recmodel NAME")


def find_current_model(notebook: Notebook, name: str) -> Model:
    """Return the model of that name; ModelError when its data has been loaded anew since."""
    model = find_model(notebook, name)
    data = datasets(notebook).get(model.source.name)
    if data is not None and data.fingerprint != model.source.fingerprint and not model.from_file:
        fact = f"'{name}' is stale: it was declared on an earlier '{data.name}', which has been loaded anew since."
        raise ModelError(fact, f"Run the %%recmodel cell of '{name}' again.")
    return model


def the_dataset(notebook: Notebook) -> Dataset:
    """Return the notebook's one data set; raise MagicError where there is none, or more than one."""
    found = datasets(notebook)
    distinct = {id(dataset): dataset for dataset in found.values()}
    if len(distinct) == 1:
        return next(iter(distinct.values()))
    if not found:
        raise MagicError("There is no data set in this notebook yet.", "Make one: %recdata films films")
    raise MagicError(f"Which data set: {_listed(found)}?", f"Say --data {next(iter(found))}.")


def bind(notebook: Notebook, name: str, value: object) -> None:
    """Give the value that name in the notebook, as an assignment would."""
    check_name(name)
    notebook.shell.push({name: value})


def assigned(words: Sequence[str]) -> tuple[str, str]:
    """Return the two sides of NAME = REST, from the words of a line; without the sign, nothing is on the right."""
    name, _, rest = " ".join(words).partition("=")
    return name.strip(), rest.strip()


def check_name(name: str) -> None:
    """Raise MagicError when the text cannot be the name of a variable."""
    if not name.isidentifier() or keyword.iskeyword(name):
        raise MagicError(f"'{name}' cannot be a name.", "Use letters, digits and _, and start with a letter.")


def _of_kind(notebook: Notebook, module: str, kind: str) -> dict[str, Any]:
    # Nothing of that kind can be there before its module is, so a look-up imports nothing.
    loaded = sys.modules.get(module)
    if loaded is None:
        return {}
    wanted = getattr(loaded, kind)
    # IPython's own names for past outputs (_, __, _5) are not the user's.
    return {
        name: value
        for name, value in list(notebook.namespace.items())
        if isinstance(value, wanted) and not name.startswith("_")
    }


def _find(notebook: Notebook, name: str, found: dict[str, Any], what: str, none_yet: str) -> Any:
    if name in found:
        return found[name]
    there = f"The {what}s here: {_listed(found)}." if found else f"There is no {what} here yet. {none_yet}"
    if what == "model" and name in zoo.names():
        raise MagicError(f"There is no model '{name}' in this notebook, but one in the zoo.",
                         f"Declare it first: %recmodel {name.lower()} = {name}()")
    if name in notebook.namespace:
        raise MagicError(f"'{name}' is a {type(notebook.namespace[name]).__name__}, not a {what}.", there)
    raise MagicError(f"There is no {what} '{name}'.", f"{did_you_mean(name, found)} {there}".strip())


def _listed(names: Iterable[str]) -> str:
    return ", ".join(sorted(names))
