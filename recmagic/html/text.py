"""Text made safe for HTML, and the few containers that hold the other pieces."""

from __future__ import annotations

import html
import re
from typing import Iterable

# JupyterLab's own variables, with a fallback for every other page (nbconvert, GitHub, VS Code).
INK = "var(--jp-ui-font-color1, CanvasText)"
FAINT = "var(--jp-ui-font-color2, GrayText)"
LINE = "var(--jp-border-color1, GrayText)"
PAPER = "var(--jp-layout-color1, Canvas)"
FONT = "var(--jp-ui-font-family, system-ui, sans-serif)"
MONO = "var(--jp-code-font-family, monospace)"

# Control characters break parsers; directional overrides and isolates turn round what stands after them.
_UNSAFE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


class Markup(str):
    """A string that is already HTML: `escape` lets it through as it is."""

    __slots__ = ()


def escape(value: object, limit: int | None = None) -> Markup:
    """Return the value as HTML text, also safe inside a quoted attribute, cut to `limit` characters and '…'."""
    if isinstance(value, Markup):
        return value
    text = _UNSAFE.sub("", str(value))
    if limit is not None and len(text) > limit:
        text = text[: limit - 1].rstrip() + "…"
    return Markup(html.escape(text, quote=True))


def code(text: str) -> Markup:
    """Return the text as a preformatted block that scrolls sideways rather than wraps."""
    style = f"margin:0 0 8px;overflow-x:auto;font-family:{MONO};color:{INK};background:transparent;text-align:left"
    return Markup(f'<pre tabindex="0" style="{style}">{escape(text)}</pre>')


def fold(summary: object, body: object, *, opened: bool = False) -> Markup:
    """Return a fold-out: the summary is shown, the body when asked for."""
    head = f'<summary style="cursor:pointer;min-height:24px;line-height:24px">{escape(summary)}</summary>'
    return Markup(f"<details{' open' if opened else ''}>{head}{_block(body)}</details>")


def page(parts: Iterable[object]) -> Markup:
    """Return the parts one under the other; a part that is not yet HTML becomes an escaped paragraph."""
    style = f"font-family:{FONT};color:{INK};text-align:left;max-width:100%"
    return Markup(f'<div style="{style}">{"".join(_block(part) for part in parts)}</div>')


def _block(part: object) -> str:
    if isinstance(part, Markup):
        return part
    return f'<p dir="auto" style="margin:4px 0;overflow-wrap:anywhere">{escape(part)}</p>'
