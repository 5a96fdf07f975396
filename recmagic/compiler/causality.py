"""The test of causality: where every step predicts the next item, no step may see a later one."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np

from recmagic.compiler.builder import Builder
from recmagic.compiler.cut import Cut
from recmagic.compiler.feeds import CATALOGUE

TOLERANCE = 1e-5


def check_causal(cut: Cut, build: Builder) -> None:
    """Change what comes in at later steps and compare what comes out before them; SpecError at the guilty layer."""
    if not _changed_outputs(cut):
        return
    guilty = next((call for call, layer, tensor in build.step_calls if _leaks(layer, tensor.shape[1:])), None)
    score = build.spec.statement("score")
    assert score is not None
    raise build.error(guilty or score.value, _MESSAGE, _HINT)


_MESSAGE = "A step of this sequence sees later ones, so it would be told the item that it should predict."
_HINT = "Use causal layers, such as GRU(…, return_sequences=True), or take last(…) or mean(…) of the sequence."


def _leaks(layer: keras.layers.Layer, shape: tuple[int, ...]) -> bool:
    """Return whether a layer from steps to steps, (length, width), lets an earlier one depend on a later one."""
    first = np.random.default_rng(0).normal(size=(2, *shape)).astype(np.float32)
    second = first.copy()
    second[:, shape[0] // 2 :] += 1.0
    before, after = (keras.ops.convert_to_numpy(layer(each)) for each in (first, second))
    return _moved(before, after)


def _changed_outputs(cut: Cut) -> bool:
    """Return whether changing the later half of what a history holds moves an earlier step of the whole tower."""
    rng = np.random.default_rng(0)
    first: dict[str, Any] = {}
    for feed in cut.query_feeds:
        tensor = cut.query_tower.input[feed.name]
        shape = (2, *tensor.shape[1:])
        column = cut.tables.get(feed.table)
        if tensor.dtype == "bool":
            first[feed.name] = np.ones(shape, bool)
        elif column is None or not column.vocabulary:
            first[feed.name] = rng.normal(size=shape).astype(tensor.dtype)
        else:
            first[feed.name] = rng.integers(1, max(2, column.size), size=shape).astype(tensor.dtype)
    second = {name: array.copy() for name, array in first.items()}
    for feed in cut.query_feeds:
        if feed.window not in (None, CATALOGUE) and first[feed.name].dtype != bool:
            middle = feed.window.length // 2
            second[feed.name][:, middle:] = np.flip(first[feed.name], axis=0)[:, middle:]
    before, after = (cut.query_tower(each, training=False)["vectors"] for each in (first, second))
    return any(_moved(*(keras.ops.convert_to_numpy(each) for each in pair)) for pair in zip(before, after))


def _moved(before: Any, after: Any) -> bool:
    if before.ndim < 3:
        return False
    middle = before.shape[1] // 2
    return bool(np.abs(before[:, :middle] - after[:, :middle]).max(initial=0) > TOLERANCE)
