"""What may be typed next in a magic's line: options, choices, and the notebook's objects of the right kind."""

from importlib import import_module
from types import SimpleNamespace

import pandas as pd
import pytest

import recmagic
from recmagic.magics.assist.line import choices, typed
from recmagic.magics.assist.place import columns, place
from recmagic.magics.notebook import Notebook
from recmagic.magics.registry import NAMES

PARSERS = {name: import_module(f"recmagic.magics.{name}").PARSER for name in NAMES}


@pytest.fixture(scope="module")
def notebook():
    events = pd.DataFrame({"user": [row % 5 for row in range(60)], "item": [row % 7 for row in range(60)],
                           "time": range(60)})
    data = recmagic.Dataset.load(events, user="user", item="item", time="time", name="shop",
                                 split="random")
    space = {"shop": data, "events": events, "mine": [1, 2], "_": [data],
             "pop": recmagic.Model.read("score = Popularity()", data, name="pop")}
    return Notebook(SimpleNamespace(user_ns=space), lambda what, live: None)


def offered(notebook, text):
    here = place(PARSERS, text, len(text))
    return [each.text for each in choices(notebook, typed(here.parser, here.line))[1]]


@pytest.mark.parametrize(("text", "first"), [
    ("%recdata x ", ["events", "films"]),
    ("%recdata ", ["shop"]),
    ("%recdata x events --user ", ["user", "item", "time"]),
    ("%recdata x events --items ev", ["events"]),
    ("%recdata x events --types us", ["user="]),
    ("%recdata x events --types user=ca", ["user=category"]),
    ("%recdata x events --du", ["--duplicates"]),
    ("%recdata x events --duplicates ", ["first", "last", "sum"]),
    ("%recmodel m = SA", ["SASRec"]),
    ("%recmodel m = SASRec(", ["width=", "length="]),
    ("%recmodel m = SASRec(width=8, dr", ["dropout="]),
    ("%%recmodel m --data ", ["shop"]),
    ("h = %rectrain ", ["pop"]),
    ("%rectrain pop --pre", ["--precision"]),
    ("%rectrain pop --precision ", ["mixed_bfloat16", "mixed_float16"]),
    ("%rectrain pop", ["pop"]),
    ("%receval pop ", ["--k", "--on"]),
    ("%recommend pop --user $mi", ["$mine"]),
    ("%recommend pop --features us", ["user_id="]),
    ("%recupdate pop ", ["events"]),
])
def test_the_first_choices(notebook, text, first):
    assert offered(notebook, text)[: len(first)] == first


def test_an_option_is_offered_once(notebook):
    assert "--epochs" not in offered(notebook, "%rectrain pop --epochs 3 --")
    assert offered(notebook, "%rectrain pop --epochs 3 --")[-1] == "--help"


def test_a_cell_goes_with_the_data_it_names_or_the_only_one(notebook):
    assert list(columns(notebook, "m "))[:2] == list(columns(notebook, "m --data shop "))[:2] == ["user_id", "item_id"]
    assert columns(notebook, "m --data other ") == {}


@pytest.mark.parametrize("text", ["x = 3", "%timeit x", "%matplotlib ", "recmodel", "", "%%time\nx", "%rec"])
def test_other_text_is_not_ours(text):
    assert place(PARSERS, text, len(text)) is None


def test_no_line_breaks_it(notebook):
    for line in ('%recdata "x', "%recdata --user", "%recmodel = =(", "%recblend a = b c --weights", "%receval -k -k $",
                 "%recommend pop --new \"a; b", "%recmodel m = NoSuch("):
        offered(notebook, line)
        offered(notebook, line + " ")
