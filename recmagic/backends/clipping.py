"""The gradient of a private step: each unit's is cut to a length, and their sum gets noise.

No table is computed for each unit: where few rows of it are looked up, the gradient is that of the rows, and goes into
the sum row by row. A row that a unit looks up twice has one gradient before its length is taken.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from keras import ops

from recmagic.backends.look_ups import answered
from recmagic.backends.protocol import Arrays, Clipping
from recmagic.backends.pure import Sums

TINY = 1e-12  # a shorter gradient is not made longer
Of = Callable[[list[Any], Arrays], tuple[Any, Any]]  # values and one unit -> a loss, and what else is wanted
Each = Callable[[Of, list[Any], Arrays], tuple[Any, list[Any]]]  # for m units: what else is wanted, and the slopes


@dataclass(frozen=True)
class Clipped:
    """`slopes(trainable, rest, inner, data, batch)` of a private step.

    `each` differentiates a function for several units at once, `normal` draws numbers of some shapes from a seed, and
    `own_seeds` says whether each unit must be given random numbers of its own here, because `each` does not.
    """

    clipping: Clipping
    sums: Sums
    trained: list[Any]
    untrained: list[Any]
    each: Each
    normal: Callable[[Any, list[Any]], list[Any]]
    own_seeds: bool

    def __call__(self, trainable: list[Any], rest: list[Any], inner: list[Any], data: Arrays,
                 batch: Arrays) -> tuple[Any, list[Any], list[Any]]:
        """Return the mean loss of the units, the new values of what is not trained, and the slopes of what is."""
        size = self.clipping.at_once
        units = {name: array for name, array in batch.items() if name != "noise"}
        uses = self._uses(trainable, rest, inner, data, {name: array[0] for name, array in units.items()})

        def add(number: Any, carry: Any) -> Any:
            rest, total, count, *sums = carry
            piece = {name: _slice(array, number, size) for name, array in units.items()}
            losses, rest, slopes = self._of_units(trainable, rest, inner, data, piece, uses)
            present = piece["present"]
            total = total + ops.sum(ops.where(present > 0, losses, ops.zeros_like(losses)))
            return [rest, total, count + ops.sum(present), *(each + more for each, more in zip(sums, slopes))]

        nothing = [ops.zeros_like(value) for value in trainable]
        zero = ops.zeros(())
        number = batch["present"].shape[0] // size
        rest, total, count, *sums = ops.fori_loop(0, number, add, [rest, zero, zero, *nothing])
        return total / ops.maximum(count, 1.0), rest, self._noised(sums, data, batch["noise"])

    def _uses(self, trainable: list[Any], rest: list[Any], inner: list[Any], data: Arrays,
              unit: Arrays) -> list[tuple[int, Any]]:
        """Return which table each look-up of a unit reads, and the shape of its codes."""
        found: list[tuple[int, Any]] = []

        def call(table: int, codes: Any) -> Any:
            found.append((table, codes.shape))
            return self._rows(trainable, table, codes)

        with answered(self.clipping.tables, call):
            self.sums(trainable, rest, inner, data, unit)
        return found

    def _rows(self, trainable: list[Any], table: int, codes: Any) -> Any:
        layer = self.clipping.tables[table]
        return ops.cast(ops.take(trainable[self._place(table)], codes, axis=0), layer.compute_dtype)

    def _place(self, table: int) -> int:
        """Return the place of a table among the trained variables."""
        return [id(each) for each in self.trained].index(id(self.clipping.tables[table].embeddings))

    def _of_units(self, trainable: list[Any], rest: list[Any], inner: list[Any], data: Arrays, units: Arrays,
                  uses: list[tuple[int, Any]]) -> tuple[Any, list[Any], list[Any]]:
        """Return the losses (m,) of some units, the new values of what is not trained, and the sum of the slopes."""
        apart = [self._place(table) for table in range(len(self.clipping.tables))]
        whole = [place for place in range(len(trainable)) if place not in apart]
        added = [ops.zeros((math.prod(shape), trainable[apart[table]].shape[1])) for table, shape in uses]

        def of(values: list[Any], unit: Arrays) -> Any:
            given, moved = list(trainable), values[len(whole):]
            codes: list[Any] = []
            for place, value in zip(whole, values):
                given[place] = value

            def call(table: int, wanted: Any) -> Any:
                more = moved[len(codes)]  # what the rows are differentiated by: nothing that is added to them
                codes.append(ops.reshape(wanted, (-1,)))
                found = self._rows(trainable, table, wanted)
                return found + ops.cast(ops.reshape(more, found.shape), found.dtype)

            with answered(self.clipping.tables, call):
                scaled, (total, count, new) = self.sums(given, self._seeded(rest, unit["number"]), inner, data, unit)
            count = ops.maximum(count, 1.0)
            return scaled / count, (total / count, new, codes)

        size = units["present"].shape[0]
        units = units | {"number": ops.arange(size, dtype="int32")}
        (losses, new, codes), slopes = self.each(of, [*(trainable[place] for place in whole), *added], units)
        of_tables = [_joined([(code, slope) for (used, _), code, slope in zip(uses, codes, slopes[len(whole):])
                              if used == table]) for table in range(len(apart))]
        factors = _factors(slopes[: len(whole)], of_tables, data["private/clip"]) * units["present"]
        sums = list(trainable)
        for place, slope in zip(whole, slopes):
            sums[place] = ops.sum(_weighed(slope, factors), axis=0)
        for place, (code, slope) in zip(apart, of_tables):
            rows, width = trainable[place].shape
            flat = ops.reshape(_weighed(slope, factors), (-1, width))
            sums[place] = ops.segment_sum(flat, ops.reshape(code, (-1,)), num_segments=rows)
        return losses, [value[0] for value in new], sums

    def _seeded(self, rest: list[Any], number: Any) -> list[Any]:
        """Return the values of what is not trained, with seeds of its own for the unit of this number."""
        if not self.own_seeds:
            return rest
        return [value + ops.cast(ops.stack([number, ops.zeros_like(number)]), value.dtype)
                if is_seed(variable) else value for variable, value in zip(self.untrained, rest)]

    def _noised(self, sums: list[Any], data: Arrays, seed: Any) -> list[Any]:
        still = {id(each) for each in self.clipping.still}
        noise = self.normal(seed, [tuple(each.shape) for each in sums])
        found = [(each + data["private/noise"] * more) / data["private/expected"] for each, more in zip(sums, noise)]
        return [_without_row_0(each) if id(variable) in still else each
                for variable, each in zip(self.trained, found)]


def is_seed(variable: Any) -> bool:
    """Return whether a variable is the state of random numbers."""
    return "seed_generator" in variable.path


def _slice(array: Any, number: Any, size: int) -> Any:
    pieces = ops.reshape(array, (-1, size, *array.shape[1:]))
    return ops.take(pieces, number, axis=0)


def _joined(parts: list[tuple[Any, Any]]) -> tuple[Any, Any]:
    """Return the codes (m, n) and slopes (m, n, width) of all look-ups of a table."""
    codes, slopes = zip(*parts)
    return ops.concatenate(codes, axis=1), ops.concatenate(slopes, axis=1)


def _factors(whole: list[Any], of_tables: list[tuple[Any, Any]], clip: Any) -> Any:
    """Return by what (m,) to multiply the units' gradients: 0 where one is no number."""
    squares = sum(ops.sum(ops.reshape(ops.square(each), (each.shape[0], -1)), axis=1) for each in whole)
    for codes, slopes in of_tables:
        same = ops.cast(ops.equal(ops.expand_dims(codes, 2), ops.expand_dims(codes, 1)), slopes.dtype)
        merged = ops.sum(ops.square(ops.matmul(same, slopes)), axis=2)  # what comes n times is counted n times
        squares = squares + ops.sum(merged / ops.sum(same, axis=2), axis=1)
    lengths = ops.sqrt(squares)
    factors = ops.minimum(1.0, clip / ops.maximum(lengths, TINY))
    return ops.where(ops.isfinite(lengths), factors, ops.zeros_like(factors))


def _weighed(slopes: Any, factors: Any) -> Any:
    factors = ops.reshape(factors, (-1, *(1,) * (len(slopes.shape) - 1)))
    return ops.where(factors > 0, slopes * factors, ops.zeros_like(slopes))  # no number times 0 is no number


def _without_row_0(slope: Any) -> Any:
    return ops.concatenate([ops.zeros_like(slope[:1]), slope[1:]], axis=0)
