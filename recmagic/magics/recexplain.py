"""%recexplain: why a user gets an item."""

from __future__ import annotations

from argparse import Namespace
from typing import Any

from recmagic.errors import MagicError
from recmagic.magics.line import LineParser, setting
from recmagic.magics.names import find_current_model
from recmagic.magics.notebook import Notebook
from recmagic.magics.recommend import titles

PARSER = LineParser(
    "recexplain",
    "Say why a user gets an item: the nearest things in their history, and the terms that the score adds up.",
    'In Python: NAME.explain(42, "a title")',
    objects=("new",),
)
PARSER.add_argument("name", metavar="NAME", help="the model")
PARSER.add_argument("--item", required=True, metavar="ITEM", help="an id or a title; a title goes into quotes")
PARSER.add_argument("--user", metavar="ID", help="the user's id")
PARSER.add_argument("--new", metavar="TITLES", help='a new user who likes these items: "one; two"')
PARSER.add_argument("--context", type=setting, nargs="+", metavar="COLUMN=VALUE", help="the situation, where it counts")
PARSER.add_argument("--as-of", choices=("test", "valid"), help="know only what came before that part")


def recexplain(notebook: Notebook, arguments: Namespace) -> Any:
    """Return the Explanation."""
    model = find_current_model(notebook, arguments.name)
    if (arguments.user is None) == (arguments.new is None):
        raise MagicError("For whom?", f'Write --user ID, or --new "a title; another", after %recexplain {model.name}.')
    return model.explain(arguments.user, arguments.item, liked=titles(arguments.new), as_of=arguments.as_of,
                         context=dict(arguments.context) if arguments.context else None)
