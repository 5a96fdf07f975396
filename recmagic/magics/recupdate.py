"""%recupdate: go on training with new rows."""

from __future__ import annotations

from argparse import Namespace
from typing import Any

from recmagic.errors import MagicError, did_you_mean
from recmagic.magics.interrupt import clean_stop
from recmagic.magics.line import LineParser, positive
from recmagic.magics.names import find_current_model
from recmagic.magics.notebook import Notebook

PARSER = LineParser(
    "recupdate",
    "Take in new interactions: new users and items get rows, the rest goes on from its weights.",
    "In Python: history = NAME.update(rows)",
    objects=("rows",),
)
PARSER.add_argument("name", metavar="NAME", help="the model")
PARSER.add_argument("rows", metavar="ROWS", help="a table of the notebook with the columns of the data set")
PARSER.add_argument("--epochs", type=positive, default=5, metavar="N", help="passes over the data (default 5)")


def recupdate(notebook: Notebook, arguments: Namespace) -> Any:
    """Return the History of the run over the enlarged data."""
    model = find_current_model(notebook, arguments.name)
    rows = notebook.namespace.get(arguments.rows) if isinstance(arguments.rows, str) else arguments.rows
    if rows is None:
        hint = did_you_mean(arguments.rows, notebook.namespace) or "Read the new rows into a table first."
        raise MagicError(f"There is no table '{arguments.rows}' in this notebook.", hint)
    with clean_stop() as stop, notebook.live("training", stop) as listen:
        return model.update(rows, epochs=arguments.epochs, listen=listen, stop=stop)
