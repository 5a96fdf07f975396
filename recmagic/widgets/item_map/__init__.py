"""The items of a model on a canvas: hover, choose, and see what is near."""

from recmagic.widgets.item_map.widget import view

__all__ = ["view"]
