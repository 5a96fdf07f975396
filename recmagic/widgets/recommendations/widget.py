"""The live table as one anywidget: what the page asks, and the models that answer in the kernel."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar

from recmagic.errors import ModelError
from recmagic.evaluation.explaining import explain
from recmagic.evaluation.newcomers import check_can_meet
from recmagic.evaluation.recommendations import Recommendations
from recmagic.evaluation.shown import fact_columns, item_names
from recmagic.widgets.recommendations.page import Question, answer
from recmagic.widgets.recommendations.searching import found_among
from recmagic.widgets.view import View, plain_json, source

HERE = Path(__file__).parent
MOST, ROWS = 50, 150  # the longest list, and the rows of all lists together
OFFERED = 10  # users that were asked about, as buttons


class RecommendationsView(View):
    """The lists of one user at a time, by one model or several side by side.

    `state` holds what is fixed, the `question` that was asked last, and what answers it; a question of the page
    changes it, so that all places that show the view, and a page that is loaded anew, show the same.
    """

    _esm = "\n".join([source("recommendations", "js"), *(path.read_text(encoding="utf-8")
                      for path in sorted((HERE / "parts").glob("*.js")))])
    _css = source("recommendations", "css")

    def __init__(self, result: Any, lists: Sequence[Recommendations]) -> None:
        self.asked = [each.asked for each in lists if each.asked is not None]
        self.data, self.images = lists[0].data, lists[0].images
        self.most = max(1, min(MOST, ROWS // len(lists)))
        facts = lists[0].facts()
        request = self.asked[0].request
        new, alone = request.new, len(lists) == 1
        question = Question(
            user=0 if new else int(self.data.users.rows(lists[0].user_ids[:1])[0]),
            liked=[int(row) for row in lists[0].liked[0]] if new and lists[0].liked is not None else [],
            k=min(request.k, self.most), where=request.where or "", as_of=request.as_of is not None,
            diversity=request.diversity,
            columns=[name for name in fact_columns(self.data, facts) if name != self.images][: 2 if alone else 1])
        fixed = {"data": self.data.name, "label": self.data.items.label or "item_id", "most": self.most,
                 "columns": [name for name in facts.columns if name not in (self.data.items.label, self.images)],
                 "images": self.images, "part": request.as_of or "test", "offered": self._offered(lists[0]),
                 "cannot": self._cannot_meet()}
        self.lists = [replace(each, items=each.items[:1, : self.most], scores=each.scores[:1, : self.most],
                              hits=None if each.hits is None else each.hits[:1, : self.most],
                              user_ids=each.user_ids[:1]) for each in lists]
        super().__init__(result, plain_json(fixed | answer(question, self.lists)))

    def users(self, text: str) -> Any:
        """Return users whose ids start with a text, or hold it."""
        return found_among(self._user_names, text)

    def items(self, text: str) -> Any:
        """Return items whose names start with a text, or hold it."""
        return found_among(self._item_names, text)

    def ask(self, question: dict[str, Any]) -> None:
        """Ask the models anew and show what they say."""
        now = Question(**question)
        before = self.lists[0].items[0]
        every = [each.again(**now.changes(each.request, self.data, self.state["part"])) for each in self.asked]
        self.lists = [replace(each, images=self.images) for each in every]
        self.state = plain_json(self.state | answer(now, self.lists, before if now.liked else None))

    def why(self, place: int, item: int) -> Any:
        """Return in sentences why the list at a place among the models holds an item row."""
        asked = self.lists[place].asked
        assert asked is not None  # what is shown was asked for
        return explain(asked, int(item)).sentences

    answers: ClassVar = {"users": users, "items": items, "ask": ask, "why": why}

    def _offered(self, lists: Recommendations) -> list[dict[str, Any]]:
        ids = lists.user_ids[:OFFERED]
        if lists.liked is not None or not 1 < len(lists) <= OFFERED:
            return []
        return [{"row": row, "name": str(name)} for row, name in zip(self.data.users.rows(ids).tolist(), ids)]

    def _cannot_meet(self) -> str:
        """Return why a model cannot be asked about somebody new who likes some items, "" where all can."""
        for each in self.asked:
            try:
                check_can_meet(each.program, True, False)
            except ModelError as error:
                return f"{each.name}: {error.message}"
        return ""

    @cached_property
    def _user_names(self) -> list[str]:
        return [str(each) for each in self.data.users.ids[1:]]

    @cached_property
    def _item_names(self) -> list[str]:
        return [str(each) for each in item_names(self.data, range(1, self.data.items.count + 1))]
