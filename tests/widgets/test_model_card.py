"""The card's live view: each line knows its statement, boxes and edges their shapes; hostile text stays text."""

from recmagic.model import Model
from recmagic.widgets.model_card import view
from tests.compiler.tiny import data

CELL = """# a comment
width = 4
user = embedding(user_id, width)
item = concat(
    embedding(item_id, width)) >> Dense(width)
score = user @ item
loss = BPR()"""


def test_lines_boxes_and_edges():
    model = Model.read(CELL, data(), name="<img src=x onerror=alert(1)>")
    state = view(model).state
    assert [line["name"] for line in state["text"]] == ["", "width", "user", "item", "item", "score", "loss"]
    boxes = {box["name"]: (box["caption"], box["side"], box["flows"]) for box in state["drawing"]["boxes"]}
    assert boxes["user"] == ("4", "user", "4") and boxes["user_id"] == ("column", "none", "")
    edges = {(edge["from"], edge["to"]) for edge in state["drawing"]["edges"]}
    assert edges >= {("user", "score"), ("user_id", "user")}
    page = model._repr_html_()
    assert "<img src=x" not in page and page.count(">4</text>") >= 4  # in boxes, and on the edges


def test_a_card_without_a_drawing_stays_static():
    assert view(Model.read("score = Popularity()", data(), name="pop").card) is None
