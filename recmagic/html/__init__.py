"""The only place that writes HTML and SVG: escaped, inline styles only, readable in light and dark themes."""

from recmagic.html.curve import curve
from recmagic.html.graph import GraphNode, graph
from recmagic.html.picture import address, picture
from recmagic.html.table import bar, table
from recmagic.html.text import Markup, code, escape, fold, page

__all__ = ["GraphNode", "Markup", "address", "bar", "code", "curve", "escape", "fold", "graph", "page", "picture",
           "table"]
