"""%reccode: the Keras program that a model stands for."""

from __future__ import annotations

from argparse import Namespace
from typing import Any

from recmagic.magics.line import LineParser
from recmagic.magics.names import find_current_model
from recmagic.magics.notebook import Notebook

PARSER = LineParser(
    "reccode",
    "Show a runnable program in Keras alone that gives the same scores as the model.",
    "In Python: code = NAME.code(weights='weights.npz'); code.write('program.py')",
)
PARSER.add_argument("name", metavar="NAME", help="the model")
PARSER.add_argument("--weights", metavar="FILE", help="write its weights and inputs to this .npz file, for the program")


def reccode(notebook: Notebook, arguments: Namespace) -> Any:
    """Return the Code."""
    return find_current_model(notebook, arguments.name).code(weights=arguments.weights)
