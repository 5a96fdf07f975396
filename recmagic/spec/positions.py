"""What may stand where: for each position in a cell the kinds that fit, and what a bare name means there.

The reader, the fingerprint and the compiler look a word up by its position, so that `loss = BinaryCrossentropy()` is
the loss and `metrics = [BinaryCrossentropy()]` the metric of that name.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from recmagic.spec.tree import OPERATORS, Call, Group, Node
from recmagic.spec.vocabulary import KINDS, Vocabulary, Word

# A bare name is ...
NAMES = "names"  # an earlier statement
COLUMNS = "columns"  # an earlier statement, else a column (inside lower-case calls)
SETTINGS = "settings"  # an earlier statement that holds a setting, else a function (inside capital calls)

_SETTING_KINDS = (
    "literal", "search", "layer", "function", "initializer", "regularizer", "constraint", "schedule",
    "loss", "optimizer", "metric",
)  # fmt: skip
_ARGUMENT_KINDS = ("value", "column", "literal", "search", "initializer", "regularizer", "constraint")


@dataclass(frozen=True)
class Position:
    """A position: the sentence that says what must stand there, the kinds that fit (the first wins), and more.

    `groups` are the kinds of group that may stand there, `listed` asks for a list, and `hint` is an example.
    """

    must: str
    kinds: tuple[str, ...]
    bare: str = NAMES
    groups: tuple[str, ...] = ("list", "tuple")
    listed: bool = False
    hint: str = ""


ANYTHING = Position("A name may hold anything", (*KINDS, "literal", "column"))

STATEMENTS = {
    "score": Position(
        "The score must be a value",
        ("value", "scorer"),
        groups=("list",),
        hint="Write a line such as score = user @ item.",
    ),
    "loss": Position(
        "loss = takes a loss", ("loss",), groups=("list",), hint="Write loss = CategoricalCrossentropy()."
    ),
    "target": Position(
        "target = takes a column or a target",
        ("target", "column"),
        COLUMNS,
        ("list",),
        hint="Write target = at_least(rating, 4).",
    ),
    "negatives": Position(
        "negatives = takes a kind of negatives", ("negatives",), groups=("list",), hint="Write negatives = uniform(4)."
    ),
    "optimizer": Position(
        "optimizer = takes an optimizer", ("optimizer",), groups=(), hint="Write optimizer = Adam(1e-3)."
    ),
    "metrics": Position(
        "metrics = takes a list of metrics",
        ("metric",),
        groups=("list",),
        listed=True,
        hint="Write metrics = [ndcg(10)].",
    ),
    "weights": Position(
        "weights = takes a kind of weights", ("weights",), groups=(), hint="Write weights = balanced()."
    ),
    "augment": Position(
        "augment = takes a list of augmentations",
        ("augment",),
        groups=("list",),
        listed=True,
        hint="Write augment = [crop(0.2)].",
    ),
    "rank_by": Position(
        "rank_by = takes a value", ("value",), groups=(), hint="Name one of the scores: rank_by = click."
    ),
}


def statement_position(name: str) -> Position:
    """Return the position at the right of `name =`."""
    return STATEMENTS.get(name, ANYTHING)


def operand_positions(sign: str) -> tuple[Position, Position]:
    """Return the positions at the left and at the right of an operator."""
    if sign == ">>":
        left = Position("The left of >> must be a value or a layer", ("value", "layer"))
        return left, Position("The right of >> must be a layer", ("layer",), groups=())
    return (
        Position(f"The left of {sign} must be a value", ("value",), groups=()),
        Position(f"The right of {sign} must be a value", ("value",), groups=()),
    )


def is_class(name: str) -> bool:
    """Whether a call of that name is a class, which takes settings: it starts with a capital letter."""
    return name.lstrip("_")[:1].isupper()


def argument_position(word: str, parameter: str | None = None) -> Position:
    """Return the position of an argument of a call.

    A parameter named for a kind wants that kind first: `kernel_initializer=Identity()` is the initializer. One named
    `scorer` takes nothing else.
    """
    if parameter == "scorer":
        return Position("Here stands a model that is solved at once", ("scorer",), hint="Write EASE(500.0).")
    kinds = _SETTING_KINDS if is_class(word) else _ARGUMENT_KINDS
    wanted = tuple(kind for kind in kinds if parameter and parameter.endswith(kind))
    ordered = wanted + tuple(kind for kind in kinds if kind not in wanted)
    if is_class(word):
        return Position(f"{word} takes settings only", ordered, SETTINGS)
    return Position(f"{word} takes columns and values", ordered, COLUMNS)


def parameter_name(word: Word | None, index: int) -> str | None:
    """Return the name of the parameter that takes the positional argument of that index, or None."""
    for at, parameter in enumerate(word.parameters if word else ()):
        if parameter.many or at == index:
            return parameter.name
    return None


def find_word(vocabulary: Vocabulary, name: str, position: Position) -> Word | None:
    """Return the word of that name whose kind fits the position; failing that, of any kind; or None."""
    return vocabulary.find(name, position.kinds) or vocabulary.find(name)


def children(node: Node, position: Position, vocabulary: Vocabulary) -> Iterator[tuple[Node, Position]]:
    """Yield the nodes directly inside a node, each with its position."""
    if isinstance(node, Group):
        for item in node.items:
            yield item, position
    elif isinstance(node, Call) and node.name in OPERATORS:
        yield from zip(node.arguments, operand_positions(node.name))
    elif isinstance(node, Call):
        word = find_word(vocabulary, node.name, position)
        for index, argument in enumerate(node.arguments):
            yield argument, argument_position(node.name, parameter_name(word, index))
        for name, option in node.options:
            yield option, argument_position(node.name, name)
