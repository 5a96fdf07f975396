"""A finished drawing on a page: inline SVG in the page's colours, or a picture where a page takes SVG out.

JupyterLab cleans what an untrusted notebook shows: it drops SVG and style sheets, keeps the words of the SVG, pictures
and a few inline styles. So the SVG stands in a box of no height, which a style sheet opens, and that hides the picture.
"""

from __future__ import annotations

import base64

from recmagic.html.text import Markup, escape

_STYLE = "max-width:100%;height:auto;font:12px var(--jp-ui-font-family, system-ui, sans-serif)"
# With the drawing and not in `page`, since a drawing also stands alone.
_OPEN = ("<style>.recmagic-drawing>span{height:auto!important;overflow:visible!important}"
         ".recmagic-drawing>img{display:none}</style>")


def drawing(shapes: str, size: tuple[float, float], title: str, told: str) -> Markup:
    """Return shapes, which are SVG and escaped, as a drawing of a width and height in pixels, told in words."""
    width, height = size
    svg = (f'<svg role="img" viewBox="0 0 {width} {height}" width="{width}" height="{height}" style="{_STYLE}">'
           f"<title>{escape(title, 300)}</title><desc>{escape(told, 2000)}</desc>{shapes}</svg>")
    alone = svg.replace("<svg", '<svg xmlns="http://www.w3.org/2000/svg"', 1)
    # A picture does not know the page's theme: its ink is black, so its paper is white.
    return Markup(
        f'<span class="recmagic-drawing">{_OPEN}<span style="display:inline-block;max-width:100%;height:0;'
        f'overflow:hidden">{svg}</span><img alt="{escape(title, 300)}" style="max-width:100%;background:white" '
        f'src="data:image/svg+xml;base64,{base64.b64encode(alone.encode()).decode()}"/></span>')
