"""A smaller model's card and a report with sizes: what the static forms and the views show of them."""

import re

from recmagic.compression.account import DISK
from recmagic.evaluation.report import SIZE
from recmagic.widgets.comparison.widget import view as compared
from recmagic.widgets.model_card import view as carded
from tests.compression.models import PRODUCT, model_of


def test_sizes_stand_beside_the_originals_and_in_the_picture():
    model = model_of(PRODUCT.format(width=32))
    made = model.compress(quantize="int8", name="small")
    shown = made.card._repr_html_()
    assert "Made from m: weights of 8 bits" in shown and "5.3760" in shown and "3.56 x smaller" in shown
    state = carded(made).state
    assert state["beside"]["rows"][0][0] == DISK and state["told"].startswith("Made from m")
    report = model.evaluate(made)
    assert report.sizes == {"m": 5376, "small": 1512}
    drawing = re.search(r"<svg.*?weights \(kB\).*?</svg>", report._repr_html_(), re.DOTALL)
    assert drawing and "Accuracy against size" in report._repr_html_() and report.frontier[0] == "small"
    rows = {row["model"]: row["values"] for row in compared(report).state["rows"] if row["of"] == "all users"}
    assert rows["small"][SIZE] == 1.512 and rows["m"][SIZE] == 5.376
    assert model.card.beside == () and model.evaluate().sizes == {"m": 5376} and "size" not in repr(model.evaluate())


def test_a_card_does_not_look_at_the_test_part():
    model = model_of(PRODUCT.format(width=32))
    made = model.compress(quantize="int8", name="small")
    assert made.account.part == "valid" and "metrics on the valid part" in made.account.caption
    rows = {row.model: row.values for row in model.evaluate(made, on="valid").rows if row.of == "all users"}
    assert made.account.value("ndcg@10") == (rows["m"]["ndcg@10"], rows["small"]["ndcg@10"])
