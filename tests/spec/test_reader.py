"""What the reader makes of good cells: names, columns, functions, kinds, places."""

import pytest

from recmagic.errors import Place, SpecError
from recmagic.spec import (
    Call,
    Column,
    Function,
    Group,
    Literal,
    Name,
    Node,
    columns_used,
    names_used,
    problem,
    read,
    write,
)
from tests.spec.marked import assert_refused
from tests.spec.words import VOCABULARY

TWO_TOWER = """\
width = 32   # of both
user  = concat(embedding(user_id, width), number(age)) >> Dense(64, relu) >> Dense(width)
item  = concat(embedding(item_id, width),
               embedding(genres, 16)) >> Dense(width)

score = user @ item
loss  = CategoricalCrossentropy()
negatives = in_batch()
optimizer = Adam(1e-3)
metrics = [ndcg(10)]
"""


def value(text: str, before: str = "") -> Node:
    """The node of one value, in a cell with the lines before it."""
    statement = read(f"{before}\nx = {text}\nscore = bias()", VOCABULARY).statement("x")
    assert statement is not None
    return statement.value


def test_the_first_cell_is_read_and_written_in_one_canonical_form() -> None:
    spec = read(TWO_TOWER, VOCABULARY)
    assert (
        write(spec).splitlines()[2] == "item = concat(embedding(item_id, width), embedding(genres, 16)) >> Dense(width)"
    )
    assert read(write(spec), VOCABULARY) == spec
    assert [statement.name for statement in spec.statements] == TWO_TOWER_NAMES


TWO_TOWER_NAMES = ["width", "user", "item", "score", "loss", "negatives", "optimizer", "metrics"]


def test_a_bare_name_is_an_earlier_name_a_column_or_a_function_by_where_it_stands() -> None:
    assert value("embedding(genres, 8)") == Call("embedding", (Column("genres"), Literal(8)))
    assert value("concat(genres)", "genres = number(age)") == Call("concat", (Name("genres"),))
    assert value('concat(column("genres"))', "genres = number(age)") == Call("concat", (Column("genres"),))
    assert value("Dense(64, relu)") == Call("Dense", (Literal(64), Function("relu")))
    assert value("Dense(64, relu)", "relu = 3") == Call("Dense", (Literal(64), Name("relu")))
    assert value("embedding(relu, 8)") == Call("embedding", (Column("relu"), Literal(8)))


def test_the_innermost_call_says_what_a_bare_name_means() -> None:
    inside = value("embedding(user_id, 8, initializer=RandomNormal(stddev=relu))")
    assert isinstance(inside, Call)
    assert inside.options == (("initializer", Call("RandomNormal", (), (("stddev", Function("relu")),))),)


def test_columns_of_any_name() -> None:
    assert value('number(column("movie title"))') == Call("number", (Column("movie title"),))
    assert value("column('class')") == Column("class")


def test_a_target_may_be_a_bare_column() -> None:
    spec = read("score = bias()\ntarget = [clicked, at_least(rating, 4)]", VOCABULARY)
    target = spec.statement("target")
    assert target is not None
    assert target.value == Group("list", (Column("clicked"), Call("at_least", (Column("rating"), Literal(4)))))


def test_operators_group_as_in_python() -> None:
    a, b = Call("bias"), Literal(8)
    assert value("bias() + bias() >> Dense(8)") == Call(">>", (Call("+", (a, a)), Call("Dense", (b,))))
    assert value("bias() + bias() * bias()") == Call("+", (a, Call("*", (a, a))))
    assert value("Dense(8) >> Dense(8)") == Call(">>", (Call("Dense", (b,)), Call("Dense", (b,))))
    layers = Call(">>", (Call("Dense", (b,)), Call("Dense", (b,))))
    assert value("bias() >> (Dense(8) >> Dense(8))") == Call(">>", (a, layers))


def test_tuples_and_lists_go_into_layers() -> None:
    a = Call("bias")
    assert value("(bias(), bias()) >> FeatureCross()") == Call(">>", (Group("tuple", (a, a)), Call("FeatureCross")))
    assert value("[bias()] >> DotInteraction()") == Call(">>", (Group("list", (a,)), Call("DotInteraction")))


@pytest.mark.parametrize(
    "text, expected",
    [
        ("3", 3),
        ("-3", -3),
        ("1e-3", 0.001),
        ("1_000", 1000),
        ("0x10", 16),
        ("'a'", "a"),
        ("True", True),
        ("None", None),
    ],
)
def test_literals(text: str, expected: object) -> None:
    node = value(text)
    assert isinstance(node, Literal)
    assert node.value == expected and type(node.value) is type(expected)


def test_roles_resolve_double_names() -> None:
    spec = read(
        "score = bias()\nloss = BinaryCrossentropy(label_smoothing=0.1)\nmetrics = [BinaryCrossentropy(threshold=0.4)]",
        VOCABULARY,
    )
    assert len(spec.statements) == 3
    assert_refused(
        "score = bias()\nmetrics = [BinaryCrossentropy(<label_smoothing>=1)]",
        "BinaryCrossentropy has no 'label_smoothing'.",
    )
    assert value("Dense(8, kernel_initializer=Identity(gain=2.0))")
    assert_refused("x = Dense(8, activation=Identity(<gain>=2.0))", "Identity has no 'gain'.")


def test_a_search_space_stands_where_a_literal_may() -> None:
    assert value("embedding(user_id, choose(16, 32)) >> Dense(choose(8, 16))")


def test_a_scorer_is_a_score() -> None:
    assert read("score = EASE(regularization=500.0)", VOCABULARY)


def test_places_are_lines_of_the_notebook_and_characters_of_the_line() -> None:
    spec = read("größe = 8\nscore = concat(number(größe),\n   number(é)  >>  Dense(größe))", VOCABULARY, first_line=2)
    call = spec.statements[1].value
    assert isinstance(call, Call)
    assert call.place == Place(3, 8, 29)
    applied = call.arguments[1]
    assert isinstance(applied, Call)
    assert applied.place == Place(4, 3, 30)
    assert applied.arguments[1].place == Place(4, 18, 30)


def test_a_problem_at_a_node_shows_its_line() -> None:
    spec = read("score = number(é) >> Dense(4)", VOCABULARY, first_line=2)
    call = spec.statements[0].value
    assert isinstance(call, Call)
    error = SpecError([problem(spec, call.arguments[1], "Too wide.", "Take 3.")])
    assert str(error) == (
        "Too wide.\n  line 2 │ score = number(é) >> Dense(4)\n         │                      ^^^^^^^^\n  Take 3."
    )


def test_names_and_columns_used() -> None:
    spec = read(TWO_TOWER, VOCABULARY)
    user, score = spec.statement("user"), spec.statement("score")
    assert user is not None and score is not None
    assert names_used(user.value) == ("width",)
    assert columns_used(user.value) == ("user_id", "age")
    assert names_used(score.value) == ("user", "item")


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_line_ends_and_a_byte_order_mark_do_not_count(end: str) -> None:
    text = "\ufeff" + end.join(["# a cell", "", "x = number(age)", "score = x"])
    assert [statement.place.line for statement in read(text, VOCABULARY).statements] == [3, 4]


def test_a_line_separator_inside_a_text_moves_no_line() -> None:
    spec = read('x = "\u2028\x0c"\nscore = number(age)', VOCABULARY)
    assert spec.line(2) == "score = number(age)"
