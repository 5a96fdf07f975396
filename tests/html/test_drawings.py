"""Drawings of points and columns: escaped, described in words, and empty where there is nothing to draw."""

import numpy as np

from recmagic.data.drawings import drawings, long_tail, time_line
from recmagic.html import Dots, columns, scatter
from tests.evaluation.conformance import small_data

EVIL = "<img src=x onerror=window.hacked=1>\u202e" + "x" * 5000


def test_a_scatter_names_its_points_and_leaves_out_what_is_not_a_number():
    drawn = scatter([Dots(EVIL, [0.1], [0.2]), Dots("b", [float("nan")], [1.0])], title=EVIL, x_label="x", y_label="y")
    assert drawn.count("<circle") == 1 and "<img src=x" not in drawn and "\u202e" not in drawn and len(drawn) < 16000
    assert scatter([Dots("b", [float("nan")], [1.0])], title="") == ""


def test_columns_stack_their_parts():
    drawn = columns({"train": [3, 1], EVIL[:30]: [1, 0]}, title="t", ends=("a", EVIL), x_label="time")
    assert drawn.count('Z" style="fill:') == 3 + 2 and "<img src=x" not in drawn and "train: 4" in drawn
    assert columns({"train": [0, 0]}, title="t", ends=("a", "b"), x_label="") == ""


def test_a_data_set_is_drawn_with_its_split():
    data = small_data()
    counts = np.bincount(data.interactions.item_row)[1:]
    share = np.sort(counts)[::-1][: max(1, data.items.count // 10)].sum() / counts.sum()
    assert f"a tenth of the items has {share:.0%}" in long_tail(data)
    sizes = np.bincount(data.interactions.part, minlength=3)
    assert f"train: {sizes[0]:,}; valid: {sizes[1]:,}; test: {sizes[2]:,}" in time_line(data)
    assert "with cold items" in drawings(data)[1]
