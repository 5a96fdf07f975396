"""%%recmodel: declare a model in a cell; %recmodel NAME shows its card."""

from __future__ import annotations

from argparse import Namespace
from dataclasses import replace
from typing import Any

from recmagic.magics.line import LineParser
from recmagic.magics.names import bind, check_name, find_dataset, find_model, models, the_dataset
from recmagic.magics.notebook import Notebook

TAKES_CELL = True
FIRST_LINE = 2  # the notebook counts the line of the magic as 1

PARSER = LineParser(
    "recmodel",
    "Declare the model in the body of the cell and give it a name; without a body, show the model of that name.",
    "In Python: NAME = recmagic.Model.read(text, data). The same text and data again keep the trained weights.",
)
PARSER.add_argument("name", metavar="NAME", help="the model's name in this notebook")
PARSER.add_argument("--data", metavar="DATA", help="its data set (default: the notebook's only one)")


def recmodel(notebook: Notebook, arguments: Namespace) -> Any:
    """Return the card of the model of that name."""
    return find_model(notebook, arguments.name).card


def cell(notebook: Notebook, arguments: Namespace, text: str) -> Any:
    """Read the cell, bind the model, and return its card; the same text and data keep the model that is there."""
    check_name(arguments.name)
    dataset = find_dataset(notebook, arguments.data) if arguments.data else the_dataset(notebook)
    from recmagic.model import Model

    former = models(notebook).get(arguments.name)
    model = Model.read(text, dataset, name=arguments.name, first_line=FIRST_LINE)
    if former is not None and former.fingerprint == model.fingerprint:
        return former.card
    bind(notebook, arguments.name, model)
    if former is not None and former.trained:
        note = f"'{arguments.name}' is a new, untrained model, because its text or its data changed."
        return replace(model.card, notes=[note, *model.card.notes])
    return model.card
