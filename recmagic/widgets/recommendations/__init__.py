"""The live table of recommendations: a user picker, bars, filters, hits, reasons, what-if, models side by side."""

from __future__ import annotations

from recmagic.evaluation.recommendations import Recommendations
from recmagic.evaluation.side_by_side import SideBySide
from recmagic.widgets.recommendations.widget import RecommendationsView


def view(result: Recommendations | SideBySide) -> RecommendationsView | None:
    """Return the live view of lists whose models can be asked again."""
    lists = result.lists if isinstance(result, SideBySide) else (result,)
    if not len(result) or any(each.asked is None for each in lists):
        return None
    return RecommendationsView(result, lists)
