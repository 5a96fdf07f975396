"""The tiny condition language: what holds, and that nothing else gets through."""

from contextlib import suppress

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recmagic.data.conditions import holds
from recmagic.errors import DataError

TABLE = pd.DataFrame({
    "rating": [1.0, 3.0, 5.0, None], "city": ["Bonn", "Lyon", None, "Bonn"], "größe": [1, 2, 3, 4],
    "Unit Price (€)": [9.0, 10.0, 11.0, None],
    "timestamp": pd.to_datetime(["2024-01-01", "2024-06-01", "2025-01-01", None]).as_unit("s").astype("int64") * 1.0,
})
ALIASES = {"stars": "rating"}


@pytest.mark.parametrize(("text", "expected"), [
    ("rating >= 3", [False, True, True, False]),
    ("stars != 3", [True, False, True, False]),
    ("rating > -1 and city == 'Bonn'", [True, False, False, False]),
    ("city != 'Bonn'", [False, True, False, False]),
    ("column('Unit Price (€)') >= 10 and rating > 1", [False, True, True, False]),
    (" größe < 2.5 ", [True, True, False, False]),
    ("timestamp >= '2024-06-01'", [False, True, True, False]),
])
def test_a_condition_holds_by_row_and_never_where_a_value_is_missing(text, expected):
    table = TABLE.assign(timestamp=TABLE["timestamp"].where(TABLE["timestamp"] > 0))
    assert holds(text, table, ALIASES, "keep").tolist() == expected


@pytest.mark.parametrize(("text", "marked", "message"), [
    ("rating = 3", "=", "Write == to compare"),
    ("ratng > 3", "ratng > 3", "Did you mean rating"),
    ("größe > 1 and ratng > 3", "ratng > 3", "no column 'ratng'"),
    ("rating > 3 or rating < 1", "rating > 3 or rating < 1", "not a comparison"),
    ("3 < rating", "3", "starts with the name"),
    ("column(city) == 'Bonn'", "column(city)", "column.'odd name'."),
    ("column('ctiy') == 'Bonn'", "column('ctiy') == 'Bonn'", "Did you mean city"),
    ("1 < rating < 3", "1 < rating < 3", "not a comparison"),
    ("rating > city", "city", "number or a text"),
    ("rating > [1]", "[1]", "number or a text"),
    ("city > 3", "city > 3", "not a column of numbers"),
    ("__import__('os').system('x')", "__import__('os').system('x')", "not a comparison"),
    ("", "", "not a condition"),
])
def test_anything_else_is_refused_with_a_caret_under_it(text, marked, message):
    with pytest.raises(DataError, match=message) as caught:
        holds(text, TABLE, ALIASES, "positive")
    _, line, carets = str(caught.value).splitlines()[:3]
    start = carets.index("│") + 2
    assert line[start:] == text.strip()
    if marked:
        assert line[carets.index("^"):carets.rindex("^") + 1] == marked


@given(st.text(max_size=40))
def test_no_text_raises_anything_but_our_error(text):
    with suppress(DataError):
        holds(text, TABLE, ALIASES, "keep")
