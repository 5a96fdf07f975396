"""%recsave: keep a model, with its data, in a folder or a .zip."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path

from recmagic.magics.line import LineParser
from recmagic.magics.names import find_model
from recmagic.magics.notebook import Notebook

PARSER = LineParser(
    "recsave",
    "Keep a model in a folder, or in one file if the path ends in .zip. It holds the interactions as well.",
    "In Python: NAME.save(path)",
)
PARSER.add_argument("name", metavar="NAME", help="the model")
PARSER.add_argument("path", metavar="PATH", help="where; what was saved there before is replaced in one step")


def recsave(notebook: Notebook, arguments: Namespace) -> Path:
    """Return the path."""
    return find_model(notebook, arguments.name).save(arguments.path)
