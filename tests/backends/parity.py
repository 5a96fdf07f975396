"""A script: what one backend makes of the cells, as numbers in a file, to be compared with what another makes of them.

`KERAS_BACKEND=torch python -m tests.backends.parity OUT.npz [WEIGHTS.npz]`: losses, gradients, scores, batches, and
trainings. With the OUT of another backend, its trained weights are scored.
"""

import hashlib
import sys
import traceback
from dataclasses import replace

import keras
import numpy as np

from recmagic import backends
from recmagic.compiler.scorer import CutScorer
from recmagic.data.split import TRAIN
from tests.backends.cells import DRAWING, TRAINED, cells
from tests.compiler.tiny import USERS, compiled
from tests.training.runs import batches, parts, run, runner_of

BATCH, SEED, DEVIATION = 24, 5, 0.5


def main(out, given=None):
    """Write what this backend makes of every cell; of one that fails, the error."""
    found = {}
    for name, cell in cells().items():
        _note(found, name, lambda name=name, cell=cell: of_cell(name, cell))
    trained = dict(np.load(given)) if given else None
    for name, cell in TRAINED.items():
        _note(found, f"trained: {name}", lambda name=name, cell=cell: of_training(f"trained: {name}", cell, trained))
    np.savez(out, **found)


def _note(found, name, make):
    try:
        made = make()
    except Exception:
        made = {"error": np.array(traceback.format_exc())}
    found.update({f"{name}|{key}": value for key, value in made.items()})


def of_cell(name, cell):
    """The loss and gradients of a batch, the state after it, the scores, and the hash of two epochs' batches."""
    program = shaken(cell)
    found = {"batches": np.array(hashed(program))}
    if name.startswith("layers"):
        found["scores"] = scores(program)
    return found if name in DRAWING else found | step(program)


def shaken(cell):
    """A compiled cell with weights drawn by numpy in the order of their paths."""
    program = compiled(cell)
    random = np.random.default_rng(SEED)
    paths = weights(program, program.cut.trainable_variables)
    assert len(paths) == len(program.cut.trainable_variables)
    put(program, {path: random.normal(0, DEVIATION, value.shape) for path, value in sorted(paths.items())})
    return program


def weights(program, variables):
    return {each.path: np.asarray(each).copy() for each in variables}


def put(program, values):
    for variable in program.cut.variables:
        if variable.path in values:
            variable.assign(values[variable.path])


def step(program):
    """One step of plain descent at rate 1, so that a gradient is a weight before less the weight after."""
    program.learning = replace(program.learning, optimizer=lambda: keras.optimizers.SGD(1.0))
    before = weights(program, program.cut.trainable_variables)
    arrays, examples = parts(program, BATCH)
    batch = batches(examples, 1, SEED)[0]
    runner = runner_of(program)
    runner.begin(arrays)
    losses = runner.run(runner.place({name: value[None] for name, value in batch.items()}), 0, 1)
    runner.publish()
    after = weights(program, program.cut.trainable_variables)
    state = weights(program, [each for each in program.cut.non_trainable_variables if each.dtype == "float32"])
    return ({"loss": keras.ops.convert_to_numpy(losses)[0]}
            | {f"gradient of {path}": before[path] - after[path] for path in before}
            | {f"state of {path}": value for path, value in state.items()})


def hashed(program):
    """A hash of the order and the negatives of two epochs."""
    _, examples = parts(program, BATCH)
    total = hashlib.sha256()
    for batch in batches(examples, 2, SEED):
        for name in sorted(batch):
            total.update(f"{name} {batch[name].dtype} {batch[name].shape}".encode() + batch[name].tobytes())
    return total.hexdigest()


def scores(program):
    """The scores of all users and items, in the context of the first of each kind where one is asked for."""
    rows = np.arange(USERS + 1, dtype=np.int32)
    context = {table: np.ones(len(rows), program.cut.tables[table].values.dtype) for table in program.context_columns}
    scorer = CutScorer(program.functions, backends.current(), program.data, [TRAIN], context or None)
    return keras.ops.convert_to_numpy(scorer.score(rows))[:, 1:]


def of_training(name, cell, others):
    """The losses of two epochs and the weights after them; the scores of these, or of another backend's weights."""
    program = shaken(cell)
    losses = run(program, 2, BATCH, SEED)
    found = {f"weights of {path}": value for path, value in weights(program, program.cut.variables).items()}
    if others:
        prefix = f"{name}|weights of "
        put(program, {key.removeprefix(prefix): value for key, value in others.items() if key.startswith(prefix)})
    return found | {"losses": np.array(losses), "scores": scores(program)}


if __name__ == "__main__":
    main(*sys.argv[1:])
