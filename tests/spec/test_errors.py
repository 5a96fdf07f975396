"""What a bad cell is told, and where: the error is marked in the text `<like this>`."""

import pytest

from tests.spec.marked import assert_refused, problems

NO_DENS = "'Dens' is not a layer, loss, metric or optimizer."
CALLED = "Only a word or a class can be called."
APPLY = "Apply it to a value: value >> layer."
TABLE = [  # the rows of the language page that need no data
    ("score = <keras.layers.Dense>(1)", "Names have no dots here.", "Write Dense(1)."),
    (
        "x = embedding(user_id, 8) >> <lambda v: v>",
        "The cell language has no functions of its own.",
        "Put it in a layer class marked @recmagic.layer.",
    ),
    ("user = bias()\nitem = bias()\nscore = <user - item>", "`-` has no meaning here.", "The operators are >> + * @."),
    ("<user_id> = embedding(item_id, 8)", "'user_id' always means the user's id.", "Choose another name."),
    (
        "loss = BinaryCrossentropy(<negatives>=4)",
        "BinaryCrossentropy has no 'negatives'.",
        "Write a line: negatives = uniform(4).",
    ),
    (
        "user = bias()\nitem = bias()\nscore = user >> <(item >> Dense(1))>",
        "The right of >> must be a layer; this is a value.",
        "",
    ),
    ("<import os>", "Each line is one definition: name = value.", ""),
    (
        "user = bias()\nscore = user >> <Dens>(128, relu)",
        "'Dens' is not a layer, loss, metric or optimizer.",
        "Did you mean Dense?",
    ),
]
NAMES = [
    (
        "score = <usr> @ bias()",
        "'usr' is not defined above.",
        "If it is a column, write embedding(usr, 32) or number(usr).",
    ),
    ("user = bias()\nscore = <usr> @ user", "'usr' is not defined above.", "Did you mean user?"),
    ("score = <user>\nuser = bias()", "'user' is defined further down, in line 2.", "Move that line up."),
    ("score = bias() + <score>", "'score' is used in its own definition.", "Give the new value a name of its own."),
    ("x = 1\n<x> = 2", "'x' is already defined, in line 1.", "Give each line a name of its own."),
    ("score = bias()\n<score> = bias()", "'score' is already defined, in line 1.", "A cell has one line score = ..."),
    (
        "score = <user_id> @ bias()",
        "'user_id' is a column, which stands inside a word.",
        "Write embedding(user_id, 32) or number(user_id).",
    ),
    ("score = bias() >> Dense(<rating>)", "'rating' is a column, which stands inside a word.", None),
    ("score = <Dens>", "'Dens' is not a layer, loss, metric or optimizer.", "Did you mean Dense?"),
    ("score = bias() >> <Dense>", "'Dense' lacks its parentheses.", "Write Dense(...)."),
    ("score = <bias>", "'bias' lacks its parentheses.", "Write bias(...)."),
    (
        "score = bias() >> <relu>",
        "'relu' is a function, which stands inside a layer.",
        "Write Activation(relu) or Dense(64, relu).",
    ),
    ("score = <relu>(bias())", "'relu' is a function, which stands inside a layer.", None),
    ("x = Dense(8, <rleu>)", "'rleu' is neither an earlier name nor a function of Keras.", "Did you mean relu?"),
    ("score = <embeding>(user_id, 8)", "'embeding' is not a word of the language.", "Did you mean embedding?"),
    ("score = bias() >> <dense>(8)", "'dense' is not a word of the language.", "Did you mean Dense?"),
    ("score = bias()\nloss = <BRP>()", "'BRP' is not a loss.", "Did you mean BPR?"),
    ("score = bias()\noptimizer = <Adamm>()", "'Adamm' is not an optimizer.", "Did you mean Adam?"),
    ("score = bias() >> <Lambda>(3)", "'Lambda' cannot stand in a cell.", "It holds Python code."),
    (
        "top = Dense(8)\nscore = <top>(bias())",
        "'top' is an earlier name and cannot be called.",
        "Apply a layer with >>: x >> top.",
    ),
    ("x = bias()\nscore = <Dense(8)>(x)", "A layer is applied with >>.", "Write x >> Dense(8)."),
    ("x = bias()\nscore = (<x * x>)(x)", CALLED, None),
    ("score = <3>(1)", CALLED, None),
    ("score = <[bias]>(1)", CALLED, None),
    ("score = <Dense(8)>()", CALLED, None),
    ("score = <Dense[8]>(1)", "Square brackets pick nothing here.", None),
    ("score = (<lambda: 1>)()", "The cell language has no functions of its own.", None),
    ("x = number(<column(3)>)", "column takes one name in quotes.", 'Write column("movie title").'),
    ("x = number(<column()>)", "column takes one name in quotes.", None),
    ("<timestamp> = bias()", "'timestamp' always means the time of the interaction.", None),
]
ARGUMENTS = [
    ("score = bias() >> <Dense>()", "Dense needs 'units'.", None),
    ("score = bias() >> Dense(<unit>=3)", "Dense has no 'unit'.", "Did you mean units?"),
    ("score = bias() >> Dense(3, <units>=3)", "'units' is given twice.", "Leave one of them out."),
    ("score = bias() >> Dense(units=3, <units>=3)", "'units' is given twice.", None),
    ("score = number(age, <3>)", "number takes at most 1 argument; here are 2.", "number takes column."),
    (
        "negatives = catalogue(<3>)",
        "catalogue takes at most 0 arguments; here are 1.",
        "catalogue takes nothing: catalogue().",
    ),
    ("score = <concat>()", "concat needs 'values'.", "concat takes values, ...."),
    ("score = concat(<values>=bias())", "concat has no 'values'.", None),
    ("loss = BPR(<optimizer>=3)", "BPR has no 'optimizer'.", "Write a line: optimizer = Adam(1e-3)."),
    ("loss = BinaryCrossentropy(<from_logits>=True)", "A score is a logit, so from_logits has no meaning here.", None),
    ("loss = BPR(<from_logits>=True)", "A score is a logit, so from_logits has no meaning here.", None),
    ("loss = BinaryCrossentropy(<True>)", "A score is a logit, so from_logits has no meaning here.", None),
    ("score = concat(<*parts>)", "`*` cannot unpack here.", "Write the arguments out."),
    ("score = concat(bias(), <**parts>)", "`**` has no meaning here.", "Write the settings out: name=value."),
]
KINDS = [
    ("score = <3> @ bias()", "The left of @ must be a value; this is a number.", None),
    ("score = bias() + <3>", "The right of + must be a value; this is a number.", None),
    ("score = bias() * <'a'>", "The right of * must be a value; this is a text.", None),
    ("score = bias() + <Dense(8)>", "The right of + must be a value; this is a layer.", APPLY),
    ("score = <[bias()]> + bias()", "The left of + must be a value; this is a list.", None),
    ("score = <Dense(8)>", "The score must be a value; this is a layer.", "Write a line such as score = user @ item."),
    ("score = <32>", "The score must be a value; this is a number.", None),
    ("score = <column('age')>", "The score must be a value; this is a column.", None),
    ("score = bias() >> Dense(<number(age)>)", "Dense takes settings only; this is a value.", None),
    ("user = bias()\nscore = user >> Dense(<user>)", "Dense takes settings only; this is a value.", None),
    ("score = concat(<Dense(8)>)", "concat takes columns and values; this is a layer.", APPLY),
    ("cell = GRU(8)\nx = Bidirectional(<cell>)", "A layer among settings is written out; 'cell' is a name.", None),
    ("loss = <Adam()>", "loss = takes a loss; this is an optimizer.", "Write loss = CategoricalCrossentropy()."),
    ("loss = <'mse'>", "loss = takes a loss; this is a text.", None),
    (
        "metrics = <ndcg(10)>",
        "metrics = takes a list of metrics; this is a metric alone.",
        "Write metrics = [ndcg(10)].",
    ),
    ("metrics = [<[ndcg(10)]>]", "metrics = takes a list of metrics; this is a list.", None),
    ("optimizer = <[Adam()]>", "optimizer = takes an optimizer; this is a list.", None),
    ("negatives = <4>", "negatives = takes a kind of negatives; this is a number.", "Write negatives = uniform(4)."),
    ("x = <(Dense(8), Dense(8))> >> Dense(8)", "The parts of this tuple must be values; here is a layer.", APPLY),
    ("x = column('age')\ny = <x> >> Dense(8)", "The left of >> must be a value or a layer; this is a column.", None),
    ("x = bias()\ny = bias() >> <x>", "The right of >> must be a layer; this is a value.", ""),
]
CELLS = [
    ("<x = 1>", "The cell has no score.", "Add a line such as score = user @ item."),
    ("x = 1; <y = 2>", "Each line is one definition: name = value.", "Start a new line."),
    ("a = <b> = 1", "Each line defines one name.", "Write a line for each."),
    ("<a, b> = 1, 2", "Each line defines one name.", None),
    ("<a.b> = 1", "Names have no dots here.", None),
    ("<a[0]> = 1", "A line defines a name, not a part of one.", None),
    ("x = <[]>", "This list is empty.", None),
    ("x = <()>", "This tuple is empty.", None),
    ("x = <(1,)>", "A tuple has two or more parts.", None),
    ("x = <1e999>", "This number is too large.", None),
    ("x = <99999999999999999999>", "This number is too long.", None),
    ("x = <'\\ud800'>", "This text holds half a character.", None),
    ("x = number(<column('\\ud800')>)", "This text holds half a character.", None),
]
ROWS = [*TABLE, *NAMES, *ARGUMENTS, *KINDS, *CELLS]


@pytest.mark.parametrize("marked, message, hint", ROWS, ids=[row[0] for row in ROWS])
def test_a_bad_cell_is_told_what_where_and_what_to_do(marked: str, message: str, hint: str | None) -> None:
    assert_refused(marked, message, hint)


def test_the_caret_counts_characters_and_not_bytes() -> None:
    assert_refused(
        "größe = 3\nscore = concat(number(é), number(項目)) >> <Dens>(größe)",
        NO_DENS,
    )


def test_the_caret_stands_on_the_line_of_the_guilty_piece() -> None:
    assert_refused(
        "score = concat(\n    number(age),\n    number(age) >> <Dens>(3),\n)",
        NO_DENS,
    )
    assert_refused("score = number(age) \\\n  >> <Dens>(3)", NO_DENS)
    assert_refused("score = bias() >> <(bias()>\n  + bias())", "The right of >> must be a layer; this is a value.", "")


def test_an_empty_cell_is_told_so() -> None:
    for text in ("", "\n\n", "# nothing\n"):
        assert problems(text)[0].message == "The cell is empty."


def test_at_most_three_problems_in_the_order_of_the_lines() -> None:
    found = problems("\n".join(f"x{index} = Dens({index})" for index in range(5)))
    assert [problem.place.line for problem in found] == [1, 2, 3]


def test_a_broken_line_causes_no_more_below_it() -> None:
    text = "user = Dens(3)\ntop = user\nscore = user >> top >> Dense(user)\nloss = top"
    assert [problem.message for problem in problems(text)] == [NO_DENS]
    assert len(problems("user = (1\nscore = user @ user")) == 1
    assert len(problems("x += 1\nscore = x @ x")) == 1


def test_what_a_broken_name_is_used_for_is_still_checked_elsewhere() -> None:
    assert [problem.place.line for problem in problems("user = Dens(3)\nscore = user >> Dense()")] == [1, 2]
