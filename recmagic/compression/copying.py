"""A copy of a compiled cell: the same layers with the same weights, which may then be changed."""

from __future__ import annotations

from recmagic.compiler.cell import CellProgram, compile_spec


def copied(program: CellProgram) -> CellProgram:
    """Return a program of its own that scores as this one does."""
    made = compile_spec(program.spec, program.data, program.seed, precision=program.precision,
                        known=program.build.made_columns)
    for variable, own in zip(made.cut.variables, program.cut.variables):
        variable.assign(own.value)
    made.as_drawn, made.carried_over = False, program.carried_over
    return made
