"""Whatever is wrong with a line is a MagicError that names the option; nothing else comes out."""

import argparse
import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recmagic.errors import MagicError
from recmagic.magics import recdata, recommend, rectrain
from recmagic.magics.line import HelpAsked, size


def read(line, module=rectrain, **namespace):
    return module.PARSER.read(line, namespace)


def test_options_and_defaults():
    arguments = read("two_tower --epochs 3 --batch all")
    assert vars(arguments) == {"name": "two_tower", "epochs": 3, "batch": "all", "patience": 10, "seed": None,
                               "resume": False, "memory": None, "precision": None, "backend": None, "callbacks": None,
                               "checkpoint": None, "private": None, "delta": None,
                               "unit": None, "federated": None}


@pytest.mark.parametrize(
    "line, fact, hint",
    [
        ("m --epcohs 3", "%rectrain has no option --epcohs.", "Did you mean --epochs?"),
        ("m --epoch 3", "%rectrain has no option --epoch.", "Did you mean --epochs?"),
        ("m --epochs x", "--epochs must be a whole number, not 'x'.", "%rectrain [-h]"),
        ("m --epochs 0", "--epochs must be 1 or more, not 0.", "%rectrain [-h]"),
        ("m --precision bfloat16", "--precision must be mixed_bfloat16 or mixed_float16, not 'bfloat16'.",
         "Did you mean mixed_bfloat16?"),
        ("m --backend x", "--backend must be jax, tensorflow or torch, not 'x'.", "%rectrain [-h]"),
        ("m --epochs", "--epochs: expected one argument.", "%rectrain [-h]"),
        ("", "%rectrain needs NAME.", "%rectrain [-h]"),
        ("m other", "%rectrain does not know what to do with 'other'.", "Where it takes one, write a line for each"),
        ("m -1", "%rectrain does not know what to do with '-1'.", "%rectrain [-h]"),
        ('m "x', 'A quote in this line is not closed: m "x', "Close the quote"),
        ("m --seed $nowhere", "There is no 'nowhere' in this notebook.", ""),
    ],
)
def test_mistakes(line, fact, hint):
    with pytest.raises(MagicError) as caught:
        read(line)
    assert caught.value.message == fact and caught.value.hint.startswith(hint)


@given(st.text(max_size=40))
def test_no_line_at_all_raises_anything_else(line):
    for module in (rectrain, recdata, recommend):
        with contextlib.suppress(MagicError, HelpAsked):
            assert isinstance(read(line, module), argparse.Namespace)


def test_a_variable_stands_for_its_value():
    assert read("m --epochs $n", n=7).epochs == 7
    ids = [1, 2]
    assert read("m --user $ids 5", recommend, ids=ids).user == [ids, "5"]
    assert read('m --new "${x} {y} $5"', recommend).new == "${x} {y} $5"


def test_quotes_and_backslashes():
    arguments = read(r"""shop C:\data\sales.csv --positive "rating >= 4" --types sku=id price=number""", recdata)
    assert arguments.source == r"C:\data\sales.csv"
    assert arguments.positive == "rating >= 4"
    assert dict(arguments.types) == {"sku": "id", "price": "number"}


def test_options_may_stand_before_the_source():
    assert read("shop --user customer df", recdata).source == "df"


def test_help_is_asked_for():
    with pytest.raises(HelpAsked):
        read("-h")


@pytest.mark.parametrize("text, expected", [("500MB", 500 * 10**6), ("2GB", 2 * 10**9), ("1.5G", 15 * 10**8),
                                            ("64kB", 64_000), ("64KB", 64_000), ("100", 100), ("2 MB", 2 * 10**6)])
def test_amounts_of_memory_are_bytes(text, expected):
    assert size(text) == expected


@pytest.mark.parametrize("text", ["", "much", "0MB", "-5MB", "5XB", "1e9"])
def test_what_is_no_amount_of_memory_is_refused(text):
    with pytest.raises(argparse.ArgumentTypeError, match="must be an amount such as 500MB"):
        size(text)
