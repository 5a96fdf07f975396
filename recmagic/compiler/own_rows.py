"""What a model knows of one user alone: the rows that their id looks up; all other weights are shared by everybody."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from recmagic.backends.clipping import is_seed
from recmagic.compiler.cut import Cut
from recmagic.compiler.drop_ids import DropIds
from recmagic.compiler.program import Program
from recmagic.compiler.unknown_row import UnknownRow

Numbers = NDArray[Any]
USER_ID = "user/user_id"


class OwnRows:
    """Tells a model's weights apart, as lists of all values: the trained variables', then those not trained.

    `tables` are the places of the tables looked up by a user's id: their rows are the users' own, but for row 0, which
    stands for anybody. A row 0 that never learns is nobody's. States of random numbers, at `seeds`, are no weights. All
    else is shared: `slices` says which rows of what, by its place.
    """

    def __init__(self, program: Program) -> None:
        variables = [*program.cut.trainable_variables, *program.cut.non_trainable_variables]
        own = {id(layer.embeddings) for layer in user_tables(program.cut)}
        still = set() if any(isinstance(layer, DropIds) for layer in program.layers) else {
            id(layer.embeddings) for layer in program.layers if type(layer) is keras.layers.Embedding
            and isinstance(layer.embeddings_initializer, UnknownRow)}
        self.tables = [place for place, each in enumerate(variables) if id(each) in own]
        self.seeds = [place for place, each in enumerate(variables) if is_seed(each)]
        self.slices = {place: slice(int(id(each) in still), 1 if id(each) in own else None)
                       for place, each in enumerate(variables)
                       if not is_seed(each) and not (id(each) in own and id(each) in still)}
        # Names and not places: in which order Keras has variables differs from process to process.
        self.names = {place: variables[place].path for place in self.slices}
        assert len(set(self.names.values())) == len(self.names)
        self.kinds = [keras.backend.standardize_dtype(each.dtype) for each in variables]

    def shared(self, values: list[Numbers]) -> dict[str, Numbers]:
        """Return copies of the weights that everybody shares, by name, each with 32 bits."""
        return {name: np.array(_rows(values[place], self.slices[place]), np.float32)
                for place, name in self.names.items()}

    def own(self, values: list[Numbers], rows: NDArray[np.int32]) -> list[Numbers]:
        """Return copies of some users' own rows, a table each."""
        return [values[place][rows] for place in self.tables]

    def put(self, values: list[Numbers], shared: dict[str, Numbers], own: list[Numbers],
            rows: NDArray[np.int32]) -> list[Numbers]:
        """Return copies of all values with the shared weights, and some users' rows in their tables."""
        found = [each.copy() for each in values]
        for place, name in self.names.items():
            given = shared[name].astype(self.kinds[place])
            if found[place].ndim:
                found[place][self.slices[place]] = given
            else:
                found[place] = given
        for place, each in zip(self.tables, own):
            found[place][rows] = each
        return found


def _rows(value: Numbers, part: slice) -> Numbers:
    return value[part] if value.ndim else value


def user_tables(cut: Cut) -> list[Any]:
    """Return the embedding layers with a row for each user that only the user's id looks up."""
    return [layer for layer in _readers(cut) if _has_rows(cut, layer)]


def mixed_readers(cut: Cut) -> list[Any]:
    """Return the layers with weights that read the user's id in another way, so that users share what they learn."""
    return [layer for layer in _readers(cut) if not _has_rows(cut, layer)]


def _has_rows(cut: Cut, layer: Any) -> bool:
    return type(layer) is keras.layers.Embedding and layer.input_dim == cut.tables[USER_ID].size


def _readers(cut: Cut) -> Iterator[Any]:
    """Yield the layers with weights that read the user's id itself, or codes made of it."""
    feeds = [feed for feed in cut.query_feeds if feed.table == USER_ID]
    open_, seen = [cut.query_tower.get_layer(feed.name) for feed in feeds], set()
    while open_:
        layer = open_.pop()
        for node in layer._outbound_nodes:
            reader = node.operation
            if id(reader) in seen:
                continue
            seen.add(id(reader))
            if getattr(reader, "weights", ()) and not isinstance(reader, DropIds):
                yield reader
            else:
                open_.append(reader)
