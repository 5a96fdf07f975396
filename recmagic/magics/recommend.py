"""%recommend: the best items for known users, for new ones, or for all."""

from __future__ import annotations

from argparse import Namespace
from typing import Any

from recmagic.errors import MagicError
from recmagic.magics.line import LineParser, flat, number, opened, positive, setting
from recmagic.magics.names import find_current_model
from recmagic.magics.notebook import Notebook

PARSER = LineParser(
    "recommend",
    "Recommend items: to users by their ids, to a new user by what they like or are, or to all users. Several models "
    "stand side by side. With nobody named, it starts with the first user, and a live notebook lets you pick another.",
    "In Python: NAME.recommend([42], k=10), NAME.recommend([42], beside=[OTHER])",
    objects=("user", "among", "new"),
)
FIRST_USER = "Nobody was named, so this starts with the first user: --user ID names another."
_add = PARSER.add_argument
_add("names", nargs="+", metavar="NAME", help="the model, or several to see side by side")
_add("--user", nargs="+", action="extend", metavar="ID", help="one or more user ids, or $a_list")
_add("-k", "--k", type=positive, default=10, metavar="N", help="how many items each (default 10)")
_add("--include-seen", action="store_true", help="also items that the user already has")
_add("--among", nargs="+", metavar="ITEM", help="choose from these items only: ids, or $a_list")
_add("--where", metavar="TEXT", help='choose from these items only: "year > 2000", or a word such as Comedy')
_add("--new", metavar="TITLES", help='a new user who likes these items: "one; two"')
_add("--features", type=setting, nargs="+", metavar="COLUMN=VALUE", help="a new user who is so: age=31 country=NO")
_add("--context", type=setting, nargs="+", metavar="COLUMN=VALUE", help="the situation, where the model knows one")
_add("--as-of", choices=("test", "valid"), help="know and hide only what came before that part; its hits are marked")
_add("--diversity", type=number, default=0.0, metavar="D", help="from 0, the best items, to 1: unlike each other (MMR)")
_add("--images", metavar="COLUMN", help="show the pictures whose https addresses an item column holds")
_add("--all", action="store_true", help="for every user")
_add("--to", metavar="FILE", help="write the result to this Parquet or CSV file")


def recommend(notebook: Notebook, arguments: Namespace) -> Any:
    """Return the Recommendations, or several SideBySide."""
    model, *others = (find_current_model(notebook, name) for name in arguments.names)
    users = None if arguments.user is None else flat(arguments.user)
    liked = titles(arguments.new)
    nobody = _nobody(arguments, users, liked)
    if nobody:
        users = model.data.users.ids[1:2].tolist()
    found = model.recommend(
        users,
        k=arguments.k,
        among=None if arguments.among is None else flat(arguments.among),
        include_seen=arguments.include_seen,
        liked=liked,
        features=dict(arguments.features) if arguments.features else None,
        context=dict(arguments.context) if arguments.context else None,
        where=arguments.where,
        as_of=arguments.as_of,
        diversity=arguments.diversity,
        images=arguments.images,
        beside=others,
        to=arguments.to,
    )
    return found.noted(FIRST_USER) if nobody and hasattr(found, "noted") else found


def _nobody(arguments: Namespace, users: list[Any] | None, liked: list[str] | None) -> bool:
    """Return whether the line says for nobody in particular; MagicError where it says so twice."""
    new = liked is not None or arguments.features is not None
    if (users is not None) + new + arguments.all > 1:
        raise MagicError("--user, --new (or --features) and --all exclude each other.", "Say one of them.")
    return users is None and not new and not arguments.all


def titles(text: Any) -> list[Any] | None:
    """Read the titles of --new, "one; two", or a list of the notebook's; None for None."""
    if text is None or not isinstance(text, str):
        return None if text is None else opened(text)
    named = [title.strip() for title in text.split(";") if title.strip()]
    if not named:
        raise MagicError("--new names no item.", 'Write --new "one title; another".')
    return named
