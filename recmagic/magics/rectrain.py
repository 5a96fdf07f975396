"""%rectrain: train a model, with live progress and a stop that keeps what was learnt."""

from __future__ import annotations

from argparse import Namespace
from typing import Any

from recmagic.magics.interrupt import clean_stop
from recmagic.magics.line import LineParser, batch, positive, whole
from recmagic.magics.names import find_current_model
from recmagic.magics.notebook import Notebook

PARSER = LineParser(
    "rectrain",
    "Train a model. The stop button ends the training after the current stretch and keeps what was learnt.",
    "In Python: history = NAME.train(epochs=20)",
)
PARSER.add_argument("name", metavar="NAME", help="the model")
PARSER.add_argument("--epochs", type=positive, default=20, metavar="N", help="passes over the data (default 20)")
PARSER.add_argument("--batch", type=batch, metavar="N", help="examples a step, or `all` for every example at once")
PARSER.add_argument(
    "--patience", type=positive, default=10, metavar="N", help="stop after N epochs without a better one (default 10)"
)
PARSER.add_argument("--seed", type=whole, default=0, metavar="N", help="the seed of the run (default 0)")


def rectrain(notebook: Notebook, arguments: Namespace) -> Any:
    """Return the History of the run."""
    options = dict(vars(arguments))
    model = find_current_model(notebook, options.pop("name"))
    with notebook.live("training") as listen, clean_stop() as stop:
        return model.train(**options, listen=listen, stop=stop)
