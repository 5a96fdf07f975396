"""What Python itself cannot read is told in our words, at its place, line by line."""

import pytest

from recmagic.spec.syntax import MOST_CHARACTERS, TOO_DEEP
from tests.spec.marked import assert_refused, problems

EDGE = "Each line starts at the left edge."
ROWS = [
    ("x = <(>1", "This bracket is never closed."),
    ("x = 1<)>", "This bracket closes nothing."),
    ("x = [1<)>", "This bracket closes another kind of bracket."),
    ("x = <'>a", "This text has no closing quote."),
    ("<  >x = 1", EDGE),
    ("x = 1\n<\t>y = 2", EDGE),
    ("x = f(<a b>)", "Two pieces stand side by side."),
    ("<f(1)> = 2", "The left of = must be a name."),
    ("x = f(a=1, 2<)>", "A plain argument stands after one with a name."),
    ("<class> = 3", "'class' is a word of Python."),
    ("x = embedding(<class>, 3)", "'class' is a word of Python."),
    ("<%>matplotlib inline", "A magic cannot stand here."),
    ("x = <“>a”", "This is not a quote that Python knows."),
    ("x = <3>abc", "A name cannot start with a digit."),
    ("x<\x00> = 1", "A character that cannot be seen stands here."),
    ("x = '<\ud800>'", "A character that cannot be seen stands here."),
    ("x = a<\u200b>", "A character that cannot be seen stands here."),
    ("größe <日本> $ 3", "This cannot be read."),
]


@pytest.mark.parametrize("marked, message", ROWS)
def test_a_line_that_python_cannot_read(marked: str, message: str) -> None:
    assert_refused(marked, message)


def test_a_line_that_ends_too_early_is_shown_at_its_end() -> None:
    found = problems("x = a >>\ny = 2")[0]
    assert found.message == "The line ends too early."
    assert (found.place.line, found.place.start, found.place.end) == (1, 8, 9)


def test_one_bad_line_hides_neither_what_is_wrong_nor_right_in_the_others() -> None:
    found = problems("user = (1\nitem = embedding(item_id, 8)\nx = a b\nscore = item >> Dens(1)")
    assert [(problem.place.line, problem.message) for problem in found] == [
        (1, "This bracket is never closed."),
        (3, "This cannot be read."),
        (4, "'Dens' is not a layer, loss, metric or optimizer."),
    ]


@pytest.mark.parametrize(
    "value",
    [
        "-" * 100_00 + "1",
        "+".join("a" * 3000),
        "(" * 300 + "1",
        "a" + ".b" * 3000,
        "a" + "()" * 3000,
        "2" + "**2" * 9000,
        "not " * 9000 + "1",
    ],
    ids=lambda value: value[:6],
)
def test_nesting_has_a_limit_with_its_own_message(value: str) -> None:
    found = problems(f"x = {value}")[0]
    assert found.message == TOO_DEEP
    assert len(str(found)) < 1000


def test_a_long_number_is_refused_and_not_shown_whole() -> None:
    for number in ("7" * 5_000, "0x" + "f" * 50_000):
        found = problems(f"x = {number}")[0]
        assert found.message == "This number is too long."
        assert len(str(found)) < 1000 and found.place.start == 4


def test_a_cell_has_a_largest_size() -> None:
    assert (
        problems("x" * (MOST_CHARACTERS + 1))[0].message
        == "A cell has at most 100,000 characters; this one has 100,001."
    )
