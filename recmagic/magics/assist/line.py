"""What may be typed next in the line of a magic: options, their choices, and what the notebook holds of that kind.

What an argument takes is told by its metavar, so a new magic is completed without a word here.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from recmagic import zoo
from recmagic.errors import RecmagicError
from recmagic.magics.assist.body import Choice, starting
from recmagic.magics.line import LineParser
from recmagic.magics.names import datasets, models
from recmagic.magics.notebook import Notebook

WORD = re.compile(r"""(?:[^\s"']|"[^"]*"?|'[^']*'?)+""")
CALL = re.compile(r"=\s*(\w+)\s*\(([^()]*)$")


@dataclass
class Typed:
    """A line up to the cursor: its whole words, the piece being typed, and what has been said by then."""

    parser: LineParser
    line: str
    words: list[str]
    fragment: str
    action: argparse.Action | None = None  # whose value is being typed
    positional: dict[str, str] = field(default_factory=dict)
    given: set[str] = field(default_factory=set)  # the options said


def typed(parser: LineParser, line: str) -> Typed:
    """Return what stands in a line behind the magic's name, up to the cursor."""
    words = WORD.findall(line)
    fragment = words.pop() if words and not line[-1:].isspace() else ""
    here = Typed(parser, line, words, fragment)
    positionals = [each for each in parser._actions if not each.option_strings]
    known = {name: each for each in parser._actions for name in each.option_strings}
    open_option: argparse.Action | None = None
    for word in words:
        if word in known:
            here.given.update(known[word].option_strings)
            open_option = None if known[word].nargs == 0 else known[word]
        elif open_option is not None:
            open_option = open_option if open_option.nargs in ("+", "*", 2) else None
        elif positionals:
            here.positional[positionals[0].dest] = word
            positionals = positionals if positionals[0].nargs in ("+", "*") else positionals[1:]
    here.action = open_option or (positionals[0] if positionals else None)
    return here


def choices(notebook: Notebook, here: Typed) -> tuple[str, list[Choice]]:
    """Return the piece of text that is completed, and what it may become."""
    call = CALL.search(here.line) if here.parser.prog == "recmodel" else None
    if call:
        return _settings_of_zoo(call[1], call[2])
    if here.fragment.startswith("-"):
        return here.fragment, starting(here.fragment, _options(here))
    if here.fragment.startswith("$"):
        return here.fragment, starting(here.fragment, _variables(notebook))
    fragment = here.fragment.lstrip("\"'")
    found = list(_values(notebook, here))
    if not fragment and not found:
        found = list(_options(here))
    return fragment, starting(fragment, found)


def _options(here: Typed) -> Iterator[Choice]:
    for action in sorted(here.parser._actions, key=lambda each: each.dest == "help"):  # -h, the first, comes last
        if action.option_strings and not here.given & set(action.option_strings):
            long = max(action.option_strings, key=len)
            yield Choice(long, (action.help or "").split(" (")[0])


def _values(notebook: Notebook, here: Typed) -> Iterator[Choice]:
    action = here.action
    if action is None:
        return
    yield from (Choice(str(each), "choice") for each in action.choices or ())
    name = str(action.metavar or "")
    if here.parser.prog == "recdata" and action.dest == "name":
        yield from (Choice(each, "data set") for each in datasets(notebook))
        return
    yield from TAKEN.get(name, _nothing)(notebook, here)


def _nothing(notebook: Notebook, here: Typed) -> Iterator[Choice]:
    yield from ()


def _models(notebook: Notebook, here: Typed) -> Iterator[Choice]:
    yield from (Choice(each, "model") for each in models(notebook) if each not in here.words)


def _datasets(notebook: Notebook, here: Typed) -> Iterator[Choice]:
    yield from (Choice(each, "data set") for each in datasets(notebook))


def _tables(notebook: Notebook, here: Typed) -> Iterator[Choice]:
    yield from (Choice(name, type(value).__name__) for name, value in _visible(notebook) if _columns_in(value))


def _sources(notebook: Notebook, here: Typed) -> Iterator[Choice]:
    from recmagic.data.registry import built_in_names

    yield from _tables(notebook, here)
    yield from (Choice(name, "built in") for name in built_in_names())


def _zoo(notebook: Notebook, here: Typed) -> Iterator[Choice]:
    yield from (Choice(name, "model of the zoo") for name in zoo.names())


def _columns(notebook: Notebook, here: Typed) -> Iterator[Choice]:
    """The columns of the table that the line names; of its model's data, where it names a model."""
    sources = [value for name, value in _visible(notebook) if name in (here.positional.get("source"),
                                                                    *_after(here.words, "--users", "--items"))]
    yield from (Choice(name, "column") for source in sources for name in _columns_in(source))
    for name, model in models(notebook).items():
        if name in here.positional.values():
            yield from (Choice(each, f"{column.side} column") for each, column in model.data.columns.items())


def _settings(notebook: Notebook, here: Typed) -> Iterator[Choice]:
    yield from (Choice(f"{each.text}=", each.told) for each in _columns(notebook, here))


def _kinds(notebook: Notebook, here: Typed) -> Iterator[Choice]:
    from recmagic.data.kinds import CHOICES

    name, sign, _ = here.fragment.partition("=")
    if sign:
        yield from (Choice(f"{name}={kind}", "kind of column") for kind in CHOICES)
    else:
        yield from _settings(notebook, here)


def _variables(notebook: Notebook) -> Iterator[Choice]:
    for name, value in _visible(notebook):
        if isinstance(value, (str, int, float, list, tuple, set)) or hasattr(value, "__array__"):
            yield Choice(f"${name}", type(value).__name__)


def _lists(notebook: Notebook, here: Typed) -> Iterator[Choice]:
    yield from _variables(notebook)


def _settings_of_zoo(name: str, said: str) -> tuple[str, list[Choice]]:
    """Return the settings of a model of the zoo: what has been said of them stands in `said`."""
    fragment = re.split(r"[,\s]", said)[-1]
    try:
        known = zoo.settings_of(zoo.text(name))
    except RecmagicError:
        return fragment, []
    found = [Choice(f"{each}=", f"default {value!r}") for each, value in known.items()
             if not re.search(rf"\b{each}\s*=", said)]
    return fragment, starting(fragment, found) if "=" not in fragment else []


TAKEN: dict[str, Callable[[Notebook, Typed], Iterator[Choice]]] = {
    "NAME": _models, "= A B ...": _models, "= NAME": _models, "CELL": _models,
    "DATA": _datasets, "SOURCE": _sources, "TABLE": _tables, "ROWS": _tables,
    "COLUMN": _columns, "COLUMN=VALUE": _settings, "COLUMN=KIND": _kinds, "= ZOO(...)": _zoo, "$LIST": _lists,
}


def _visible(notebook: Notebook) -> list[tuple[str, Any]]:
    return [(name, value) for name, value in list(notebook.namespace.items()) if not name.startswith("_")]


def _columns_in(value: Any) -> list[str]:
    """Return the columns of a table, pandas, polars or Arrow; no class of the user's is asked."""
    module = type(value).__module__.split(".")[0]
    if module in ("pandas", "polars") and type(value).__name__ in ("DataFrame", "LazyFrame"):
        return [str(name) for name in value.columns]
    return [str(name) for name in value.column_names] if module == "pyarrow" and hasattr(value, "column_names") else []


def _after(words: list[str], *options: str) -> list[str]:
    return [word for option, word in pairwise(words) if option in options]
