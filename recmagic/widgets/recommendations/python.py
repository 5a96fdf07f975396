"""The line of Python that gives the lists on the page: its `.df` is the table of what is shown."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from recmagic.evaluation.recommendations import Recommendations
from recmagic.evaluation.request import Request

LONGEST = 10  # values of a list that are written out


def in_python(lists: Sequence[Recommendations], user: int) -> str:
    """Return the call of `recommend` that gives what is shown, for a user row or, where that is 0, a new user."""
    first = lists[0]
    assert first.asked is not None  # what is shown was asked for
    request, nothing = first.asked.request, Request()
    given = [_written(first.data.users.ids[[user]])] if user and not request.new else []
    for name in ("k", "among", "where", "include_seen", "liked", "features", "context", "as_of", "diversity"):
        value = getattr(request, name)
        if name == "k" or value != getattr(nothing, name):
            given.append(f"{name}={_written(value)}")
    if first.images:
        given.append(f"images={first.images!r}")
    if len(lists) > 1:
        given.append(f"beside=[{', '.join(each.model for each in lists[1:])}]")
    return f"{first.model}.recommend({', '.join(given)}).df"


def _written(value: Any) -> str:
    if isinstance(value, (str, int, float, dict)):
        return repr(value)
    values = list(value)
    shown = ", ".join(repr(each.item() if hasattr(each, "item") else each) for each in values[:LONGEST])
    return f"[{shown}{', ...' if len(values) > LONGEST else ''}]"
