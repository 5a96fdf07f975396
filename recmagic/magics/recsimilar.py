"""%recsimilar: the nearest items, or users, by the vectors that a model has of them."""

from __future__ import annotations

from argparse import Namespace
from typing import Any

from recmagic.errors import MagicError
from recmagic.magics.line import LineParser, flat, positive
from recmagic.magics.names import find_current_model
from recmagic.magics.notebook import Notebook

PARSER = LineParser(
    "recsimilar",
    "List the items most similar to an item, or the users most similar to a user, by the cosine of their vectors.",
    'In Python: NAME.similar_items(["a title"], k=10), NAME.similar_users([42])',
    objects=("item", "user"),
)
PARSER.add_argument("name", metavar="NAME", help="the model")
PARSER.add_argument("--item", nargs="+", metavar="ITEM", help="ids or titles, or $a_list; a title goes into quotes")
PARSER.add_argument("--user", nargs="+", metavar="ID", help="user ids, or $a_list")
PARSER.add_argument("-k", "--k", type=positive, default=10, metavar="N", help="how many each (default 10)")


def recsimilar(notebook: Notebook, arguments: Namespace) -> Any:
    """Return the Neighbours."""
    model = find_current_model(notebook, arguments.name)
    if (arguments.item is None) == (arguments.user is None):
        raise MagicError("Similar to what?", f'Write %recsimilar {arguments.name} --item "a title", or --user ID.')
    if arguments.item is not None:
        return model.similar_items(flat(arguments.item), k=arguments.k)
    return model.similar_users(flat(arguments.user), k=arguments.k)
