"""The stored form: six shapes, one version, upgrades step by step, damage refused."""

import contextlib
import copy
import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recmagic.errors import DataError
from recmagic.spec import Spec, from_json, read, to_json, write
from recmagic.spec.syntax import DEEPEST
from tests.spec.test_reader import TWO_TOWER
from tests.spec.words import VOCABULARY

STORED = sorted((Path(__file__).parent / "stored").glob("*.json"))


def document(value: object, name: object = "score") -> str:
    return json.dumps({"version": 1, "statements": [{"name": name, "value": value}]})


def test_the_stored_form_is_the_tree_in_six_shapes() -> None:
    spec = read('score = (number(column("a b")), bias()) >> Dense(8, activation=relu)\nmetrics = [ndcg(5)]', VOCABULARY)
    assert json.loads(to_json(spec))["statements"] == [
        {
            "name": "score",
            "value": {
                "call": ">>",
                "arguments": [
                    {"tuple": [
                        {"call": "number", "arguments": [{"column": "a b"}], "options": {}},
                        {"call": "bias", "arguments": [], "options": {}},
                    ]},
                    {"call": "Dense", "arguments": [8], "options": {"activation": {"function": "relu"}}},
                ],
                "options": {},
            },
        },
        {"name": "metrics", "value": {"list": [{"call": "ndcg", "arguments": [5], "options": {}}]}},
    ]  # fmt: skip


@pytest.mark.parametrize("path", STORED, ids=lambda path: path.name)
def test_every_document_kept_is_still_read(path: Path) -> None:
    spec = from_json(path.read_text(encoding="utf-8"))
    assert read(write(spec), VOCABULARY) == spec


def test_documents_of_every_version_are_kept() -> None:
    assert [json.loads(path.read_text(encoding="utf-8"))["version"] for path in STORED] == [1]


def test_a_newer_version_is_refused_with_both_numbers() -> None:
    with pytest.raises(DataError, match="version 7; this recmagic reads up to 1"):
        from_json(json.dumps({"version": 7, "statements": []}))


def test_an_older_version_is_upgraded_one_function_a_step() -> None:
    def first(document: dict[str, object]) -> dict[str, object]:
        return {"lines": document["statements"]}

    def second(document: dict[str, object]) -> dict[str, object]:
        return {"statements": document["lines"]}

    spec = read(TWO_TOWER, VOCABULARY)
    assert from_json(to_json(spec), 3, {1: first, 2: second}) == spec


@pytest.mark.parametrize(
    "text",
    [
        "", "{", "[]", "3", "null", "{}", '{"version": "1"}', '{"version": true}', '{"version": 0}', '{"version": 1}',
        '{"version": 1, "statements": []}', "[" * 100_000, document(float("nan")), document(1e999), document(2**64),
        document("\ud800"), document([]), document({}), document({"lambda": 1}), document({"name": "later"}),
        document({"list": []}), document({"tuple": [1]}), document({"list": 3}), document({"column": ""}),
        document({"column": 3}),
        document({"function": "a.b"}), document({"name": "a", "column": "b"}), document({"call": "f"}),
        document({"call": "a.b", "arguments": [], "options": {}}), document({"call": 3, "arguments": [],
        "options": {}}),
        document({"call": "f", "arguments": {}, "options": {}}), document({"call": "f", "arguments": [],
        "options": []}),
        document({"call": "f", "arguments": [], "options": {"a-b": 1}}), document({"call": ">>",
        "arguments": [1], "options": {}}),
        document({"call": "column", "arguments": ["a"], "options": {}}), document(1, "class"), document(1,
        "a b"), document(1, 3),
        document(1, "other"), document({"call": [], "arguments": [], "options": {}}), "7" * 5000,
    ],
    ids=lambda text: text[:60],
)  # fmt: skip
def test_a_damaged_document_is_refused(text: str) -> None:
    with pytest.raises(DataError):
        from_json(text)


def test_the_error_says_where_the_damage_is() -> None:
    with pytest.raises(DataError, match=r"statements\[0\]\.value\.options\.units should be a literal"):
        from_json(document({"call": "Dense", "arguments": [], "options": {"units": []}}))


def test_depth_has_a_limit() -> None:
    value: object = 1
    for _ in range(DEEPEST + 1):
        value = {"list": [value]}
    with pytest.raises(DataError, match="nested at most"):
        from_json(document(value))


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_a_mutated_document_is_read_or_refused(data: st.DataObject) -> None:
    whole = json.loads(to_json(read(TWO_TOWER, VOCABULARY)))
    mutated = copy.deepcopy(whole)
    place = mutated
    while isinstance(place, (dict, list)) and place:
        keys = list(place) if isinstance(place, dict) else list(range(len(place)))
        key = data.draw(st.sampled_from(keys))
        inside = place[key]  # type: ignore[index]
        if not isinstance(inside, (dict, list)) or not inside or data.draw(st.booleans()):
            place[key] = data.draw(st.sampled_from([None, 3, "x", [], {}, [1], {"name": "user"}, {"call": "f"}]))  # type: ignore[index]
            break
        place = inside
    with contextlib.suppress(DataError):
        assert isinstance(from_json(json.dumps(mutated)), Spec)
