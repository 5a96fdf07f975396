"""The only place that writes HTML and SVG: escaped, inline styles only, readable in light and dark themes."""

from recmagic.html.columns import columns
from recmagic.html.curve import curve
from recmagic.html.graph import GraphNode, graph
from recmagic.html.picture import address, picture
from recmagic.html.scatter import PALETTE, Dots, scatter
from recmagic.html.table import bar, table
from recmagic.html.text import Markup, code, escape, fold, page

__all__ = ["PALETTE", "Dots", "GraphNode", "Markup", "address", "bar", "code", "columns", "curve", "escape", "fold",
           "graph", "page", "picture", "scatter", "table"]
