"""%%recmodel: declare a model in a cell; %recmodel NAME = ZOO(...) takes one of the zoo; %recmodel tells of a name."""

from __future__ import annotations

import re
from argparse import Namespace
from dataclasses import replace
from typing import Any

from recmagic import zoo
from recmagic.errors import MagicError, ModelError, did_you_mean
from recmagic.magics.line import HelpText, LineParser
from recmagic.magics.names import bind, check_name, find_dataset, find_model, models, the_dataset
from recmagic.magics.notebook import Notebook

TAKES_CELL = True
FIRST_LINE = 2  # the notebook counts the line of the magic as 1

PARSER = LineParser(
    "recmodel",
    "Declare the model in the body of the cell and give it a name. Without a body: NAME = SASRec(width=128) declares a "
    "model of the zoo, a name of the zoo prints its cell, the name of a model shows the model, and a word of the "
    "language, such as Dense or embedding, tells what it takes and does.",
    "In Python: NAME = recmagic.Model.read(text, data), or recmagic.Model.from_zoo('SASRec', data, width=128); "
    "recmagic.words('Dense'). The same text and data again keep the trained weights. "
    f"The zoo: {', '.join(zoo.names())}.",
)
PARSER.add_argument("name", metavar="NAME", nargs="?", help="the model's name in this notebook")
PARSER.add_argument("source", metavar="= ZOO(...)", nargs="*", help="a model of the zoo, with other settings if wanted")
PARSER.add_argument("--data", metavar="DATA", help="its data set (default: the notebook's only one)")
PARSER.add_argument("--words", action="store_true", help="list every word of the language by kind")


def recmodel(notebook: Notebook, arguments: Namespace) -> Any:
    """Return the card of the model, declared if the line says of which model of the zoo; else what a name tells."""
    from recmagic.magics.assist.reference import words  # it reads and draws: loading the extension must stay instant

    if arguments.words:
        return words()
    if arguments.name is None:
        raise MagicError("%recmodel needs NAME.", "Or list the words of the language: %recmodel --words")
    line = " ".join([arguments.name, *arguments.source])
    declared = re.fullmatch(r"(\w+)\s*=\s*(.+)", line)
    if declared:
        cell = re.match(r"\w+", declared[2])
        if cell and cell[0] in models(notebook) and cell[0] not in zoo.names():
            raise MagicError(f"'{cell[0]}' is a cell of yours, and only the zoo's models are called with settings.",
                             "Copy the cell, give the copy another name, and change the number in it.")
        name, settings = zoo.called(declared[2])
        return _declare(notebook, arguments, declared[1], zoo.text(name, settings), 1)
    called = re.match(r"\w+", line)
    if called and called[0] in zoo.names() and line not in models(notebook):
        name, settings = zoo.called(line)
        return HelpText(zoo.text(name, settings))
    return _model_or_word(notebook, line)


def cell(notebook: Notebook, arguments: Namespace, text: str) -> Any:
    """Read the cell, bind the model, and return its card; the same text and data keep the model that is there."""
    if arguments.source:
        raise MagicError(f"%%recmodel does not know what to do with '{' '.join(arguments.source)}'.",
                         "A model of the zoo needs no cell: %recmodel NAME = SASRec(width=128), with one %.")
    if arguments.name is None:
        raise MagicError("The model needs a name.", "Write it after the magic: %%recmodel mine")
    return _declare(notebook, arguments, arguments.name, text, FIRST_LINE)


def _model_or_word(notebook: Notebook, name: str) -> Any:
    """Return the card of the notebook's model of that name, else what the language says of the word."""
    from recmagic.magics.assist.reference import words

    if name not in models(notebook):
        try:
            return words(name)
        except ModelError as error:
            if name not in notebook.namespace:
                near = did_you_mean(name, [*models(notebook), *zoo.names()]) or error.hint
                raise MagicError(f"There is no model and no word '{name}'.", near) from None
    return find_model(notebook, name).card


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
