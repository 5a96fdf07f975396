"""Smaller tables by another form: of low rank, or hashed into two, as settings that are written into the cell."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
from keras import ops
from numpy.typing import NDArray

from recmagic.compiler.cell import CellProgram, compile_spec
from recmagic.errors import ModelError
from recmagic.spec import Call, Literal, Node, Spec, Statement, read, with_parts, write
from recmagic.spec.vocabulary import Vocabulary


def of_low_rank(program: CellProgram, rank: int, words: Vocabulary) -> CellProgram:
    """Return a cell of its own whose tables have that rank, the nearest to what they were (Eckart & Young 1936).

    Tables that are no wider than the rank stay. ModelError where the whole would get no smaller.
    """
    if any(kind == "quotient" for _, kind in program.build._made):
        raise ModelError("The tables of this model are hashed, so there is no table to take a rank of.",
                         "Choose the rank first: --low-rank and --hash in one line.")
    made = _compiled(program, "rank", rank, words)
    before = {layer.name: layer for layer in program.layers}
    factors = {id(made.build._made[call, "embedding"]): layer for (call, kind), layer in made.build._made.items()
               if kind == "factor"}
    for layer in made.layers:
        if id(layer) in factors:
            table, factor = _factors(before[layer.name].embeddings, rank)
            layer.embeddings.assign(table)
            factors[id(layer)].kernel.assign(factor)
        elif layer not in factors.values():
            for source, variable in zip(before[layer.name].variables, layer.variables):
                variable.assign(source.value)
    made.as_drawn, made.carried_over = False, program.carried_over
    return made


def hashed(program: CellProgram, rows: int, words: Vocabulary) -> CellProgram:
    """Return the cell with its tables of more than so many rows in two parts, to be trained anew; ModelError where
    the whole would get no smaller."""
    return _compiled(program, "hashed", rows, words)


def _factors(variable: Any, rank: int) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return the two matrices (n, rank) and (rank, width) whose product is nearest to a table."""
    value = np.array(ops.convert_to_numpy(variable.value))
    left, sizes, right = np.linalg.svd(value, full_matrices=False)
    left[~value.any(axis=1)] = 0  # a row of zeros, as the unknown one is, stays so to the last bit
    root = np.zeros(rank, np.float32)  # a table of few rows may have fewer singular values
    root[: len(sizes)] = np.sqrt(sizes[:rank])
    table, factor = np.zeros((len(left), rank), np.float32), np.zeros((rank, right.shape[1]), np.float32)
    table[:, : len(sizes)], factor[: len(sizes)] = left[:, :rank], right[:rank]
    return table * root, root[:, None] * factor


def _compiled(program: CellProgram, setting: str, value: int, words: Vocabulary) -> CellProgram:
    # A table that is no wider than a rank has that rank already; any may be hashed.
    fits = (lambda width: width > value) if setting == "rank" else (lambda width: True)
    spec = read(write(with_setting(program.spec, setting, value, fits)), words)
    made = compile_spec(spec, program.data, program.seed, precision=program.precision, known=program.build.made_columns)
    if made.parameters >= program.parameters:
        raise ModelError(f"The model gets no smaller by {setting}={value}: it has {program.parameters:,} numbers, and "
                         f"would have {made.parameters:,}.", "Choose another number.")
    return made


def with_setting(spec: Spec, setting: str, value: int, fits: Callable[[int], bool]) -> Spec:
    """Return a cell in which each table of a width that fits has a setting."""
    def changed(node: Node) -> Node:
        node = with_parts(node, changed)
        if not isinstance(node, Call) or node.name not in ("embedding", "fields"):
            return node
        options = dict(node.options)
        wide = spec.meant(options.get("rank") or options.get("width") or node.arguments[node.name == "embedding"])
        if not fits(wide.value) or (setting == "pq" and "hashed" in options):  # type: ignore[union-attr, arg-type]
            return node
        others = tuple(each for each in node.options if each[0] != setting)
        return replace(node, options=(*others, (setting, Literal(value))))

    return Spec(tuple(Statement(each.name, changed(each.value)) for each in spec.statements))
