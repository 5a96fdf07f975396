"""%recload: read a saved model."""

from __future__ import annotations

from argparse import Namespace
from typing import Any

from recmagic.magics.line import LineParser
from recmagic.magics.names import bind, check_name
from recmagic.magics.notebook import Notebook

PARSER = LineParser(
    "recload",
    "Read a model that %recsave has kept, and give it a name. Nothing in the file is run.",
    "In Python: NAME = recmagic.load(path)",
)
PARSER.add_argument("name", metavar="NAME", help="the name that the model gets in this notebook")
PARSER.add_argument("path", metavar="PATH", help="the folder or .zip")


def recload(notebook: Notebook, arguments: Namespace) -> Any:
    """Bind and return the model."""
    check_name(arguments.name)
    from recmagic.loading import load

    model = load(arguments.path)
    model.name = arguments.name
    bind(notebook, arguments.name, model)
    return model
