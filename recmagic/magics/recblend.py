"""%recblend: several models as one, by weights or by how much is known of a user."""

from __future__ import annotations

from argparse import Namespace
from typing import Any

from recmagic.errors import MagicError
from recmagic.magics.line import LineParser, number, positive
from recmagic.magics.names import assigned, bind, check_name, find_current_model
from recmagic.magics.notebook import Notebook

PARSER = LineParser(
    "recblend",
    "Make one model of several: NAME = A B --weights 0.7 0.3 adds their scores up, each standardised a user at a time; "
    "NAME = A B --below 5 gives users with fewer than 5 interactions the lists of B.",
    "In Python: NAME = recmagic.blend(a, b, weights=(0.7, 0.3)), or recmagic.switch(a, b, below=5)",
)
PARSER.add_argument("name", metavar="NAME", help="the new model's name in this notebook")
PARSER.add_argument("models", metavar="= A B ...", nargs="+", help="trained models of one data set")
PARSER.add_argument("--weights", type=number, nargs="+", metavar="W", help="a weight for each (default 1)")
PARSER.add_argument("--below", type=positive, metavar="N", help="switch: users with fewer interactions get the second")


def recblend(notebook: Notebook, arguments: Namespace) -> Any:
    """Bind the blend and return its card."""
    name, rest = assigned([arguments.name, *arguments.models])
    check_name(name)
    parts = [find_current_model(notebook, each) for each in rest.split()]
    from recmagic.blending import blend, switch

    if arguments.below is None:
        made = blend(*parts, weights=arguments.weights, name=name)
    elif len(parts) != 2 or arguments.weights:
        raise MagicError("--below switches between two models, without weights.", "Write NAME = A B --below 5.")
    else:
        made = switch(*parts, below=arguments.below, name=name)
    bind(notebook, name, made)
    return made.card
