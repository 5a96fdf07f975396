"""%recommend: the best items for known users, for new ones, or for all."""

from __future__ import annotations

from argparse import Namespace
from typing import Any

from recmagic.errors import MagicError
from recmagic.magics.line import LineParser, flat, opened, positive, setting
from recmagic.magics.names import find_current_model
from recmagic.magics.notebook import Notebook

PARSER = LineParser(
    "recommend",
    "Recommend items: to users by their ids, to a new user by what they like or are, or to all users.",
    "In Python: NAME.recommend([42], k=10)",
    objects=("user", "among", "new"),
)
_add = PARSER.add_argument
_add("name", metavar="NAME", help="the model")
_add("--user", nargs="+", action="extend", metavar="ID", help="one or more user ids, or $a_list")
_add("-k", "--k", type=positive, default=10, metavar="N", help="how many items each (default 10)")
_add("--include-seen", action="store_true", help="also items that the user already has")
_add("--among", nargs="+", metavar="ITEM", help="choose from these items only: ids, or $a_list")
_add("--new", metavar="TITLES", help='a new user who likes these items: "one; two"')
_add("--features", type=setting, nargs="+", metavar="COLUMN=VALUE", help="a new user who is so: age=31 country=NO")
_add("--context", type=setting, nargs="+", metavar="COLUMN=VALUE", help="the situation, where the model knows one")
_add("--all", action="store_true", help="for every user")
_add("--to", metavar="FILE", help="write the result to this Parquet file")


def recommend(notebook: Notebook, arguments: Namespace) -> Any:
    """Return the Recommendations."""
    model = find_current_model(notebook, arguments.name)
    users = None if arguments.user is None else flat(arguments.user)
    liked = _titles(arguments.new)
    _check_for_whom(arguments, users, liked)
    return model.recommend(
        users,
        k=arguments.k,
        among=None if arguments.among is None else flat(arguments.among),
        include_seen=arguments.include_seen,
        liked=liked,
        features=dict(arguments.features) if arguments.features else None,
        context=dict(arguments.context) if arguments.context else None,
        to=arguments.to,
    )


def _check_for_whom(arguments: Namespace, users: list[Any] | None, liked: list[str] | None) -> None:
    new = liked is not None or arguments.features is not None
    if users is None and not new and not arguments.all:
        hint = f'%recommend {arguments.name} --user ID, or --new "a title; another", or --all'
        raise MagicError("For whom?", hint)
    if (users is not None) + new + arguments.all > 1:
        raise MagicError("--user, --new (or --features) and --all exclude each other.", "Say one of them.")


def _titles(text: Any) -> list[Any] | None:
    if text is None or not isinstance(text, str):
        return None if text is None else opened(text)
    titles = [title.strip() for title in text.split(";") if title.strip()]
    if not titles:
        raise MagicError("--new names no item.", 'Write --new "one title; another".')
    return titles
