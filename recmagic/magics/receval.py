"""%receval: measure models over the whole catalogue, beside popularity."""

from __future__ import annotations

from argparse import Namespace
from typing import Any

from recmagic.errors import MagicError
from recmagic.magics.line import LineParser, positive
from recmagic.magics.names import find_current_model
from recmagic.magics.notebook import Notebook

PARSER = LineParser(
    "receval",
    "Measure models by ranking the whole catalogue for every user of the test part.",
    "In Python: report = NAME.evaluate(k=10, by=...), or recmagic.compare(a, b, k=10)",
)
PARSER.add_argument("names", metavar="NAME", nargs="+", help="one or more models of the same data set")
PARSER.add_argument("--k", type=positive, default=10, metavar="N", help="the length of the lists (default 10)")
PARSER.add_argument("--on", choices=("test", "valid"), default="test", help="the part of the data (default test)")
PARSER.add_argument(
    "--by", default="", metavar="SEGMENTS", help="also apart: activity (of users), popularity (of items), or a column"
)
PARSER.add_argument("--compare", action="store_true", help="the first model against each other one, user by user")


def receval(notebook: Notebook, arguments: Namespace) -> Any:
    """Return the Report, one row a model, or the Comparison of the first with the others."""
    first, *others = [find_current_model(notebook, name) for name in arguments.names]
    if arguments.compare:
        if arguments.by:
            raise MagicError("--by does not go with --compare, which is over all users.", "Leave one of them out.")
        from recmagic.evaluation.compare import compare

        return compare(first, *others, k=arguments.k, on=arguments.on)
    return first.evaluate(*others, k=arguments.k, on=arguments.on, by=arguments.by)
