"""A model cut by side: the query tower, the item tower, and the head over what they give."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any

import keras
from keras import ops

from recmagic.compiler.builder import Builder
from recmagic.compiler.feeds import Arrays, Feed, Rows, item_inputs, query_inputs
from recmagic.compiler.graphs import Graphs
from recmagic.compiler.score import Terms, item_vector, leave_out_sigmoid, query_vector, retrieval_terms
from recmagic.compiler.settings import Objects
from recmagic.compiler.value import HEAD, ITEM, QUERY, Value
from recmagic.data.column import Column
from recmagic.data.dataset import Dataset
from recmagic.errors import SpecError
from recmagic.spec import Call, Group, Node, Spec, Statement


@dataclass
class Queries:
    """What the query tower gives for a batch: `vectors`, one array (R, ...) an input of the head, and the penalty (B,).

    `mask` (B, L) tells the real steps where every step is a query; R is then B * L, else B.
    """

    vectors: list[Any]
    penalty: Any
    mask: Any = None


class Cut(keras.layers.Layer):
    """Three Keras models that together give the score of (query, item) pairs; layers and weights are shared by name.

    A retrieval model has no head: its score is the dot product of the two towers' single vectors. Where the head gives
    several scores, the one at `place` ranks; `sigmoids` tells of each whether a sigmoid that ended it was left out.
    """

    def __init__(self, graphs: Graphs, item_count: int, query: keras.Model, item: keras.Model,
                 head: keras.Model | None, sigmoids: Sequence[bool], factors: int | None = None,
                 place: int = 0) -> None:
        super().__init__(name="cut")
        self.graphs, self.sigmoids, self.place = graphs, tuple(sigmoids), place
        self.query_tower, self.item_tower, self.head = query, item, head
        self.query_feeds: tuple[Feed, ...] = tuple(graphs.feeds[QUERY])
        self.item_feeds: tuple[Feed, ...] = tuple(graphs.feeds[ITEM])
        self.tables: dict[str, Column] = dict(graphs.columns)
        self.item_count = item_count
        self.factors = factors  # how much of a retrieval model's vectors is not a one-sided term; None: all
        # Only a tower that gives a row the same vector whatever rows are beside it, and that costs more than a look-up.
        self.looked_up = not item.non_trainable_variables and any(
            (layer.weights and not isinstance(layer, keras.layers.Embedding)) or len(layer.output.shape) > 2
            for layer in item.layers)
        self.built = True

    def ranked_by(self, place: int) -> Cut:
        """Return the same towers and head, ranked by another of its scores."""
        return Cut(self.graphs, self.item_count, self.query_tower, self.item_tower, self.head, self.sigmoids,
                   place=place)

    @property
    def towers(self) -> list[keras.Model]:
        """The query tower, the item tower and, where there is one, the head."""
        return [self.query_tower, self.item_tower, *([] if self.head is None else [self.head])]

    @property
    def sigmoid(self) -> bool:
        """Whether a sigmoid ended the score."""
        return self.sigmoids[self.place]

    @property
    def every_step(self) -> bool:
        """Whether each step of the user's sequence is a query of its own."""
        return "mask" in self.query_tower.output

    @property
    def retrieval(self) -> bool:
        """Whether the whole catalogue is scored by one matrix product."""
        return self.head is None

    @property
    def reads_graph(self) -> bool:
        """Whether a tower reads the graph of who has what."""
        return any(feed.of_graph for feed in (*self.query_feeds, *self.item_feeds))

    @property
    def counts_padding(self) -> bool:
        """Whether l2 counts the padding of a short history, which stands for row 0 of the log: somebody's."""
        return "penalty" in self.query_tower.output and any(
            feed.window is not None and feed.table.startswith("log/") and feed.table != "log/item"
            for feed in self.query_feeds)

    def queries(self, data: Arrays, rows: Rows, training: bool = False) -> Queries:
        """Return the query side of a batch of B users."""
        given = self.query_tower(query_inputs(self.query_feeds, data, rows), training=training)
        vectors, mask = given["vectors"], given.get("mask")
        if mask is not None:
            vectors = [_per_step(each, mask) for each in vectors]
        return Queries(vectors, given.get("penalty"), mask)

    def items(self, data: Arrays, rows: Any, training: bool = False) -> tuple[list[Any], Any]:
        """Return the item side of a vector of item rows (N,): one array (N, ...) an input of the head, and penalties.

        More rows than there are items are looked up in a tower computed once for each item, where that is dear.
        """
        if self.looked_up and rows.shape[0] > self.item_count + 1:
            # Training may know of further rows, which were made for it.
            tables = [data[feed.table] for feed in self.item_feeds if feed.table.startswith("item/")]
            count = max([self.item_count + 1, *(each.shape[0] for each in tables)])
            return _taken(self._tower_of_items(data, ops.arange(count, dtype="int32"), training), rows)
        return self._tower_of_items(data, rows, training)

    def items_beside(self, data: Arrays, first: Any, second: Any, training: bool = False) -> tuple[Any, Any]:
        """Return `items` of two vectors of item rows, as they are when both are one batch."""
        if self.looked_up or self.item_tower.non_trainable_variables:
            size = first.shape[0]
            vectors, penalty = self.items(data, ops.concatenate([first, second], axis=0), training)
            parts = ([each[:size] for each in vectors], [each[size:] for each in vectors])
            return (parts[0], None if penalty is None else penalty[:size]), (
                parts[1], None if penalty is None else penalty[size:])
        # Rows do not see each other: two look-ups are half the work of one whose result is cut in two (measured).
        return self.items(data, first, training), self.items(data, second, training)

    def _tower_of_items(self, data: Arrays, rows: Any, training: bool) -> tuple[list[Any], Any]:
        given = self.item_tower(item_inputs(self.item_feeds, data, rows), training=training)
        return given["vectors"], given.get("penalty")

    def pairs(self, queries: list[Any], items: list[Any], training: bool = False) -> Any:
        """Return the scores (R,) of R queries with R items, side by side."""
        if self.head is None:
            query, item = _precise(queries[0], training), _precise(items[0], training)
            return _whole(ops.sum(query * item, axis=-1))
        return self.scores(queries, items, training)[:, self.place]

    def scores(self, queries: list[Any], items: list[Any], training: bool = False) -> Any:
        """Return all scores (R, T) that a head gives for R queries with R items, side by side."""
        assert self.head is not None
        named = {f"{QUERY}_{place}": each for place, each in enumerate(queries)}
        named |= {f"{ITEM}_{place}": each for place, each in enumerate(items)}
        return _whole(self.head(named, training=training))

    def grid(self, queries: list[Any], items: list[Any], training: bool = False) -> Any:
        """Return the scores (R, C) of every one of R queries with every one of C items."""
        if self.head is None:
            query, item = _precise(queries[0], training), _precise(items[0], training)
            return _whole(ops.matmul(query, ops.transpose(item)))
        rows, count = queries[0].shape[0], items[0].shape[0]
        repeated = [ops.repeat(each, count, axis=0) for each in queries]
        tiled = [ops.tile(each, (rows, *(1,) * (len(each.shape) - 1))) for each in items]
        return ops.reshape(self.pairs(repeated, tiled, training), (rows, count))


def cut(spec: Spec, data: Dataset, objects: Objects, target_sources: frozenset[str],
        made_columns: dict[str, Column], logits: Sequence[bool], masked: bool = False,
        ranked: int = 0) -> tuple[Cut, Builder]:
    """Build a cell's score over a data set and cut it; SpecError where the cell does not fit the data.

    `logits` says of each score whether a sigmoid that ends it is left out of it and noted; `masked` hides steps of
    histories. Of several scores, the one at `ranked` ranks.
    """
    statement = spec.statement("score")
    assert statement is not None  # the reader asks for it
    build = Builder(spec, data, objects, target_sources, made_columns, masked=masked)
    if isinstance(statement.value, Group):
        return _several(build, statement.value, logits).ranked_by(ranked), build
    made = _cut_once(build, statement, *logits)
    if made is None:  # a mixed score with steps: build it anew with every step as a query of its own
        build = Builder(spec, data, objects, target_sources, made_columns, flat_steps=True, masked=masked)
        made = _cut_once(build, statement, *logits)
        if made is None:
            raise _not_by_step(build, statement.value)
    return made, build


def _not_by_step(build: Builder, node: Node) -> SpecError:
    return build.error(node, "The score is a sequence, and cannot be taken step by step.",
                       "Write last(…), mean(…) or a pooling layer before it meets the item.")


def _cut_once(build: Builder, statement: Statement, logits: bool) -> Cut | None:
    node, sigmoid = leave_out_sigmoid(build, statement.value) if logits else (statement.value, False)
    terms = retrieval_terms(build, node)
    if terms is not None and {"user", "item"} <= terms.sides:
        return _retrieval(build, terms, node, sigmoid)
    score = build.value(node)
    build.shown["score"] = score
    _check(build, node, score)
    return None if score.sequence else mixed(build.graphs, build.data.items.count, score.tensor, [sigmoid])


def _several(build: Builder, scores: Group, logits: Sequence[bool]) -> Cut:
    """Cut several scores of one row, which share towers and head."""
    ends = [leave_out_sigmoid(build, node) if logit else (node, False) for node, logit in zip(scores.items, logits)]
    values = [build.value(node) for node, _ in ends]
    for node, value in zip(scores.items, values):
        _check(build, node, value)
        if value.sequence:
            raise build.error(node, "Several scores are of one interaction, and this one is a sequence.",
                              "Write last(…), mean(…) or a pooling layer before it meets the item.")
        build.shown[node.name] = value  # type: ignore[union-attr]
    every = ops.concatenate([value.tensor for value in values], axis=-1)
    build.shown["score"] = Value(every, HEAD, frozenset().union(*(value.sides for value in values)))
    return mixed(build.graphs, build.data.items.count, every, [sigmoid for _, sigmoid in ends])


def _retrieval(build: Builder, terms: Terms, node: Node, sigmoid: bool) -> Cut:
    graphs, query, item = build.graphs, query_vector(terms), item_vector(terms)
    if query.sequence and query.mask is None:
        raise _not_by_step(build, node)
    build.shown["score"] = Value(query.tensor[..., :1], HEAD, terms.sides)
    return Cut(graphs, build.data.items.count, _tower(graphs, QUERY, [query.tensor], query.mask),
               _tower(graphs, ITEM, [item.tensor]), None, [sigmoid], sum(each.width for _, each in terms.products))


def mixed(graphs: Graphs, item_count: int, scores: Any, sigmoids: Sequence[bool]) -> Cut:
    """Cut scores (rows, T) of the head's graph: the towers give what crosses to it."""
    head = keras.Model(graphs.inputs[HEAD], scores, name=HEAD)
    query = _tower(graphs, QUERY, graphs.crossings[QUERY], graphs.step_mask)
    return Cut(graphs, item_count, query, _tower(graphs, ITEM, graphs.crossings[ITEM]), head, sigmoids)


def _tower(graphs: Graphs, graph: str, vectors: list[Any], mask: Any = None) -> keras.Model:
    outputs: dict[str, Any] = {"vectors": list(vectors)}
    if mask is not None:
        outputs["mask"] = mask
    if graphs.penalties[graph]:
        outputs["penalty"] = reduce(ops.add, graphs.penalties[graph])
    return keras.Model(graphs.inputs[graph], outputs, name=graph)


def _whole(scores: Any) -> Any:
    """Return scores with 32 bits, in which losses and ranks are computed."""
    return ops.cast(scores, "float32")


def _precise(vectors: Any, training: bool) -> Any:
    """Return vectors with 32 bits, unless they train: rounded scores would tie, and ties cost places in a list."""
    return vectors if training else _whole(vectors)


def _taken(computed: tuple[list[Any], Any], rows: Any) -> tuple[list[Any], Any]:
    """Look rows up in vectors and penalties computed for all items."""
    vectors, penalty = computed
    found = [ops.take(each, rows, axis=0) for each in vectors]
    return found, None if penalty is None else ops.take(penalty, rows, axis=0)


def _per_step(vectors: Any, mask: Any) -> Any:
    """Return vectors with every step as a row of its own: a vector of the whole query is repeated along the steps."""
    if len(vectors.shape) == 2:
        vectors = ops.repeat(ops.expand_dims(vectors, 1), mask.shape[1], axis=1)
    return ops.reshape(vectors, (-1, *vectors.shape[2:]))


def _check(build: Builder, node: Node, score: Value) -> None:
    for side in ("item", "user"):
        if side not in score.sides:
            message = f"The score does not depend on the {side}, so every {side} would tie."
            raise build.error(_guilty(node), message, f"Use a value made from {side} columns.")
    if score.width != 1:
        raise build.error(node, f"The score is {score.width} wide, and it must be one number.",
                          "End it with >> Dense(1), or take the dot product with @.")


def _guilty(node: Node) -> Node:
    """Return the smallest piece that a one-sided score comes from: what the layers are applied to."""
    while isinstance(node, Call) and node.name == ">>":
        node = node.arguments[0]
    return node
