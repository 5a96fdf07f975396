"""A small picture whose address comes from the data: only https, or inside the address itself, and never SVG."""

from __future__ import annotations

import re

from recmagic.html.text import Markup, escape

_ALLOWED = re.compile(r"https://[^\s]+|data:image/(png|jpeg|gif|webp);base64,[A-Za-z0-9+/=]+", re.IGNORECASE)
LONGEST = 20_000  # characters; a longer address would make a page of tables heavy


def address(value: object) -> str | None:
    """Return an address that may be shown as a picture, None for any other."""
    text = str(value)
    return text if len(text) <= LONGEST and _ALLOWED.fullmatch(text) else None


def picture(value: object) -> Markup | None:
    """Return an <img> for an address that is allowed, None for any other: the table then has a dash."""
    found = address(value)
    if found is None:
        return None
    style = "max-height:64px;max-width:96px"
    return Markup(f'<img src="{escape(found)}" alt="" loading="lazy" referrerpolicy="no-referrer" style="{style}">')
