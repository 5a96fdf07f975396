"""%recdata: load a table of interactions and give it a name."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path, PurePath
from typing import Any

from recmagic.errors import MagicError
from recmagic.magics.line import LineParser, number, positive, setting, whole
from recmagic.magics.names import bind, check_name, datasets, find_dataset
from recmagic.magics.notebook import Notebook

ROLES = ("user", "item", "rating", "time")

PARSER = LineParser(
    "recdata",
    "Load interactions, users and items, and give them a name; with NAME alone, show what has that name.",
    "In Python: NAME = recmagic.Dataset.load(source, user=..., item=..., ...)",
    objects=("source", "users", "items"),
)
_add = PARSER.add_argument
_add("name", metavar="NAME", help="the name that the data set gets in this notebook")
_add(
    "source",
    metavar="SOURCE",
    nargs="?",
    help="a variable of the notebook (pandas, polars or Arrow table), a built-in name (films, movielens-100k, ...), "
    "a CSV or Parquet path or glob, or a database (with --query)",
)
for _role in ROLES:
    _add(f"--{_role}", metavar="COLUMN", help=f"the column that holds the {_role}")
_add("--users", metavar="TABLE", help="a table of the users: a variable or a path")
_add("--items", metavar="TABLE", help="a table of the items: a variable or a path")
_add("--split", metavar="HOW", help="time, last, random, user or file (default: by what the data has)")
_add("--min-user", type=positive, default=0, metavar="N", help="keep users with N interactions or more")
_add("--min-item", type=positive, default=0, metavar="N", help="keep items with N interactions or more")
_add("--keep", metavar="CONDITION", help='drop the other rows: "rating >= 3"')
_add("--positive", metavar="CONDITION", help='mark what counts as liked: "rating >= 4" (default: every row)')
_add("--duplicates", choices=("first", "last", "sum"), default="last", help="which of several rows of a pair stays")
_add("--scale", type=number, nargs=2, metavar=("LOW", "HIGH"), help="the ratings' scale; one outside it is an error")
_add("--types", type=setting, nargs="+", metavar="COLUMN=KIND", help="id, category, multi, number, date or text")
_add("--path", metavar="FOLDER", help="where a built-in data set already lies")
_add("--query", metavar="SQL", help="what to read from a database or files")
_add("--seed", type=whole, default=0, metavar="N", help="the seed of a random split (default 0)")


def recdata(notebook: Notebook, arguments: Namespace) -> Any:
    """Bind and return the data set, or show the one of that name."""
    options = dict(vars(arguments))
    name, source = options.pop("name"), options.pop("source")
    if source is None:
        return find_dataset(notebook, name)
    check_name(name)
    if isinstance(source, str) and source == name and _is_table(notebook, source):
        raise MagicError(
            f"The data set would take the name of the table '{name}', and the table would be gone.",
            f"Choose another name: %recdata {name}_data {name}",
        )
    options["scale"] = tuple(options["scale"]) if options["scale"] else None
    options["types"] = dict(options["types"] or ())
    options.update({side: _variable_or_text(notebook, options[side]) for side in ("users", "items")})
    from recmagic.data.dataset import Dataset

    _check_source(notebook, source)
    with notebook.live("download") as listen:
        dataset = Dataset.load(_variable_or_text(notebook, source), name=name, listen=listen, **options)
    bind(notebook, name, dataset)
    return dataset


def _check_source(notebook: Notebook, source: Any) -> None:
    """Refuse a variable that is no table, unless its name is a built-in source's or a file's as well."""
    from recmagic.data.registry import built_in_names

    if not isinstance(source, str) or source not in notebook.namespace or _is_table(notebook, source):
        return
    if source not in built_in_names() and not Path(source).exists():
        kind = type(notebook.namespace[source]).__name__
        fact = f"'{source}' is of the type {kind}, not a table."
        raise MagicError(fact, "Give a pandas, polars or Arrow table, or a path.")


def _variable_or_text(notebook: Notebook, text: Any) -> Any:
    """Return the table or path that the notebook calls so, else the text itself: a path or a built-in name."""
    if isinstance(text, str) and _is_table(notebook, text):
        value = notebook.namespace[text]
        return str(value) if isinstance(value, PurePath) else value
    return text


def _is_table(notebook: Notebook, name: str) -> bool:
    # `%recdata films films` run twice finds the data set of the first run under the built-in name.
    value = notebook.namespace.get(name) if isinstance(name, str) and name not in datasets(notebook) else None
    return isinstance(value, (str, PurePath)) or hasattr(value, "columns") or hasattr(value, "__arrow_c_stream__")
