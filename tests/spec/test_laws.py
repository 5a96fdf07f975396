"""The laws of the language, over random valid specs: writing, storing and fingerprinting lose nothing."""

import os

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from recmagic.spec import (
    Call,
    Group,
    Literal,
    Node,
    Spec,
    Statement,
    fingerprint,
    from_json,
    read,
    to_json,
    walk,
    write,
)
from recmagic.spec.positions import children, find_word, statement_position
from recmagic.spec.tree import NOWHERE, OPERATORS
from tests.spec.cells import specs
from tests.spec.words import VOCABULARY

COUNT = 3_000 if os.environ.get("RECMAGIC_ALL") == "1" else 300
many = settings(max_examples=COUNT, deadline=None, suppress_health_check=list(HealthCheck))


def same(one: Spec, other: Spec) -> bool:
    """Equality that also tells True from 1 and 1 from 1.0, which Python's == does not."""
    return one == other and repr(one) == repr(other)


@many
@given(specs())
def test_reading_what_was_written_gives_the_spec(spec: Spec) -> None:
    text = write(spec)
    again = read(text, VOCABULARY)
    assert same(again, spec)
    assert write(again) == text


@many
@given(specs())
def test_the_stored_form_gives_the_spec(spec: Spec) -> None:
    assert same(from_json(to_json(spec)), spec)


@many
@given(specs(), st.randoms(use_true_random=False))
def test_the_fingerprint_does_not_see_how_arguments_are_written(spec: Spec, random: object) -> None:
    respelt = Spec(tuple(Statement(each.name, _respelt(each.value, each.name, random)) for each in spec.statements))
    assert fingerprint(respelt, VOCABULARY) == fingerprint(spec, VOCABULARY)
    assert fingerprint(read(write(spec), VOCABULARY), VOCABULARY) == fingerprint(spec, VOCABULARY)


@many
@given(specs())
def test_every_node_that_was_read_has_its_own_text_under_its_place(spec: Spec) -> None:
    text = write(spec)
    again = read(text, VOCABULARY, first_line=2)
    for statement in again.statements:
        for node in walk(statement.value):
            assert node.place != NOWHERE
            piece = again.line(node.place.line)[node.place.start : node.place.end]
            assert piece.strip() == piece != ""
            if isinstance(node, Call) and node.name not in OPERATORS:
                assert piece.lstrip("(").startswith(f"{node.name}(") and piece.endswith(")")


def _respelt(node: Node, name: str, random: object) -> Node:
    return _spell(node, statement_position(name), random)


def _spell(node: Node, position: object, random: object) -> Node:
    """The same node with its arguments given by name, in another order, and a default written out."""
    parts = [_spell(child, where, random) for child, where in children(node, position, VOCABULARY)]  # type: ignore[arg-type]
    if isinstance(node, Group):
        return Group(node.kind, tuple(parts))
    if not isinstance(node, Call):
        return node
    if node.name in OPERATORS:
        return Call(node.name, tuple(parts))
    word = find_word(VOCABULARY, node.name, position)  # type: ignore[arg-type]
    assert word is not None
    if any(parameter.many for parameter in word.parameters):
        return Call(node.name, tuple(parts))
    count = len(node.arguments)
    options = [(parameter.name, part) for parameter, part in zip(word.parameters, parts[:count])]
    options += [(option, part) for (option, _), part in zip(node.options, parts[count:])]
    given = {option for option, _ in options}
    for parameter in word.parameters:
        if not parameter.required and parameter.name not in given and isinstance(parameter.default, (str, int, float)):
            options.append((parameter.name, Literal(parameter.default)))
    random.shuffle(options)  # type: ignore[attr-defined]
    return Call(node.name, (), tuple(options))
