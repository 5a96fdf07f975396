"""Calling a layer on values of the cell: masks go in where the layer takes them, and padding comes out as zero."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

import keras

from recmagic.compiler.settings import said
from recmagic.compiler.sizes import TooLarge, check_row, found, numbers_in
from recmagic.compiler.value import Value, keeps_steps
from recmagic.spec import Call

if TYPE_CHECKING:
    from recmagic.compiler.builder import Builder

MASK_LISTS = (keras.layers.Attention, keras.layers.AdditiveAttention)  # they take a mask for each of their inputs
ATTENTION_MASKS = ("query_mask", "value_mask", "key_mask")


def call_layer(build: Builder, call: Call, values: list[Value], as_list: bool) -> Value:
    """Return the value that a layer makes of one value, of several arguments, or of one list.

    What Keras says of a shape that does not fit is shown under the layer's call.
    """
    layer = build.layer(call)
    if ".image_preprocessing." in type(layer).__module__ and len(values[0].tensor.shape) < 4:
        # Many of them tell a shape for anything, and fail when they compute.
        raise build.error(call, f"{call.name} is for images, and this is a value of shape {values[0].shape}.")
    tensors = [_tensor(layer, value) for value in values]
    mask = next((value.mask for value in values if value.mask is not None), None)
    try:
        made = layer(tensors, **_masks(layer, values)) if as_list else layer(*tensors, **_masks(layer, values))
        _try_out(layer, tensors, as_list)
        check_row(numbers_in(layer, made), call.name)
    except Exception as error:  # Keras raises ValueError, TypeError and more for a shape or a type that does not fit
        large = found(error, TooLarge)
        told = (large.message, large.hint) if large is not None else _misfit(call, values, as_list, error)
        raise build.error(call, *told) from error
    if isinstance(made, (list, tuple, dict)):
        raise build.error(call, f"{call.name} gives several values, and only one can go on.", "Leave out return_state.")
    if any(made is each for each in tensors):  # to Keras a circle in the graph
        shape = values[0].shape
        raise build.error(call, f"{call.name} does not fit a value of shape {shape}: it gives it back as it is.")
    if mask is not None and keeps_steps(made, mask):
        build.step_calls.append((call, layer, tensors if as_list else tuple(tensors)))
    sides = frozenset().union(*(value.sides for value in values))
    return Value(values[0].tensor, values[0].graph, sides, mask).with_tensor(made)


def _misfit(call: Call, values: list[Value], as_list: bool, error: Exception) -> tuple[str, str]:
    """Return what to say of a layer that refuses what it is given, and a hint where the reason is a usual one."""
    if as_list and len(values) > 1 and "expects 1 input" in str(error):
        return f"{call.name} takes one value, and this is {len(values)}.", "concat(…) puts them side by side."
    if "'value'" in str(error) and "missing" in str(error):
        return (f"{call.name} takes two values, a query and what it looks at.",
                f"Write (x, x) >> {call.name}(…), or x >> TransformerBlock(heads=2).")
    shapes = " and ".join(value.shape for value in values)
    given = f"{len(values)} values" if len(values) > 3 else f"a value of shape {shapes}"
    hint = "Where it takes one value, concat(…) puts them side by side." if as_list and len(values) > 1 else ""
    if isinstance(error, (AttributeError, NotImplementedError)):  # numpy at work on what is no array yet
        hint = "Write keras.ops instead of numpy in its call."
    return f"{call.name} does not fit {given}: {said(error)}", hint


def _try_out(layer: keras.layers.Layer, tensors: list[Any], as_list: bool) -> None:
    """Trace a layer that is not Keras's own: it may have told a shape without looking at what it is given."""
    if not type(layer).__module__.startswith("keras.src"):
        given = (tensors,) if as_list else tensors
        keras.Operation.compute_output_spec(layer, *given)


def _tensor(layer: keras.layers.Layer, value: Value) -> Any:
    """Return the tensor to call a layer on: a maximum takes no mask, so padding becomes copies of the newest step."""
    if value.mask is None or not isinstance(layer, keras.layers.GlobalMaxPooling1D):
        return value.tensor
    return keras.ops.where(keras.ops.expand_dims(value.mask, -1), value.tensor, value.tensor[:, -1:])


def _masks(layer: keras.layers.Layer, values: list[Value]) -> dict[str, Any]:
    if all(value.mask is None for value in values):
        return {}
    if isinstance(layer, MASK_LISTS):
        return {"mask": [value.mask for value in values]}
    if isinstance(layer, keras.layers.Softmax):
        return {"mask": keras.ops.expand_dims(values[0].mask, -1)}
    if isinstance(layer, keras.layers.GlobalAveragePooling1D):
        return {"mask": _never_empty(values[0].mask)}
    parameters = inspect.signature(layer.call).parameters
    if "mask" in parameters:
        return {"mask": values[0].mask}
    if all(name in parameters for name in ATTENTION_MASKS):
        of_keys = values[min(1, len(values) - 1)].mask
        return {"query_mask": values[0].mask, "value_mask": of_keys, "key_mask": of_keys}
    return {}


def _never_empty(mask: Any) -> Any:
    """Return a mask in which a sequence without a real step has all of them: a mean over none would be 0 / 0.

    Padded steps are zero, so the mean of such a sequence is zero.
    """
    if mask is None:
        return None
    return keras.ops.logical_or(mask, keras.ops.logical_not(keras.ops.any(mask, axis=1, keepdims=True)))
