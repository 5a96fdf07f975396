"""%%recmodel: declare a model in a cell; %recmodel NAME = ZOO(...) takes one of the zoo; %recmodel NAME shows it."""

from __future__ import annotations

import re
from argparse import Namespace
from dataclasses import replace
from typing import Any

from recmagic import zoo
from recmagic.errors import MagicError
from recmagic.magics.line import HelpText, LineParser
from recmagic.magics.names import bind, check_name, find_dataset, find_model, models, the_dataset
from recmagic.magics.notebook import Notebook

TAKES_CELL = True
FIRST_LINE = 2  # the notebook counts the line of the magic as 1

PARSER = LineParser(
    "recmodel",
    "Declare the model in the body of the cell and give it a name. Without a body: NAME = SASRec(width=128) declares a "
    "model of the zoo, a name of the zoo prints its cell, and the name of a model shows the model.",
    "In Python: NAME = recmagic.Model.read(text, data), or recmagic.Model.from_zoo('SASRec', data, width=128). The "
    f"same text and data again keep the trained weights. The zoo: {', '.join(zoo.names())}.",
)
PARSER.add_argument("name", metavar="NAME", help="the model's name in this notebook")
PARSER.add_argument("source", metavar="= ZOO(...)", nargs="*", help="a model of the zoo, with other settings if wanted")
PARSER.add_argument("--data", metavar="DATA", help="its data set (default: the notebook's only one)")


def recmodel(notebook: Notebook, arguments: Namespace) -> Any:
    """Return the card of the model, declared if the line says of which model of the zoo; of the zoo, its cell."""
    line = " ".join([arguments.name, *arguments.source])
    declared = re.fullmatch(r"(\w+)\s*=\s*(.+)", line)
    if declared:
        name, settings = zoo.called(declared[2])
        return _declare(notebook, arguments, declared[1], zoo.text(name, settings), 1)
    called = re.match(r"\w+", line)
    if called and called[0] in zoo.names() and line not in models(notebook):
        name, settings = zoo.called(line)
        return HelpText(zoo.text(name, settings))
    return find_model(notebook, line).card


def cell(notebook: Notebook, arguments: Namespace, text: str) -> Any:
    """Read the cell, bind the model, and return its card; the same text and data keep the model that is there."""
    if arguments.source:
        raise MagicError(f"%%recmodel does not know what to do with '{' '.join(arguments.source)}'.",
                         "A model of the zoo needs no cell: %recmodel NAME = SASRec(width=128), with one %.")
    check_name(arguments.name)
    return _declare(notebook, arguments, arguments.name, text, FIRST_LINE)


def _declare(notebook: Notebook, arguments: Namespace, name: str, text: str, first_line: int) -> Any:
    check_name(name)
    dataset = find_dataset(notebook, arguments.data) if arguments.data else the_dataset(notebook)
    from recmagic.model import Model

    former = models(notebook).get(name)
    model = Model.read(text, dataset, name=name, first_line=first_line)
    if former is not None and former.fingerprint == model.fingerprint:
        return former.card
    bind(notebook, name, model)
    if former is not None and former.trained:
        note = f"'{name}' is a new, untrained model, because its text or its data changed."
        return replace(model.card, notes=[note, *model.card.notes])
    return model.card
