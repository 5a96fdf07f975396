"""A program as JSON and arrays: the cell as its syntax tree, what its own columns have learnt, and the weights."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recmagic.compiler.blend import Blend
from recmagic.compiler.cell import CellProgram, compile_spec
from recmagic.compiler.solved import Solved, solved
from recmagic.compression import sparse
from recmagic.compression.quantized import MODES, Quantized, quantized
from recmagic.data.dataset import Dataset
from recmagic.errors import ModelError
from recmagic.saving.columns import read_learnt, write_learnt
from recmagic.saving.shape import array, need, taken
from recmagic.spec import Spec, from_json, read, to_json
from recmagic.spec.vocabulary import Vocabulary

Arrays = dict[str, NDArray[Any]]


def write_program(program: Any, place: str, arrays: Arrays) -> dict[str, Any]:
    """Return a program as JSON, its weights among the arrays; ModelError where it was not made from a cell."""
    if isinstance(program, Blend):
        parts = [{"name": name, **write_program(part, f"{place}/{number}", arrays)}
                 for number, (name, part) in enumerate(program.parts.items())]
        return {"kind": "blend", "parts": parts, "weights": list(program.weights), "below": program.below}
    if isinstance(program, Solved):
        return {"kind": "solved", **_cell(program.spec)}
    if not isinstance(program, CellProgram):
        raise ModelError("A Keras model that was brought is not kept here: its layers may be any code.",
                         "Keep it with its own save(), and bring it again.")
    for number, variable in enumerate(program.cut.variables):
        sparse.put(arrays, f"{place}/{number}", np.array(variable.numpy()))
    made = [write_learnt(column) for column in program.build.made_columns.values()]
    told = {name: getattr(program, name) for name in ("seed", "precision", "as_drawn", "carried_over")}
    mode = {"quantized": program.mode} if isinstance(program, Quantized) else {}
    return {"kind": "cell", **_cell(program.spec), "made": made, **told, **mode}


def read_program(told: Any, place: str, arrays: Mapping[str, NDArray[Any]], data: Dataset, words: Vocabulary) -> Any:
    """Return the program that `write_program` has written, over its data.

    Its words are looked up as a cell's are: SpecError at one that recmagic does not have, DataError at what is damaged.
    """
    kind = taken(told, "kind", str, place)
    need(kind in ("blend", "solved", "cell"), f"{place}.kind", "blend, solved or cell")
    if kind == "blend":
        return _blend(told, place, arrays, data, words)
    spec = _spec(told, place, words)
    if kind == "solved":
        found = solved(spec, data)
        need(found is not None, f"{place}.spec", "solved at once")
        return found
    columns = [read_learnt(each, f"{place}.made") for each in taken(told, "made", list, place)]
    precision = taken(told, "precision", (str, type(None)), place)
    program = compile_spec(spec, data, taken(told, "seed", int, place), precision=precision,
                           known={column.name: column for column in columns})
    if "quantized" in told:
        need(told["quantized"] in MODES, f"{place}.quantized", " or ".join(MODES))
        program = quantized(program, told["quantized"])
    for number, variable in enumerate(program.cut.variables):  # a cell makes the same ones, in the same order
        _assign(variable, f"{place}/{number}", arrays)
    program.as_drawn, program.carried_over = (taken(told, name, bool, place) for name in ("as_drawn", "carried_over"))
    return program


def _assign(variable: Any, name: str, arrays: Mapping[str, NDArray[Any]]) -> None:
    """Give a variable its value; the state of random numbers is of another type on another backend."""
    dtype = variable.numpy().dtype
    shape = tuple(variable.shape)
    found = sparse.whole(arrays, name, math.prod(shape))
    if found is not None:
        arrays = {name: found.reshape(shape)}
    found = arrays.get(name)
    if found is not None and dtype.itemsize > 1 and dtype.kind in "iu" and found.dtype.kind in "iu":
        kept = found.dtype  # the state of random numbers
    else:
        kept = dtype
    variable.assign(array(arrays, name, kept, shape).astype(dtype))


def _blend(told: Any, place: str, arrays: Mapping[str, NDArray[Any]], data: Dataset, words: Vocabulary) -> Blend:
    parts = {}
    for number, each in enumerate(taken(told, "parts", list, place)):
        name = taken(each, "name", str, place)
        parts[name] = read_program(each, f"{place}/{number}", arrays, data, words)
    weights = taken(told, "weights", list, place)
    need(len(parts) == len(weights) > 1 and all(type(each) in (int, float) for each in weights), place, "a blend")
    below = taken(told, "below", (int, type(None)), place)
    need(below is None or len(parts) == 2, f"{place}.below", "of two parts")
    return Blend(parts, tuple(map(float, weights)), below)


def _cell(spec: Spec) -> dict[str, Any]:
    """Return a cell as its syntax tree, and as its text, with the comments."""
    return {"spec": json.loads(to_json(spec)), "text": spec.text}


def _spec(told: Any, place: str, words: Vocabulary) -> Spec:
    tree = from_json(json.dumps(taken(told, "spec", dict, place)))
    spec = read(taken(told, "text", str, place), words)
    need(to_json(spec) == to_json(tree), f"{place}.text", "the text of its tree")
    return spec
