"""A run of the engine over a compiled cell with nothing watched, so that it ends with the last epoch's weights."""

import numpy as np

from recmagic import backends
from recmagic.backends.protocol import Runner
from recmagic.compiler.program import Program
from recmagic.training.engine import Run
from recmagic.training.events import EpochEnded
from recmagic.training.examples import parts as made_ready
from recmagic.training.examples import training_arrays
from recmagic.training.objective import Objective
from recmagic.training.sampler import Sampler


def run(program: Program, epochs: int, batch: int | str, seed: int = 0) -> list[float]:
    """Train a program and return the loss of each epoch."""
    arrays, examples = parts(program, batch)
    runner = runner_of(program)
    runner.begin(arrays)
    losses = []
    Run(runner, examples, seed, dict, True, program.cut.get_weights, program.cut.set_weights,
        lambda event: losses.append(event.loss) if isinstance(event, EpochEnded) else None).train(epochs, None)
    return losses


def runner_of(program: Program) -> Runner:
    """The runner that training would use."""
    return backends.current().runner(Objective(program.cut, program.learning), program.cut, program.make_optimizer)


def parts(program: Program, batch: int | str) -> tuple[dict[str, np.ndarray], Sampler]:
    """The arrays and the sampler that training would use."""
    return made_ready(program.cut, program.learning, program.data, batch, program.seed)


def batches(examples: Sampler, epochs: int, seed: int = 0) -> list[dict[str, np.ndarray]]:
    """The batches of some epochs in the order in which the engine takes them."""
    random = np.random.default_rng(seed)
    return [
        {name: array[step] for name, array in block.batches.items()}
        for _ in range(epochs) for block in examples.blocks(random) for step in range(block.steps)
    ]


def objective(program: Program, batch: dict[str, np.ndarray]) -> float:
    """The value that a step minimises, for one batch and the weights as they stand."""
    arrays = backends.current().place(training_arrays(program.cut, program.learning, program.data))
    compiled = backends.current().compiled(Objective(program.cut, program.learning), program.cut.variables)
    return float(compiled(arrays, backends.current().place(batch)))
