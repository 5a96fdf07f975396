"""Scoring with a cut model: a whole catalogue for a block of users, or pairs; the log says what the users have done."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from keras import ops
from numpy.typing import NDArray

from recmagic.backends.protocol import Backend
from recmagic.compiler.cut import Cut
from recmagic.compiler.feeds import Arrays, Rows
from recmagic.compiler.log import entity_arrays, log_arrays
from recmagic.compiler.training_graph import graph_arrays
from recmagic.data.dataset import Dataset

PAIRS_AT_ONCE = 2**15  # pairs that a mixed head scores in one call: near a cache, and a third of the memory of 2**18
BLOCK = 2048  # rows that a tower computes in one call


class Functions:
    """A cut's towers and head compiled for scoring; kept with a program, so that scorers come and go for free."""

    def __init__(self, cut: Cut, backend: Backend) -> None:
        self.cut = cut
        self.query = backend.compiled(self._queries, cut.variables)
        self.item = backend.compiled(lambda data, rows: cut.items(data, rows)[0], cut.variables)
        self.pair = backend.compiled(cut.pairs, cut.variables)
        self.grid = backend.compiled(cut.grid, cut.variables)

    def _queries(self, data: Arrays, users: Any, ends: Any, context: Arrays) -> list[Any]:
        queries = self.cut.queries(data, Rows(users, ends, context))
        if queries.mask is None:
            return queries.vectors
        length = queries.mask.shape[1]  # the last step is the one that recommends
        return [ops.reshape(each, (-1, length, *each.shape[1:]))[:, -1] for each in queries.vectors]


class CutScorer:
    """Scores items for users of a data set, with the interactions of some parts as their history.

    Where the cell uses columns of the interaction itself, `context` gives them: name -> encoded values (users + 1,
    ...), one row a user row.
    """

    def __init__(self, functions: Functions, backend: Backend, data: Dataset, parts: Iterable[int],
                 context: Arrays | None = None, overrides: Arrays | None = None) -> None:
        self.cut, self.functions = functions.cut, functions
        self.ranks_cold = knows_cold_items(self.cut)
        columns = self.cut.tables.values()
        arrays = entity_arrays(columns) | log_arrays(data, parts, columns) | (overrides or {})
        if self.cut.reads_graph:
            arrays |= graph_arrays(data)
        self.stop = arrays["log/stop"]
        self.context = context or {}
        self.data = backend.place(arrays)
        self.item_count = data.items.count
        self._items: list[Any] | None = None

    def refresh(self) -> None:
        """Forget what was computed: the weights have changed."""
        self._items = None

    def query_vectors(self, users: NDArray[np.int32], context: Arrays | None = None) -> list[Any]:
        """Return the query side of users (U,): one array (U, ...) an input of the head.

        `context` gives the interaction's own columns (U, ...), where they are not those of the scorer.
        """
        if context is None:
            context = {name: values[users] for name, values in self.context.items()}
        blocks = []
        for block in _padded(np.arange(len(users)), min(BLOCK, _power_of_two(len(users)))):
            situation = {name: values[block] for name, values in context.items()}
            blocks.append(self.functions.query(self.data, users[block], self.stop[users[block]], situation))
        return [part[: len(users)] for part in _joined(blocks)]

    def item_vectors(self) -> list[Any]:
        """Return the item side of all rows (items + 1, ...), computed once."""
        if self._items is None:
            rows = np.arange(self.item_count + 1, dtype=np.int32)
            padded = _padded(rows, min(BLOCK, _power_of_two(len(rows))))
            blocks = [self.functions.item(self.data, block) for block in padded]
            self._items = [part[: len(rows)] for part in _joined(blocks)]
        return self._items

    def score(self, user_rows: NDArray[np.int32]) -> Any:
        """Return logits (U, items + 1) on the device; column 0, the unknown item, says nothing."""
        if not len(user_rows):
            return np.zeros((0, self.item_count + 1), np.float32)
        queries, items = self.query_vectors(user_rows), self.item_vectors()
        if self.cut.retrieval:
            return self.functions.grid(queries, items)
        count = max(1, PAIRS_AT_ONCE // len(user_rows))
        rows = np.arange(self.item_count + 1, dtype=np.int32)
        chunks = _padded(rows, min(count, len(rows)))
        blocks = [self.functions.grid(queries, [ops.take(each, chunk, axis=0) for each in items]) for chunk in chunks]
        return ops.concatenate(blocks, axis=1)[:, : len(rows)]

    def pairs(self, user_rows: NDArray[np.int32], item_rows: NDArray[np.int32],
              context: Arrays | None = None) -> NDArray[np.float32]:
        """Return logits (N,) of N pairs of a user and an item, each in a context (N, ...) of its own where given."""
        if not len(user_rows):
            return np.zeros(0, np.float32)
        rows, places = (np.unique(user_rows, return_inverse=True) if not context
                        else (user_rows, np.arange(len(user_rows))))
        queries, items = self.query_vectors(rows.astype(np.int32), context or None), self.item_vectors()
        blocks = []
        for block in _padded(np.arange(len(user_rows)), min(PAIRS_AT_ONCE, _power_of_two(len(user_rows)))):
            paired = ([ops.take(each, places[block], axis=0) for each in queries],
                      [ops.take(each, item_rows[block], axis=0) for each in items])
            blocks.append(np.asarray(ops.convert_to_numpy(self.functions.pair(*paired))))
        return np.concatenate(blocks)[: len(user_rows)]


def knows_cold_items(cut: Cut) -> bool:
    """Return whether an item without training interactions has a score of its own: some item column but its id."""
    return any(feed.table not in ("item/item_id", "zero") and not feed.of_graph for feed in cut.item_feeds)


def _power_of_two(count: int) -> int:
    return 1 << max(0, count - 1).bit_length()


def _padded(rows: NDArray[Any], size: int) -> list[NDArray[Any]]:
    """Cut rows into blocks of one size, the last one filled with its first row, so that one program serves all."""
    blocks = [rows[start : start + size] for start in range(0, len(rows), size)]
    if blocks and len(blocks[-1]) < size:
        blocks[-1] = np.concatenate([blocks[-1], np.full(size - len(blocks[-1]), blocks[-1][0], rows.dtype)])
    return blocks


def _joined(blocks: list[list[Any]]) -> list[Any]:
    return blocks[0] if len(blocks) == 1 else [ops.concatenate(parts, axis=0) for parts in zip(*blocks)]
