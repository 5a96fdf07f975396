"""What the names of a cell hold so far, and what a bare name means at a position."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field

from recmagic.errors import Place, did_you_mean
from recmagic.spec.positions import COLUMNS, SETTINGS, Position, is_class
from recmagic.spec.source import Source, has_halves
from recmagic.spec.tree import Column, Function, Name, Node
from recmagic.spec.vocabulary import Vocabulary

ROLES = {
    "user_id": "the user's id",
    "item_id": "the item's id",
    "rating": "the rating",
    "timestamp": "the time of the interaction",
}
CLASS_KINDS = ("layer", "loss", "metric", "optimizer", "initializer", "regularizer", "constraint", "schedule", "scorer")


@dataclass(frozen=True)
class Held:
    """What a piece is: the kinds of its parts, and `list` or `tuple` for a group. No kinds: unknown, fits anywhere."""

    kinds: frozenset[str]
    group: str = ""


UNKNOWN = Held(frozenset())


def held(kind: str) -> Held:
    """Return what a single piece of that kind holds."""
    return Held(frozenset((kind,)))


@dataclass
class Scope:
    """The state of reading one cell: the names defined so far with what they hold, and the line of every name."""

    source: Source
    vocabulary: Vocabulary
    names: dict[str, Held] = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict)
    current: str = ""

    def resolve(self, node: ast.Name, position: Position) -> tuple[Node, Held]:
        """Return the node that a bare name means at a position, and what it holds; refuse a name that means nothing."""
        name, place = node.id, self.source.place(node)
        if name in self.names:
            self._refuse_layer(node, position)
            return Name(name, place), self.names[name]
        if position.bare == COLUMNS:
            return Column(name, place), held("column")
        if position.bare == SETTINGS and self.vocabulary.find(name, ("function",)):
            return Function(name, place), held("function")
        message, hint = self._missing(name, position)
        raise self.source.refuse(place, message, hint)

    def _refuse_layer(self, node: ast.Name, position: Position) -> None:
        """A class makes copies of the layers it is given, so a name there would look shared and not be."""
        if position.bare == SETTINGS and "layer" in self.names[node.id].kinds:
            raise self.source.refuse(
                node,
                f"A layer among settings is written out; '{node.id}' is a name.",
                "Write it inside, such as Bidirectional(GRU(8)).",
            )

    def _missing(self, name: str, position: Position) -> tuple[str, str]:
        """Return the fact and the hint for a name that means nothing at a position."""
        if name == self.current:
            return f"'{name}' is used in its own definition.", "Give the new value a name of its own."
        if name in ROLES:
            return (
                f"'{name}' is a column, which stands inside a word.",
                f"Write embedding({name}, 32) or number({name}).",
            )
        if name in self.lines:
            return f"'{name}' is defined further down, in line {self.lines[name]}.", "Move that line up."
        if self.vocabulary.find(name, ("function",)):
            return (
                f"'{name}' is a function, which stands inside a layer.",
                f"Write Activation({name}) or Dense(64, {name}).",
            )
        if self.vocabulary.find(name):
            return f"'{name}' lacks its parentheses.", f"Write {name}(...)."
        if is_class(name):
            return f"'{name}' is not a layer, loss, metric or optimizer.", did_you_mean(
                name, self.vocabulary.names(CLASS_KINDS)
            )
        if position.bare == SETTINGS:
            known = [*self.names, *self.vocabulary.names(("function",))]
            return f"'{name}' is neither an earlier name nor a function of Keras.", did_you_mean(
                name, known
            ) or f"Define {name} above."
        hint = did_you_mean(name, self.names) or f"If it is a column, write embedding({name}, 32) or number({name})."
        return f"'{name}' is not defined above.", hint


def whole_text(scope: Scope, value: str, place: Place) -> None:
    """Refuse a text with half a surrogate pair in it, which no file can hold."""
    if has_halves(value):
        raise scope.source.refuse(place, "This text holds half a character.", "Write the character itself.")
