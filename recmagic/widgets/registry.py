"""Which live view shows which result. A result knows no widget; the notebook's formatter learns of types by name."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

from recmagic.widgets import on_page

# The result's module and name -> the folder of its view, which has a function `view(result)`: a View, or None where the
# static form says as much.
VIEWS: dict[tuple[str, str], str] = {
    ("recmagic.compiler.card", "Card"): "model_card",
    ("recmagic.model", "Model"): "model_card",
    ("recmagic.evaluation.recommendations", "Recommendations"): "recommendations",
    ("recmagic.evaluation.side_by_side", "SideBySide"): "recommendations",
    ("recmagic.evaluation.compare", "Comparison"): "comparison",
    ("recmagic.evaluation.report", "Report"): "comparison",
    ("recmagic.evaluation.item_map", "ItemMap"): "item_map",
}


def load(shell: Any) -> None:
    """Have a live front end show our results by their views; loading twice leaves one of each."""
    unload(shell)
    if not hasattr(shell, "kernel"):
        return  # a terminal has no widgets
    formatter = shell.display_formatter.mimebundle_formatter
    for (module, name), folder in VIEWS.items():
        formatter.for_type_by_name(module, name, _shown_by(folder, shell))
    shell.events.register("pre_run_cell", on_page.clear)


def unload(shell: Any) -> None:
    """Have results show themselves again."""
    formatter = shell.display_formatter.mimebundle_formatter
    for module, name in VIEWS:
        formatter.pop(f"{module}.{name}", None)
    if on_page.clear in shell.events.callbacks["pre_run_cell"]:
        shell.events.unregister("pre_run_cell", on_page.clear)


def _shown_by(folder: str, shell: Any) -> Callable[..., Any]:
    def bundle(result: Any, **kwargs: Any) -> Any:
        # Widgets are imported when there is something to show: loading the extension must stay instant.
        view = import_module(f"recmagic.widgets.{folder}").view(result)
        if view is None:
            return None
        on_page.put(view, shell)
        return view._repr_mimebundle_(**kwargs)

    return bundle
