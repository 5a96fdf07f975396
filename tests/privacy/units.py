"""A private step over a compiled cell, and the same step by hand: one unit after the other, in numpy."""

from dataclasses import replace

import keras
import numpy as np

from recmagic import backends
from recmagic.compiler.guarantee import Guarantee
from recmagic.privacy import Privacy
from recmagic.training.large_tables import large_tables
from recmagic.training.objective import Objective
from recmagic.training.prepared import Prepared
from recmagic.training.private import private_parts

BACKEND = backends.current()


def prepared(program, privacy=None, batch="all", **numbers) -> Prepared:
    """A run's parts, with other numbers than the guarantee's, as noise=0.0."""
    asked = privacy or Privacy(epsilon=8, noise=1.0, rows=3, delta=1e-3)
    made = private_parts(program, _Free(asked), batch, 1, BACKEND, None)
    given = {f"private/{name}": np.asarray(value, np.float32) for name, value in numbers.items()}
    return replace(made, arrays=made.arrays | given)


class _Free:
    """Asks for what a Privacy does, whatever it costs."""

    def __init__(self, asked):
        self.unit, self.clip, self.rows, self.asked = asked.unit, asked.clip, asked.rows, asked

    def guarantee(self, units, rate, steps, epochs):
        return Guarantee(0.0, 8.0, 1e-5, self.unit, units, rate, steps, self.asked.noise or 1.0, self.clip, self.rows)


def one_batch(made: Prepared, seed=0) -> dict[str, np.ndarray]:
    """The first batch of a sampler."""
    block = next(iter(made.examples.blocks(np.random.default_rng(seed))))
    return {name: each[0] for name, each in block.batches.items()}


def step(program, made: Prepared, *batches) -> list[list[np.ndarray]]:
    """What a private step on each batch takes off the weights under plain gradient descent of rate 1."""
    runner = BACKEND.runner(Objective(program.cut, program.learning), program.cut, lambda: keras.optimizers.SGD(1.0),
                            large_tables(program), None, made.clipping)
    return taken_off(program, runner, made.arrays, batches)


def by_hand(program, made: Prepared, batch) -> tuple[float, list[np.ndarray]]:
    """A length that cuts half of the units, and the same step without noise: each unit's own gradient, in numpy."""
    runner = BACKEND.runner(Objective(program.cut, program.learning), program.cut, lambda: keras.optimizers.SGD(1.0))
    units = [{name: each[place] for name, each in batch.items() if name not in ("present", "noise")}
             for place in np.flatnonzero(batch["present"])]
    slopes = [[each.astype(np.float64) for each in unit] for unit in taken_off(program, runner, made.arrays, units)]
    lengths = [np.sqrt(sum(np.sum(each**2) for each in unit)) for unit in slopes]
    clip = float(np.float32(np.median(lengths)))
    cut = [[each * min(1.0, clip / max(length, 1e-12)) for each in unit] for unit, length in zip(slopes, lengths)]
    return clip, [sum(each) / float(made.arrays["private/expected"]) for each in zip(*cut)]


def taken_off(program, runner, arrays, batches) -> list[list[np.ndarray]]:
    """What one step on each batch takes off the weights that the program has."""
    variables, found = program.cut.trainable_variables, []
    before = [np.array(each.numpy()) for each in program.cut.variables]
    for batch in batches:
        runner.begin(arrays)
        runner.run(runner.place({name: np.asarray(each)[None] for name, each in batch.items()}), 0, 1)
        start = {id(each): value for each, value in zip(program.cut.variables, before)}
        runner.publish()
        found.append([start[id(each)] - np.array(each.numpy()) for each in variables])
        runner.end()
        for variable, value in zip(program.cut.variables, before):
            variable.assign(value)
    return found
