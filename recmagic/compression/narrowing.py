"""Structured pruning: whole dimensions of embeddings and units of layers are taken away, and the cell gets narrower."""

from __future__ import annotations

from math import lcm
from typing import Any

import numpy as np
from keras import ops
from numpy.typing import NDArray

from recmagic.compiler.cell import CellProgram, compile_spec
from recmagic.compression.channels import Axis, Channels, Segments
from recmagic.errors import ModelError
from recmagic.spec import Literal, Name, Node, Spec, Statement, read, walk, with_parts, write
from recmagic.spec.vocabulary import Vocabulary

LEAST = 1e-3  # of the mean: what a channel of zeros counts as


def narrowed(program: CellProgram, share: float, words: Vocabulary) -> CellProgram:
    """Return a cell of its own whose widths are smaller by a share, with those channels that weigh the most.

    A channel weighs the product, over the tables and kernels that have it, of its squares against the channels' mean:
    one that any of them multiplies by almost nothing says almost nothing. Raises SpecError at a layer whose insides are
    not known, ModelError where every width is 1.
    """
    channels = Channels(program)
    narrow = Narrow(program, channels, share)
    spec = read(write(_rewritten(program.spec, channels, narrow)), words)
    if spec == program.spec:
        raise ModelError("There is no dimension to take away: no width of this cell can be smaller.", "")
    made = compile_spec(spec, program.data, program.seed, precision=program.precision, known=program.build.made_columns)
    by_name = {layer.name: layer for layer in program.layers}
    for layer in made.layers:
        for source, variable in zip(by_name[layer.name].variables, layer.variables):
            variable.assign(narrow.taken(source))
    narrow.keep_logits(made)
    made.as_drawn, made.carried_over = False, program.carried_over
    return made


class Narrow:
    """Which channels are kept of each axis, and how many."""

    def __init__(self, program: CellProgram, channels: Channels, share: float) -> None:
        self.channels, self.share = channels, share
        self.multiple = lcm(*(layer.heads for layer in channels.attending)) if channels.attending else 1
        self._weights: dict[Axis, NDArray[np.float64]] = {}
        self._kept: dict[Axis, NDArray[np.int64]] = {}
        for variable in program.cut.trainable_variables:
            self._weigh(variable)

    def width(self, size: int) -> int:
        """Return how many of so many channels are kept, a multiple of the heads of attention."""
        if size <= self.multiple:
            return size
        return max(self.multiple, round(size * (1 - self.share) / self.multiple) * self.multiple)

    def count(self, axis: Axis) -> int:
        """Return how many channels of an axis are kept."""
        return self.width(axis.size) if axis.like is None else sum(self.count(each.root) for each in axis.like)

    def kept(self, axis: Axis) -> NDArray[np.int64]:
        """Return which channels of an axis are kept, in order; of each of its heads as many."""
        if axis not in self._kept:
            weights = self._weights.get(axis, np.zeros(axis.size)).reshape(axis.heads, -1)
            best = np.argsort(-weights, axis=1, kind="stable")[:, : self.count(axis) // axis.heads]
            first = weights.shape[1] * np.arange(axis.heads)[:, None]
            self._kept[axis] = np.sort(best + first, axis=1).reshape(-1)
        return self._kept[axis]

    def taken(self, variable: Any) -> NDArray[Any]:
        """Return the value of a weight without the channels that are not kept."""
        value = np.array(ops.convert_to_numpy(variable.value))
        for place, segments in enumerate(self.channels.axes.get(id(variable), ())):
            if segments is not None:
                value = np.take(value, self._places(segments), axis=place)
        return value

    def keep_logits(self, made: CellProgram) -> None:
        """Scale queries by the root of how much narrower a head is: attention divides by the root of its width."""
        layers = {layer.name: layer for layer in made.layers}
        for before in self.channels.attending:
            project = layers[before.name].project
            wide = project.kernel.shape[1] // 3
            factor = np.ones(3 * wide, np.float32)
            factor[:wide] = np.sqrt(wide / (before.project.kernel.shape[1] // 3))
            for variable in (project.kernel, project.bias):
                variable.assign(ops.convert_to_numpy(variable.value) * factor)

    def _places(self, segments: Segments) -> NDArray[np.int64]:
        starts = np.cumsum([0, *(axis.size for axis in segments)])
        return np.concatenate([start + self.kept(axis.root) for start, axis in zip(starts, segments)])

    def _weigh(self, variable: Any) -> None:
        """Add to the logarithms of the weights of the channels that a variable has; biases and scales say little."""
        if len(variable.shape) < 2:
            return
        squares = np.square(np.array(ops.convert_to_numpy(variable.value), np.float64))
        for place, segments in enumerate(self.channels.axes.get(id(variable), ())):
            if segments is None:
                continue
            others = tuple(each for each in range(squares.ndim) if each != place)
            summed = squares.sum(axis=others)
            each_channel, start = np.log(summed / max(summed.mean(), 1e-30) + LEAST), 0
            for axis in segments:
                found = self._weights.setdefault(axis.root, np.zeros(axis.size))
                found += each_channel[start : start + axis.size]
                start += axis.size


def _rewritten(spec: Spec, channels: Channels, narrow: Narrow) -> Spec:
    """Return the cell with smaller widths: where a name is nothing but a width its line changes, else the place."""
    widths = {id(node) for node in channels.widths}
    uses = [node for statement in spec.statements for node in walk(statement.value) if isinstance(node, Name)]
    names = {use.name for use in uses if id(use) in widths} - {use.name for use in uses if id(use) not in widths}
    names = {name for name in names if isinstance(spec.statement(name).value, Literal)}  # type: ignore[union-attr]

    def smaller(node: Node) -> Node:
        found = spec.meant(node)
        assert isinstance(found, Literal) and isinstance(found.value, int)
        return Literal(narrow.width(found.value))

    def changed(node: Node) -> Node:
        if id(node) in widths:
            return node if isinstance(node, Name) and node.name in names else smaller(node)
        return with_parts(node, changed)

    return Spec(tuple(Statement(each.name, smaller(each.value) if each.name in names else changed(each.value))
                      for each in spec.statements))
