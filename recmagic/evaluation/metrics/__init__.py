"""The metrics: one a file, one public function of the file's name; this folder is their registry.

A function whose first parameter is `ranks` measures lists and takes k; one whose first parameter is `pairs` measures
predictions row by row. A metric of lists whose name has a meaning for rows of a 0/1 target too has a second function,
`of_rows(pairs)`. A label tells them apart: "precision@10" is of lists, "precision" of rows. The docstring is the
definition that stands beside the number.
"""

from __future__ import annotations

import inspect
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from types import ModuleType
from typing import Any, Callable

from recmagic.errors import ModelError, did_you_mean

WORDS = (__name__, "metric")  # this folder as one of the vocabulary's, which lies on a floor below


@dataclass(frozen=True)
class Metric:
    """A metric by name: its function, whether it measures lists or rows, its definition and its better direction."""

    name: str
    function: Callable[..., Any]
    of_lists: bool
    definition: str
    lower_is_better: bool


@cache
def names() -> tuple[str, ...]:
    """Return the names of all metrics, sorted."""
    return tuple(sorted(module.name for module in iter_modules(__path__)))


@cache
def metric(name: str) -> Metric:
    """Return the metric of that name; ModelError if there is none."""
    if name not in names():
        hint = did_you_mean(name, names()) or f"There are {', '.join(names())}."
        raise ModelError(f"'{name}' is not a metric.", hint)
    module = import_module(f"{__name__}.{name}")
    return _metric(module, getattr(module, name), name)


@cache
def row_metric(name: str) -> Metric:
    """Return the metric of that name that measures rows; ModelError if there is none."""
    found = metric(name)
    if not found.of_lists:
        return found
    module = import_module(f"{__name__}.{name}")
    if not hasattr(module, "of_rows"):
        raise ModelError(f"{name} measures lists, not rows.", f"Write {name}(10).")
    return _metric(module, module.of_rows, name)


def label_of(name: str, k: int | None, binary: bool) -> str:
    """Return the label of a metric that a cell asks for.

    A name that has a meaning for lists and for rows means rows beside a `binary` target, unless a k comes with it.
    """
    found = metric(name)
    of_rows = not found.of_lists or (binary and k is None and hasattr(import_module(f"{__name__}.{name}"), "of_rows"))
    return name if of_rows else f"{name}@{k or 10}"


def of_label(label: str) -> Metric:
    """Return the metric whose values stand under a label of a report."""
    name, _, k = label.partition("@")
    return metric(name) if k else row_metric(name)


def _metric(module: ModuleType, function: Callable[..., Any], name: str) -> Metric:
    of_lists = next(iter(inspect.signature(function).parameters)) == "ranks"
    definition = (inspect.getdoc(function) or "").split("\n\n")[0].replace("\n", " ")
    return Metric(name, function, of_lists, definition, bool(getattr(module, "lower_is_better", False)))
