"""%recmap: the items of a model as a map, alike ones near each other."""

from __future__ import annotations

from argparse import Namespace
from typing import Any

from recmagic.magics.line import LineParser
from recmagic.magics.names import find_current_model
from recmagic.magics.notebook import Notebook

PARSER = LineParser(
    "recmap",
    "Draw the items of a model in two dimensions: those that it takes for alike lie near each other.",
    'In Python: NAME.map(color="genres")',
)
PARSER.add_argument("name", metavar="NAME", help="the model")
PARSER.add_argument("--color", metavar="COLUMN", help="a column of the items, or popularity (default: such as genres)")
PARSER.add_argument("--method", choices=("pca", "umap"), default="pca", help="umap needs recmagic[umap] (default pca)")


def recmap(notebook: Notebook, arguments: Namespace) -> Any:
    """Return the ItemMap."""
    model = find_current_model(notebook, arguments.name)
    return model.map(color=arguments.color, method=arguments.method)
