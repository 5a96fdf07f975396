"""The objective: one number for a batch of examples, from the towers, the candidates and the loss."""

from __future__ import annotations

from typing import Any

from keras import ops

from recmagic.compiler.cut import Cut, Queries
from recmagic.compiler.feeds import Arrays, Rows, Window, window_positions
from recmagic.compiler.learning import LISTWISE, Learning
from recmagic.negatives import Negatives

Vectors = list[Any]


class Objective:
    """Called with the data on the device and a batch, it returns the losses and penalties of rows looked up, summed and
    divided by the number of predictions.

    A batch has `ends` (B,), the numbers in the log of the interactions predicted, and for drawn candidates `negatives`
    (R, n) item rows. R is B; where every step of a sequence is an example, it is B * L. Where a user's own rows are put
    in order, `ends` is lists of L rows, one after the other, and `real` (B,) tells which of them count. `users` and
    `items` (B,) say whose and what the interactions are, where a batch has them; else the log does. `hidden` (B, L) are
    the steps that are hidden and predicted, the only ones that count. Where whole profiles are predicted, `users` are
    the examples and `ends` one past the last of what each has.
    """

    def __init__(self, cut: Cut, learning: Learning) -> None:
        self.cut, self.learning = cut, learning

    def __call__(self, data: Arrays, batch: Arrays) -> Any:
        total, count = self.sums(data, batch)
        return total / ops.maximum(count, 1.0)

    def sums(self, data: Arrays, batch: Arrays) -> tuple[Any, Any]:
        """Return the losses and penalties, summed, and the number of predictions."""
        if self.learning.profiles:
            return self._profiles(data, batch)
        ends = batch["ends"]
        users = batch["users"] if "users" in batch else ops.take(data["log/user"], ends, axis=0)
        hidden = batch.get("hidden")
        read = {name: batch.get(name) for name in ("order", "blank", "swaps")}
        queries = self.cut.queries(data, Rows(users, ends, hidden=hidden, **read), training=True)
        predicted, weights = self._predicted(data, ends, queries.mask, read["order"])
        if hidden is not None and weights is not None:
            weights = weights * ops.cast(ops.reshape(hidden, (-1,)), "float32")
        of_queries = queries.penalty
        if "real" in batch:
            weights = ops.cast(batch["real"], "float32")
            of_queries = None if of_queries is None else of_queries * ops.expand_dims(weights, 1)
        found = batch["items"] if "items" in batch else ops.take(data["log/item"], predicted, axis=0)
        items = _counted(found, weights)
        negatives = self.learning.negatives
        if negatives is None:
            vectors, penalty = self.cut.items(data, items, training=True)
            losses = (self._mixed(data, batch, queries.vectors, vectors) if "share" in batch
                      else self._labelled(data, predicted, queries, vectors, weights))
        else:
            losses, penalty = self._ranked(negatives, data, batch, queries.vectors, items, weights)
        count = ops.cast(ops.shape(losses)[0], losses.dtype) if weights is None else ops.sum(weights)
        if "log/weight" in data:  # as `fit` has it: what rows weigh changes the sum, not the number that it is over
            losses = losses * ops.take(data["log/weight"], predicted, axis=0)
        total = ops.sum(losses if weights is None else losses * weights)
        for each in (of_queries, penalty):
            total = total if each is None else total + ops.sum(each)
        return total, count

    def _profiles(self, data: Arrays, batch: Arrays) -> tuple[Any, Any]:
        """Return the losses of users, all of whose items are predicted, summed, and their number."""
        rows = Rows(batch["users"], batch["ends"])
        queries = self.cut.queries(data, rows, training=True)
        vectors, penalty = self.cut.items(data, data["catalogue"], training=True)
        scores = self.cut.grid(queries.vectors, vectors, training=True)
        numbers, real = window_positions(Window("profile", data["log/longest"].shape[0]), data, rows)
        counted = ops.take(data["log/example"], numbers, axis=0) * ops.cast(real, "float32")
        places = ops.take(data["item/place"], ops.take(data["log/item"], numbers, axis=0), axis=0)
        users, items = scores.shape
        cells = ops.expand_dims(ops.arange(users, dtype="int32") * items, 1) + places
        flat = ops.segment_sum(ops.reshape(counted, (-1,)), ops.reshape(cells, (-1,)), num_segments=users * items)
        taken = ops.minimum(ops.reshape(flat, (users, items)), 1.0)
        total = ops.sum(self.learning.loss.multinomial(taken, scores))
        for each in (queries.penalty, penalty):
            total = total if each is None else total + ops.sum(each)
        return total, ops.cast(users, "float32")

    def _predicted(self, data: Arrays, ends: Any, mask: Any, order: Any) -> tuple[Any, Any]:
        """Return the numbers in the log (R,) of what is predicted, and which of them count (None: all).

        A sequence in another order predicts in that order too.
        """
        if mask is None:
            return ends, None
        length = mask.shape[1]
        steps = ops.expand_dims(ops.arange(1, length + 1, dtype="int32"), 0) if order is None else order[:, 1:]
        numbers = ops.expand_dims(ends - length, 1) + steps
        numbers = ops.reshape(ops.where(mask, numbers, ops.zeros_like(numbers)), (-1,))
        counted = ops.take(data["log/example"], numbers, axis=0)
        return numbers, counted * ops.cast(ops.reshape(mask, (-1,)), "float32")

    def _labelled(self, data: Arrays, predicted: Any, queries: Queries, vectors: Vectors, weights: Any) -> Any:
        if self.learning.tasks:
            return self._of_tasks(data, predicted, self.cut.scores(queries.vectors, vectors, training=True))
        scores = self.cut.pairs(queries.vectors, vectors, training=True)
        labels = ops.take(data["log/target"], predicted, axis=0)
        if self.learning.kind != LISTWISE:
            return self.learning.labelled(labels, scores)
        length = self.learning.loss.length if queries.mask is None else queries.mask.shape[1]
        return self.learning.listed(labels, scores, weights, length)

    def _mixed(self, data: Arrays, batch: Arrays, queries: Vectors, items: Vectors) -> Any:
        """Return the losses (B,) of rows mixed with others, each compared with both targets by its share of each."""
        def mixed(vectors: Vectors) -> Vectors:
            return [own * each + (1 - own) * ops.take(each, batch["partner"], axis=0)
                    for each in vectors for own in [ops.reshape(share, (-1, *(1,) * (len(each.shape) - 1)))]]

        share, labels = batch["share"], ops.take(data["log/target"], batch["ends"], axis=0)
        scores = self.cut.pairs(mixed(queries), mixed(items), training=True)
        losses = [self.learning.labelled(each, scores) for each in (labels, ops.take(labels, batch["partner"], axis=0))]
        return share * losses[0] + (1 - share) * losses[1]

    def _of_tasks(self, data: Arrays, predicted: Any, scores: Any) -> Any:
        """Return the losses (R,) of all tasks, added up; a row says nothing to a task whose target it lacks."""
        total = 0.0
        for place, task in enumerate(self.learning.tasks):
            labels = ops.take(data[f"log/target_{place}"], predicted, axis=0)
            weights = ops.take(data[f"log/weight_{place}"], predicted, axis=0)
            total = total + task.labelled(labels, scores[:, place]) * weights
        return total

    def _ranked(self, negatives: Negatives, data: Arrays, batch: Arrays, queries: Vectors, items: Any,
                weights: Any) -> tuple[Any, Any]:
        if negatives.source == "drawn" and negatives.shared:
            return self._against_shared(data, queries, items, batch["negatives"])
        if negatives.source == "drawn":
            return self._against_drawn(data, queries, items, _counted(batch["negatives"], weights))
        if negatives.source == "batch":
            return self._against_batch(data, queries, items, weights)
        return self._against_catalogue(data, queries, items)

    def _against_drawn(self, data: Arrays, queries: Vectors, items: Any, negatives: Any) -> tuple[Any, Any]:
        rows = ops.reshape(negatives, (-1,))
        (own, penalty), (drawn, more) = self.cut.items_beside(data, items, rows, training=True)
        if self.cut.retrieval and negatives.shape[1] == 1 and self.learning.kind == "pairwise":
            return self._by_margin(queries, own, drawn), _both(penalty, more)
        positive, candidates = self._scores_beside(queries, own, drawn, negatives.shape[1])
        positive, candidates = self._corrected(data, positive, candidates, items, negatives)
        return self.learning.loss(positive, candidates), _both(penalty, more)

    def _by_margin(self, queries: Vectors, own: Vectors, drawn: Vectors) -> Any:
        """Return pairwise losses of one negative each: they depend on the difference of two scores alone, and the dot
        product with the difference of two items costs a quarter less than two dot products (measured)."""
        margin = ops.cast(ops.sum(queries[0] * (drawn[0] - own[0]), axis=-1), "float32")
        return self.learning.loss(ops.zeros_like(margin), ops.expand_dims(margin, 1))

    def _scores_beside(self, queries: Vectors, own: Vectors, drawn: Vectors, count: int) -> tuple[Any, Any]:
        """Return the scores (R,) of positives and (R, count) of what was drawn for each."""
        if self.cut.retrieval:
            others = ops.reshape(drawn[0], (-1, count, drawn[0].shape[-1]))
            dots = ops.einsum("rd,rnd->rn", queries[0], others)
            return self.cut.pairs(queries, own), ops.cast(dots, "float32")
        # One batch for the head: were positives normalised apart from negatives, they would be told by that alone.
        both = [ops.concatenate([each, ops.repeat(each, count, axis=0)], axis=0) for each in queries]
        scores = self.cut.pairs(both, [ops.concatenate(pair, axis=0) for pair in zip(own, drawn)], training=True)
        size = own[0].shape[0]
        return scores[:size], ops.reshape(scores[size:], (-1, count))

    def _against_shared(self, data: Arrays, queries: Vectors, items: Any, drawn: Any) -> tuple[Any, Any]:
        """A positive's own item is no negative of it; others that its user has may be, as in sampled softmax."""
        (own, penalty), (others, more) = self.cut.items_beside(data, items, drawn, training=True)
        if self.cut.retrieval:
            positive, candidates = self.cut.pairs(queries, own), self.cut.grid(queries, others)
        else:
            tiled = [ops.tile(each, (items.shape[0], *(1,) * (len(each.shape) - 1))) for each in others]
            positive, candidates = self._scores_beside(queries, own, tiled, drawn.shape[0])
        real = ops.not_equal(ops.expand_dims(items, 1), ops.expand_dims(drawn, 0))
        positive, candidates = self._corrected(data, positive, candidates, items, ops.expand_dims(drawn, 0))
        return self.learning.loss(positive, candidates, real), _both(penalty, more)

    def _against_batch(self, data: Arrays, queries: Vectors, items: Any, weights: Any) -> tuple[Any, Any]:
        vectors, penalty = self.cut.items(data, items, training=True)
        candidates = self.cut.grid(queries, vectors, training=True)
        positive = self.cut.pairs(queries, vectors) if self.cut.retrieval else ops.diagonal(candidates)
        same = ops.equal(ops.expand_dims(items, 1), ops.expand_dims(items, 0))
        real = ops.logical_not(same)
        if weights is not None:  # the distinct positives of all real steps: an item's first place stands for it
            counted = ops.expand_dims(weights > 0, 0)
            earlier = ops.tril(ops.cast(ops.logical_and(same, counted), "int32"), k=-1)
            real = ops.logical_and(real, ops.logical_and(counted, ops.expand_dims(ops.sum(earlier, axis=1) == 0, 0)))
        positive, candidates = self._corrected(data, positive, candidates, items, ops.expand_dims(items, 0))
        return self.learning.loss(positive, candidates, real), penalty

    def _against_catalogue(self, data: Arrays, queries: Vectors, items: Any) -> tuple[Any, Any]:
        vectors, penalty = self.cut.items(data, data["catalogue"], training=True)
        scores = self.cut.grid(queries, vectors, training=True)
        places = ops.expand_dims(ops.take(data["item/place"], items, axis=0), 1)
        positive = ops.reshape(ops.take_along_axis(scores, places, axis=1), (-1,))
        real = ops.not_equal(ops.expand_dims(ops.arange(scores.shape[1], dtype="int32"), 0), places)
        return self.learning.loss(positive, scores, real), penalty

    def _corrected(self, data: Arrays, positive: Any, candidates: Any, items: Any, others: Any) -> tuple[Any, Any]:
        """Subtract the log of how probable each item is as a candidate (logQ), under a softmax loss."""
        negatives = self.learning.negatives
        if self.learning.kind != "softmax" or negatives is None or not negatives.correction:
            return positive, candidates
        log = data["item/log_probability"]
        return positive - ops.take(log, items, axis=0), candidates - ops.take(log, others, axis=0)


def _both(penalty: Any, more: Any) -> Any:
    """Return the penalties of positives and of what was drawn, one after the other; None where there are none."""
    return None if penalty is None else ops.concatenate([penalty, more], axis=0)


def _counted(items: Any, weights: Any) -> Any:
    """Return items (R, ...) with those that do not count as 0, the unknown one: it has no l2 penalty."""
    if weights is None:
        return items
    return ops.where(ops.reshape(weights, (-1, *(1,) * (len(items.shape) - 1))) > 0, items, ops.zeros_like(items))
