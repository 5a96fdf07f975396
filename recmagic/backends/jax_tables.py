"""Large embedding tables on JAX: a step reads and changes only the rows that it looks up.

Dense Adam costs about a nanosecond a number and step, looked up or not. Lazy Adam leaves rows alone that have no
gradient: their moments do not decay meanwhile. Each row stands beside its two moments, so that all three are read and
written together.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

import jax.numpy as jnp

from recmagic.backends.look_ups import answered

EACH = "promise_in_bounds"  # codes come from our own tables


class Table(NamedTuple):
    """Rows (n, 3 width): the vector, its first and its second moment; and room (n,) to find rows that come twice."""

    rows: Any
    places: Any

    def with_vectors(self, values: Any) -> Table:
        """Return the table with other vectors (n, width) and the same moments."""
        return Table(self.rows.at[:, : values.shape[1]].set(values), self.places)


class LookUp(NamedTuple):
    """One use of a table in a step: which one, the codes (N,), and the shape of the codes as they were given."""

    table: int
    codes: Any
    shape: tuple[int, ...]


def begun(layer: Any) -> Table:
    """Return an embedding layer's table with moments of zero."""
    values = jnp.array(layer.embeddings.value)
    rows = jnp.pad(values, ((0, 0), (0, 2 * values.shape[1])))
    return Table(rows, jnp.zeros(len(values), jnp.int32))


def vectors(rows: Any) -> Any:
    """Return the vectors (n, width) of rows (n, 3 width)."""
    return rows[:, : rows.shape[1] // 3]


def looked_up(layers: Sequence[Any], step: Callable[[], Any]) -> list[LookUp]:
    """Return what a step looks up, in its order. Only the codes are kept of what it computes."""
    found: list[LookUp] = []

    def call(table: int, codes: Any) -> Any:
        found.append(LookUp(table, codes.reshape(-1), codes.shape))
        return jnp.zeros((*codes.shape, layers[table].output_dim), layers[table].compute_dtype)

    with answered(layers, call):
        step()
    return found


@contextmanager
def given(layers: Sequence[Any], uses: Sequence[LookUp], values: Sequence[Any]) -> Iterator[None]:
    """Let the layers give these vectors (N, width), one array a look-up, instead of looking them up."""
    left = iter(zip(uses, values))

    def call(table: int, codes: Any) -> Any:
        use, found = next(left)
        return found.reshape(*use.shape, -1).astype(layers[table].compute_dtype)

    with answered(layers, call):
        yield


def stepped(tables: Sequence[Table], uses: Sequence[LookUp], rows: Sequence[Any], gradients: Sequence[Any],
            adam: Any, rate: Any, count: Any) -> list[Table]:
    """Return the tables after one step of Adam, given for each look-up what was read and the vectors' gradients.

    `rate` is the learning rate, `count` the number of steps with this one.
    """
    made = []
    for number, table in enumerate(tables):
        codes, read_rows, slopes = (
            jnp.concatenate([each for use, each in zip(uses, parts) if use.table == number], axis=0)
            for parts in ([use.codes for use in uses], rows, gradients))
        made.append(_changed(table, read_rows, codes, slopes, adam, rate, count))
    return made


def _changed(table: Table, rows: Any, codes: Any, gradients: Any, adam: Any, rate: Any, count: Any) -> Table:
    """Return a table with the rows (N, 3 width) at some codes (N,) changed; a code that comes twice has one sum."""
    own = jnp.arange(len(codes), dtype=jnp.int32)
    places = table.places.at[codes].set(own, mode=EACH)  # whichever comes last stands for all of a code
    first = places.at[codes].get(mode=EACH)
    summed = jnp.zeros_like(gradients).at[first].add(gradients, mode=EACH)
    value, moment, velocity = jnp.split(rows, 3, axis=1)
    moment = moment + (summed - moment) * (1 - adam.beta_1)
    velocity = velocity + (summed * summed - velocity) * (1 - adam.beta_2)
    count = count.astype(value.dtype)
    step = rate * jnp.sqrt(1 - adam.beta_2**count) / (1 - adam.beta_1**count)
    value = value - step * moment / (jnp.sqrt(velocity) + adam.epsilon)
    target = jnp.where(first == own, codes, table.rows.shape[0])  # the others are written nowhere
    new = jnp.concatenate([value, moment, velocity], axis=1)
    return Table(table.rows.at[target].set(new, mode="drop", unique_indices=True), places)


def read(tables: Sequence[Table], uses: Sequence[LookUp]) -> list[Any]:
    """Return the rows (N, 3 width) of each look-up."""
    return [tables[use.table].rows.at[use.codes].get(mode=EACH) for use in uses]
