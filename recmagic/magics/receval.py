"""%receval: measure models over the whole catalogue, beside popularity."""

from __future__ import annotations

from argparse import Namespace
from typing import Any

from recmagic.magics.line import LineParser, positive
from recmagic.magics.names import find_current_model
from recmagic.magics.notebook import Notebook

PARSER = LineParser(
    "receval",
    "Measure models by ranking the whole catalogue for every user of the test part.",
    "In Python: report = NAME.evaluate(k=10)",
)
PARSER.add_argument("names", metavar="NAME", nargs="+", help="one or more models of the same data set")
PARSER.add_argument("--k", type=positive, default=10, metavar="N", help="the length of the lists (default 10)")
PARSER.add_argument("--on", choices=("test", "valid"), default="test", help="the part of the data (default test)")


def receval(notebook: Notebook, arguments: Namespace) -> Any:
    """Return the Report, one row a model."""
    first, *others = [find_current_model(notebook, name) for name in arguments.names]
    return first.evaluate(*others, k=arguments.k, on=arguments.on)
