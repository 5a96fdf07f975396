"""Models side by side: a report, or a comparison with the first model."""

from recmagic.widgets.comparison.widget import view

__all__ = ["view"]
