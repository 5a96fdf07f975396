"""Quantised models: the weights of tables and dense layers as whole numbers of 8 or 4 bits, by Keras."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from math import ceil, prod
from typing import Any, NoReturn

import keras

from recmagic.compiler.cell import CellProgram
from recmagic.errors import ModelError
from recmagic.spec.vocabulary import Vocabulary

MODES = ("int8", "int4")
BLOCK = 128  # numbers that share a scale and a zero under int4: Keras's default
OURS = ("keras.", "keras_rs.", "recmagic.")


@dataclass(eq=False, kw_only=True)
class Quantized(CellProgram):
    """A cell whose tables and dense layers hold whole numbers and, a row or unit, what these are multiples of.

    `mode` is "int8" or "int4". Only the weights are rounded: what is computed with them has 32 bits. It scores; it is
    not trained, because whole numbers have no gradient.
    """

    mode: str
    trained_numbers: int

    @property
    def parameters(self) -> int:
        """Number of numbers that training has set."""
        return self.trained_numbers

    def redraw(self, seed: int) -> NoReturn:
        """Raise ModelError."""
        raise self._refusal()

    def anew(self, seed: int, precision: str | None) -> NoReturn:
        """Raise ModelError."""
        raise self._refusal()

    def updated(self, data: Any) -> NoReturn:
        """Raise ModelError."""
        raise self._refusal()

    def meaning(self, words: Vocabulary) -> str:
        """Return a short hash of what the cell means, and the mode."""
        return super().meaning(words) + self.mode

    def _refusal(self) -> ModelError:
        return ModelError(f"The weights of this model are whole numbers ({self.mode}), which cannot be trained.",
                          "Train or update the model that it was made from, and compress that again.")


def quantized(program: CellProgram, mode: str) -> Quantized:
    """Return a program with its weights quantised in place; ModelError where it has no layer that would get smaller.

    Each layer takes the mode in which it is smallest: under int4, one with a single unit takes int8, and a table of
    single numbers stays, since its scales would be larger than itself.
    """
    chosen = {id(layer): best for layer in _layers(program) if (best := _smallest(layer, mode)) is not None}
    if not chosen:
        raise ModelError(f"Nothing in this model would be smaller as {mode}: Keras quantises tables and dense layers.",
                         "Make it smaller by its widths, or by --distill.")
    numbers = program.parameters
    for tower in program.cut.towers:
        for each in MODES:
            tower.quantize(each, config=_config(each), filters=lambda layer, each=each: (
                chosen.get(id(layer)) == each and layer.quantization_mode is None))
    own = {field.name: getattr(program, field.name) for field in fields(CellProgram)}
    return Quantized(**own, mode=mode, trained_numbers=numbers)


def left_alone(program: Quantized) -> dict[str, int]:
    """Return the bytes of the weights that kept 32 bits, by their layers' kinds."""
    found: dict[str, int] = {}
    for layer in _layers(program, every=True):
        own = sum(prod(each.shape) * 4 for each in layer._trainable_variables if each.dtype == "float32")
        if own and layer.quantization_mode is None:
            found[type(layer).__name__] = found.get(type(layer).__name__, 0) + own
    return found


def _config(mode: str) -> Any:
    """Return Keras's settings: weights alone. Rounded inputs would cost accuracy, and on a CPU bring no speed."""
    if mode == "int8":
        return keras.quantizers.Int8QuantizationConfig(activation_quantizer=None)
    return keras.quantizers.Int4QuantizationConfig(block_size=BLOCK)


def _layers(program: CellProgram, every: bool = False) -> Iterator[Any]:
    """Yield each layer once, with those inside it; inside a user's own layer only if `every`: it may read a table or a
    kernel directly, and would then read whole numbers without their scale."""
    seen: set[int] = set()
    for tower in program.cut.towers:
        for outer in tower.layers:
            if not every and not type(outer).__module__.startswith(OURS):
                continue
            for layer in outer._flatten_layers():
                if id(layer) not in seen:
                    seen.add(id(layer))
                    yield layer


def _smallest(layer: Any, mode: str) -> str | None:
    """Return the mode in which a layer takes the fewest bytes; None where it had better stay as it is."""
    if type(layer) not in (keras.layers.Embedding, keras.layers.Dense, keras.layers.EinsumDense) or not layer.built:
        return None
    weights = layer._embeddings if type(layer) is keras.layers.Embedding else layer._kernel
    sizes = {None: 4 * prod(weights.shape), "int8": _bytes(layer, weights.shape, "int8")}
    if mode == "int4":
        sizes["int4"] = _bytes(layer, weights.shape, "int4")
    return min(sizes, key=lambda each: sizes[each])


def _bytes(layer: Any, shape: tuple[int, ...], mode: str) -> int:
    """Return what a layer's weights would take: whole numbers, scales and, for int4, zeros and each number's block."""
    rows, columns = shape[0], prod(shape[1:])
    of_table = type(layer) is keras.layers.Embedding
    scaled, along = (rows, columns) if of_table else (columns, rows)  # what has scales, and the numbers under one
    if mode == "int8":
        return rows * columns + 4 * scaled
    return rows * ceil(columns / 2) + 5 * scaled * ceil(along / BLOCK) + 4 * along
