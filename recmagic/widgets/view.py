"""What every live view has: its files, the result whose static form it carries, and questions from the page."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, ClassVar

import anywidget
import traitlets

from recmagic.errors import RecmagicError
from recmagic.widgets import closing

HERE = Path(__file__).parent


def source(folder: str, kind: str) -> str:
    """Return a view's "js" or "css": what all views share, then its own file."""
    return "\n".join((HERE / place / f"view.{kind}").read_text(encoding="utf-8") for place in (".", folder))


class View(anywidget.AnyWidget):
    """A result shown alive. `state` is what the page draws: plain JSON, without a NaN, under 200 rows.

    A saved or untrusted notebook shows the result's static form. What else the page wants it asks for by message:
    `answers` maps a verb to a function of keyword arguments that returns plain JSON, and a mistake of the user's,
    a RecmagicError, is told on the page.
    """

    state = traitlets.Dict().tag(sync=True)
    answers: ClassVar[Mapping[str, Callable[..., Any]]] = {}

    def __init__(self, result: Any, state: Mapping[str, Any]) -> None:
        super().__init__(state=dict(state))
        self.result = result
        self.on_msg(self._asked)

    def close(self) -> None:
        """Let go of it, here and on the page."""
        closing.close(self)

    def _asked(self, _: Any, content: Mapping[str, Any], buffers: Any) -> None:
        """Answer one question of the page: {number, verb, options} -> {number, answer} or {number, error}."""
        reply: dict[str, Any] = {"number": content["number"]}
        try:
            reply["answer"] = self.answers[content["verb"]](self, **content["options"])
        except RecmagicError as error:
            reply["error"] = str(error)
        self.send(reply)

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        bundle = super()._repr_mimebundle_(**kwargs)
        if bundle is None:
            return None
        data, metadata = bundle
        return {**data, "text/plain": repr(self.result), "text/html": self.result._repr_html_()}, metadata


def plain_json(value: Any) -> Any:
    """Return a value as the page can read it: numpy's numbers as Python's, NaN and infinities as None."""
    text = json.dumps(value, default=lambda each: each.item() if hasattr(each, "item") else str(each))
    return json.loads(text, parse_constant=lambda _: None)
