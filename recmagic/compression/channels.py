"""Which numbers of a cell's weights belong together: what must be taken away everywhere if it is taken away anywhere.

A dimension of an embedding is also one of whatever it is added to, multiplied with and normalised by, and a row of the
kernel of the next dense layer (Fang et al. 2023, DepGraph: towards any structural pruning).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from recmagic.compiler.cell import CellProgram
from recmagic.compiler.operators import pipeline
from recmagic.errors import SpecError
from recmagic.spec import Call, Group, Name, Node

PASSING = ("Dropout", "GaussianNoise", "GaussianDropout", "SpatialDropout1D", "Activation", "ReLU", "LeakyReLU", "ELU",
           "GlobalAveragePooling1D", "GlobalMaxPooling1D")
NORMALISING = ("LayerNormalization", "BatchNormalization", "RMSNormalization")
SUMMING = ("Add", "Multiply", "Average", "Maximum", "FactorizationMachine")


@dataclass(eq=False)
class Axis:
    """So many channels; those of two axes that were joined are the same. In `heads` parts, each as wide as the others.

    `like`: as many are kept as of these.
    """

    size: int
    heads: int = 1
    like: Segments | None = None
    joined: Axis | None = None

    @property
    def root(self) -> Axis:
        """The axis that stands for all that are joined with it."""
        return self if self.joined is None else self.joined.root


Segments = tuple[Axis, ...]  # axes side by side, as concat(…) has them


class Channels:
    """The axes of every weight of a program: `axes` by the id of the variable, one a dimension (None: not ours), and
    `widths`, the nodes of the cell that say how wide something is. SpecError at a layer whose insides are not known."""

    def __init__(self, program: CellProgram) -> None:
        self.build, self.spec = program.build, program.spec
        self.axes: dict[int, tuple[Segments | None, ...]] = {}
        self.widths: list[Node] = []
        self.attending: list[Any] = []  # transformer blocks, whose logits are divided by the root of a head's width
        self._values: dict[int, Any] = {}
        self._called: dict[int, tuple[Segments, Segments]] = {}
        score = program.spec.statement("score")
        assert score is not None
        for node in score.value.items if isinstance(score.value, Group) else [score.value]:
            self._value(node)

    def _value(self, node: Node) -> Any:
        """Return the segments of a value, or a list of them."""
        if id(node) not in self._values:
            self._values[id(node)] = self._evaluate(node)
        return self._values[id(node)]

    def _evaluate(self, node: Node) -> Any:
        if isinstance(node, Name):
            statement = self.spec.statement(node.name)
            assert statement is not None
            return self._value(statement.value)
        if isinstance(node, Group):
            return [self._value(each) for each in node.items]
        assert isinstance(node, Call)  # the cell was compiled
        if node.name == ">>":
            given = self._value(node.arguments[0])
            for call in pipeline(self.build, node.arguments[1]):
                given = self._layer(call, given)
            return given
        if node.name in ("+", "*", "@"):
            both = self._joined(node, *(self._value(each) for each in node.arguments))
            return (Axis(1),) if node.name == "@" else both
        return self._word(node)

    def _word(self, call: Call) -> Any:
        if {"rank", "hashed", "pq"} & dict(call.options).keys():
            raise self._unknown(call)
        if call.name == "embedding":
            axis = Axis(self._width(call, 1, "width"))
            self.axes[id(self.build.made(call, "embedding").embeddings)] = (None, (axis,))
            return (axis,)
        if call.name == "fields":
            return self._fields(call)
        if call.name in ("bias", "number"):
            return (Axis(1),)
        if call.name == "concat":
            parts = [self._value(each) for each in call.arguments]
            return tuple(axis for part in parts for each in (part if isinstance(part, list) else [part])
                         for axis in each)
        if call.name == "propagate":
            return self._joined(call, *(self._value(each) for each in call.arguments[:2]))
        if call.name in ("history", "profile", "mean", "last"):
            return self._value(call.arguments[0])
        raise self._unknown(call)

    def _fields(self, call: Call) -> list[Segments]:
        """Each column has an axis of its own, and a layer of its own; the first width is that of all."""
        width = self._width(call, 0, "width")
        found: list[Segments] = []
        for (_, name), part in self.build._parts.items():
            if self.build._parts.get((id(call), name)) is not part:
                continue
            axis = Axis(width)
            made = [layer for (key, _), layer in self.build._made.items() if key == id(part)]
            for layer in made:
                variable = layer.embeddings if hasattr(layer, "embeddings") else layer.kernel
                self.axes[id(variable)] = (None, (axis,))
            found.append((axis,))
        return found

    def _layer(self, call: Call, given: Any) -> Any:
        layer = self.build.made(call, call.name)
        if call.name in PASSING:
            return given
        if call.name in SUMMING:
            whole = self._joined(call, *given)
            return (Axis(1),) if call.name == "FactorizationMachine" else whole
        if isinstance(given, list):
            raise self._unknown(call)
        if call.name in NORMALISING:
            for variable in layer.variables:
                if tuple(variable.shape):
                    self.axes[id(variable)] = (given,)
            return given
        if call.name == "PositionEmbedding":
            self.axes[id(layer.table)] = (None, given)
            return given
        known: dict[str, Callable[[Call, Any, Segments], Segments]] = {
            "Dense": self._dense, "TransformerBlock": self._block}
        if call.name not in known:
            raise self._unknown(call)
        if id(layer) in self._called:  # one layer, used twice
            before, after = self._called[id(layer)]
            self._joined(call, before, given)
            return after
        after = known[call.name](call, layer, given)
        self._called[id(layer)] = given, after
        return after

    def _dense(self, call: Call, layer: Any, given: Segments) -> Segments:
        return self._kernel(layer, given, (Axis(self._width(call, 0, "units")),))

    def _kernel(self, layer: Any, given: Segments, made: Segments) -> Segments:
        self.axes[id(layer.kernel)] = (given, made)
        if layer.bias is not None:
            self.axes[id(layer.bias)] = (made,)
        return made

    def _block(self, call: Call, layer: Any, given: Segments) -> Segments:
        """Queries and keys are compared, so they share channels; values have theirs; the rest is added to the input."""
        wide = sum(axis.size for axis in given)
        compared, taken = (Axis(wide, layer.heads, given) for _ in range(2))
        inner = Axis(layer.inner.units, like=given) if layer.units is None else Axis(self._width(call, 2, "units"))
        for norm in layer.norms:
            for variable in norm.variables:
                self.axes[id(variable)] = (given,)
        self._kernel(layer.project, given, (compared, compared, taken))
        self._kernel(layer.attended, (taken,), given)
        self._kernel(layer.inner, given, (inner,))
        self._kernel(layer.outer, (inner,), given)
        self.attending.append(layer)
        return given

    def _width(self, call: Call, place: int, name: str) -> int:
        """Note the node that says how wide a call is, and return the width."""
        node = dict(call.options).get(name) or call.arguments[place]
        self.widths.append(node)
        return int(self.spec.meant(node).value)  # type: ignore[union-attr, arg-type]

    def _joined(self, node: Node, first: Segments, *others: Segments) -> Segments:
        """Join the channels of values that are combined element by element; one of width 1 goes with any."""
        for other in others:
            sizes = [[axis.size for axis in each] for each in (first, other)]
            if [1] in sizes:
                first = other if sizes[0] == [1] else first
                continue
            if sizes[0] != sizes[1]:
                raise self.build.error(node, f"These are made of parts of different widths ({sizes[0]} and {sizes[1]})"
                                       ", so their dimensions cannot be taken away together.",
                                       "Prune without --structured, which sets weights to zero.")
            for one, two in zip(first, other):
                if one.root is not two.root:
                    two.root.joined = one.root
        return first

    def _unknown(self, call: Call) -> SpecError:
        return self.build.error(call, f"What {call.name} does with its dimensions is not known, so none can be taken "
                                "away.", "Prune without --structured, which sets weights to zero.")
