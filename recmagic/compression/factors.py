"""Smaller tables by another form: of low rank, or hashed into two, as settings that are written into the cell."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from keras import ops

from recmagic.compiler.cell import CellProgram, compile_spec
from recmagic.errors import ModelError
from recmagic.spec import Call, Group, Literal, Node, Spec, Statement, read, write
from recmagic.spec.vocabulary import Vocabulary


def of_low_rank(program: CellProgram, rank: int, words: Vocabulary) -> CellProgram:
    """Return a cell of its own whose tables have that rank, the nearest to what they were (Eckart & Young 1936).

    Tables that would not get smaller stay. ModelError where none would.
    """
    made = _compiled(program, "rank", rank, words)
    before = {layer.name: layer for layer in program.layers}
    after = {layer.name: layer for layer in made.layers}
    for name, layer in after.items():
        factor = after.get(name.removesuffix("-embedding") + "-factor")
        if name not in before:
            continue
        for source, variable in zip(before[name].variables, layer.variables):
            value = np.array(ops.convert_to_numpy(source.value))
            if tuple(value.shape) == tuple(variable.shape):
                variable.assign(value)
                continue
            left, sizes, right = np.linalg.svd(value, full_matrices=False)
            root = np.sqrt(sizes[:rank])
            variable.assign(left[:, :rank] * root)
            assert factor is not None
            factor.kernel.assign(root[:, None] * right[:rank])
    made.as_drawn, made.carried_over = False, program.carried_over
    return made


def hashed(program: CellProgram, rows: int, words: Vocabulary) -> CellProgram:
    """Return the cell with its tables of more than so many rows in two parts, to be trained anew; ModelError where no
    table has more."""
    return _compiled(program, "hashed", rows, words)


def _compiled(program: CellProgram, setting: str, value: int, words: Vocabulary) -> CellProgram:
    spec = read(write(_with(program.spec, setting, value)), words)
    made = compile_spec(spec, program.data, program.seed, precision=program.precision, known=program.build.made_columns)
    if made.parameters >= program.parameters:
        raise ModelError(f"No table gets smaller by {setting}={value}: this would have {made.parameters:,} numbers, and "
                         f"'{program.data.name}' needs {program.parameters:,} now.", "Choose a smaller number.")
    return made


def _with(spec: Spec, setting: str, value: int) -> Spec:
    """Return a cell in which each table wider than a rank, or each one to be hashed, says so."""
    def width(node: Any) -> Any:
        while not isinstance(node, Literal):
            node = spec.statement(node.name).value  # type: ignore[union-attr]
        return node.value

    def changed(node: Node) -> Node:
        if isinstance(node, Group):
            return replace(node, items=tuple(map(changed, node.items)))
        if not isinstance(node, Call):
            return node
        node = replace(node, arguments=tuple(map(changed, node.arguments)),
                       options=tuple((name, changed(each)) for name, each in node.options))
        if node.name not in ("embedding", "fields"):
            return node
        wide = dict(node.options).get("width") or node.arguments[node.name == "embedding"]
        if setting == "rank" and width(wide) <= value:
            return node
        others = tuple(each for each in node.options if each[0] != setting)
        return replace(node, options=(*others, (setting, Literal(value))))

    return Spec(tuple(Statement(each.name, changed(each.value)) for each in spec.statements))
