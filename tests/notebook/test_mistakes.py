"""Every mistake gives an `error` output with exactly our text, and no frame of ours."""

import pytest

CELL = "%%recmodel broken --data films\n"
SMALL = "user = embedding(user_id, 4)\nitem = embedding(item_id, 4)\nscore = user @ item\n"


def wrong(kernel, code, *words):
    """Run a cell that must fail; return its error text."""
    result = kernel.run(code)
    assert result.error, f"no error from: {code}\n{result.text}"
    assert "Traceback" not in result.error and "recmagic/" not in result.error and ".py" not in result.error
    assert result.error.startswith(result.ename + ": ")
    for word in words:
        assert word in result.error, result.error
    return result.error


@pytest.fixture(scope="module")
def untrained(kernel, two_tower):
    kernel.run("import pandas as pd")
    kernel.run(two_tower("untrained"))
    return kernel


@pytest.fixture(scope="module")
def trained(untrained, two_tower):
    untrained.run(two_tower("two_tower"))
    untrained.run("%rectrain two_tower --epochs 1;")
    return untrained


def test_an_untrained_model(untrained):
    wrong(untrained, "%recommend untrained --user 42", "ModelError", "'untrained' has not been trained")
    wrong(untrained, "%receval untrained", "ModelError", "%rectrain untrained")


def test_an_unknown_user(trained):
    wrong(trained, "%recommend two_tower --user nobody", "DataError", "nobody")


def test_two_kinds_of_people_to_recommend_to(trained):
    wrong(trained, "%recommend two_tower --user 42 --all", "MagicError", "exclude each other")


def test_an_unknown_name(trained):
    wrong(trained, "%rectrain two_towr", "MagicError", "Did you mean two_tower?", "untrained")
    wrong(trained, "%receval films", "MagicError", "'films' is a Dataset, not a model")


def test_an_unknown_option(trained):
    wrong(trained, "%rectrain two_tower --epcohs 3", "MagicError", "Did you mean --epochs?")
    wrong(trained, "%rectrain two_tower --epochs many", "MagicError", "--epochs must be a whole number")
    wrong(trained, "%recommend two_tower --new 'x", "MagicError", "not closed")


def test_a_missing_column(untrained):
    wrong(untrained, CELL + SMALL.replace("(user_id, 4)", "(colour, 4)"), "colour", "^")
    untrained.run("shop = pd.DataFrame({'who': [1, 2], 'what': [3, 4]})")
    wrong(untrained, "%recdata mine shop --user customer --item what", "DataError", "customer")


def test_a_variable_that_is_no_table(untrained):
    untrained.run("five = 5")
    wrong(untrained, "%recdata mine five", "MagicError", "'five' is of the type int, not a table")
    wrong(untrained, "%recdata mine untrained", "'untrained' is of the type Model")


@pytest.mark.parametrize("line", [
    "%rectrain $several", "%receval untrained $several", "%recdata $several films",
    "%recdata mine films --keep $several",
    "%recommend untrained --user 1 --to $several", "%recupdate $several bought",
])
def test_a_list_where_a_text_belongs(untrained, line):
    untrained.run("several = ['a', 'b']")
    wrong(untrained, line, "MagicError", "$several is of the type list")


def test_a_table_behind_a_dollar_is_that_table(untrained):
    untrained.run("bought = pd.DataFrame({'user': [*range(9)] * 3, 'item': [1] * 9 + [2] * 9 + [3] * 9})")
    shown = untrained.run("%recdata behind $bought")
    assert not shown.error and "9 users × 3 items" in shown.text


def test_a_path_that_is_not_there(untrained):
    wrong(untrained, "%recdata mine nowhere/sales.csv", "DataError", "nowhere/sales.csv")


def test_a_rating_outside_its_scale(untrained):
    untrained.run("rated = pd.DataFrame({'user': [1, 1, 2], 'item': [1, 2, 1], 'rating': [5, 55, 3]})")
    wrong(untrained, "%recdata mine rated --scale 1 5", "DataError", "55", "scale")


def test_an_empty_split(untrained):
    untrained.run("one = pd.DataFrame({'user': [1, 1], 'item': [1, 2]})")
    untrained.run("%recdata tiny one --split last")
    untrained.run("%%recmodel small --data tiny\n" + SMALL)
    untrained.run("%rectrain small --epochs 1;")
    error = untrained.run("%receval small --on test").error or untrained.run("tiny").error
    assert "Error: " in error and "Traceback" not in error, error


def test_a_shape_that_does_not_fit(untrained):
    cell = CELL + SMALL.replace("item = embedding(item_id, 4)", "item = embedding(item_id, 8)")
    error = wrong(untrained, cell, "SpecError", "^", "line 4")
    assert "4" in error and "8" in error


def test_a_word_that_is_not_one(untrained):
    error = wrong(untrained, CELL + SMALL + "loss = CategoricalCrossentropie()", "SpecError", "Did you mean")
    assert "line 5 │ loss = CategoricalCrossentropie()" in error
    assert error.splitlines()[2].index("^") == error.splitlines()[1].index("Categorical")


def test_a_loss_that_becomes_nan(trained, two_tower):
    trained.run(two_tower("wild") + "optimizer = Adam(1e38)")
    wrong(trained, "%rectrain wild --epochs 2", "TrainingError", "step", "last good weights")


def test_a_name_that_would_be_lost(untrained):
    wrong(untrained, "%recdata shop shop", "MagicError", "shop_data")
    wrong(untrained, "%recdata 2films films", "MagicError", "cannot be a name")


def test_a_stale_model(trained, two_tower, tmp_path):
    trained.run('%recdata club films --positive "rating >= 3"')
    trained.run(two_tower("old").replace("--data films", "--data club"))
    trained.run("%rectrain old --epochs 1;")
    trained.run(f"%recsave old {tmp_path}/kept.zip;")
    trained.run('%recdata club films --positive "rating >= 5"')
    wrong(trained, "%receval old", "ModelError", "'old'", "'club'")
    trained.run(f"%recload kept {tmp_path}/kept.zip;")  # a model of a file has its own data, so it is never stale
    assert "Recommendations by kept" in trained.run("%recommend kept --user 1 -k 2").text


def test_which_data_set(trained):
    trained.run("%recdata second films --min-user 30")
    wrong(trained, "%%recmodel another\n" + SMALL, "MagicError", "Which data set")
    wrong(trained, "%%recmodel another --data thrid\n" + SMALL, "MagicError", "There is no data set 'thrid'")
