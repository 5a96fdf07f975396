"""The test of causality: where every step predicts the next item, no step may see a later one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import keras
import numpy as np

from recmagic.compiler.builder import Builder
from recmagic.compiler.cut import Cut
from recmagic.compiler.feeds import CATALOGUE, Feed
from recmagic.spec import Node

TOLERANCE = 1e-5  # of the largest number


def check_causal(cut: Cut, build: Builder) -> None:
    """Change what comes in at later steps and compare what comes out before them; SpecError at the guilty layer.

    A profile is a set without a newest step, so none of its steps may be a query.
    """
    if all(feed.window.kind == "profile" for feed in cut.query_feeds if feed.window not in (None, CATALOGUE)):
        raise build.error(_score(build), "The score is a set, a profile, and must be one number.", _OF_A_SET)
    with _shaken(cut):
        if not _changed_outputs(cut):
            return
        guilty = next((call for call, layer, tensors in build.step_calls if _leaks(layer, tensors)), None)
    raise build.error(guilty or _score(build), _MESSAGE, _HINT)


def _score(build: Builder) -> Node:
    score = build.spec.statement("score")
    assert score is not None
    return score.value


_MESSAGE = "A step of this sequence sees later ones, so it would be told the item that it should predict."
_HINT = "Use causal layers, such as GRU(…, return_sequences=True), or take last(…) or mean(…) of the sequence."
_OF_A_SET = "Write mean(profile(…)), or end the profile with a pooling layer."


@contextmanager
def _shaken(cut: Cut) -> Iterator[None]:
    """Move all weights a little, so that none that starts at zero hides what it will let through."""
    random, values = np.random.default_rng(0), cut.get_weights()
    for variable in cut.trainable_variables:
        variable.assign_add(random.normal(0, 0.1, variable.shape))
    try:
        yield
    finally:
        cut.set_weights(values)


def _leaks(layer: keras.layers.Layer, tensors: Any) -> bool:
    """Return whether a layer from steps to steps, called on such tensors, lets an earlier step depend on a later."""
    random = np.random.default_rng(0)
    given = [random.normal(size=(2, *each.shape[1:])).astype(np.float32) for each in tensors]
    changed = [_later(each, each + random.normal(size=each.shape)) if each.ndim == 3 else each for each in given]
    calls = [(each,) if isinstance(tensors, list) else tuple(each) for each in (given, changed)]
    before, after = (keras.ops.convert_to_numpy(layer(*each)) for each in calls)
    return _moved(before, after)


def _changed_outputs(cut: Cut) -> bool:
    """Return whether changing the later half of what the windows hold moves an earlier step of the whole tower."""
    random = np.random.default_rng(0)
    first = {feed.name: _drawn(random, cut, feed) for feed in cut.query_feeds}
    second = {feed.name: _later(first[feed.name], _drawn(random, cut, feed))
              if feed.window not in (None, CATALOGUE) else first[feed.name] for feed in cut.query_feeds}
    before, after = (cut.query_tower(each, training=False)["vectors"] for each in (first, second))
    return any(_moved(*(keras.ops.convert_to_numpy(each) for each in pair)) for pair in zip(before, after))


def _drawn(random: np.random.Generator, cut: Cut, feed: Feed) -> Any:
    """Return random values for an input of the tower: codes, numbers, or a mask that is all real."""
    tensor = cut.query_tower.input[feed.name]
    column = cut.tables.get(feed.table)
    shape = (cut.item_count + 1 if feed.window == CATALOGUE else 2, *tensor.shape[1:])
    if tensor.dtype == "bool":
        return np.ones(shape, bool)
    if feed.table == "zero":
        return np.zeros(shape, tensor.dtype)
    if tensor.dtype.startswith("float"):
        return random.normal(size=shape).astype(tensor.dtype)
    size = cut.item_count + 1 if column is None else column.size
    return random.integers(1, max(2, size), size=shape).astype(tensor.dtype)


def _later(first: Any, other: Any) -> Any:
    """Return the first array with the later half of its steps taken from the other."""
    middle = first.shape[1] // 2
    return np.concatenate([first[:, :middle], other[:, middle:]], axis=1).astype(first.dtype)


def _moved(before: Any, after: Any) -> bool:
    """Return whether an earlier step moved; a vector stands at every step, so it must not move at all."""
    moves = np.abs(before - after)
    earlier = moves if moves.ndim < 3 else moves[:, : moves.shape[1] // 2]
    return bool(earlier.max(initial=0) > TOLERANCE * np.abs(before).max(initial=0))
