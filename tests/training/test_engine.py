"""What a run keeps: the best epoch by a metric that is a number, and no more epochs than patience allows."""

import math

import numpy as np
import pytest

from recmagic.training.engine import Pace, Run
from recmagic.training.events import Compiled, EpochEnded, RunEnded
from tests.compiler.tiny import compiled
from tests.training.runs import parts, runner_of

FACTORS = "score = embedding(user_id, 2) @ embedding(item_id, 2)\nloss = BPR()\noptimizer = Adam(0.05)"


def run(metrics, higher=True, patience=None):
    """Train for as many epochs as there are metrics; return the run, what it told, and the weights of each epoch."""
    program = compiled(FACTORS)
    arrays, examples = parts(program, 64)
    runner, told, seen = runner_of(program), [], []
    runner.begin(arrays)

    def validate():
        seen.append(program.cut.get_weights())
        return {"watched": metrics[len(seen) - 1]}

    made = Run(runner, examples, 0, validate, higher, program.cut.get_weights, program.cut.set_weights, told.append)
    reason = made.train(len(metrics), patience)
    return reason, told, seen, program.cut.get_weights()


def equal(first, second):
    return all((a == b).all() for a, b in zip(first, second))


@pytest.mark.parametrize("metrics, higher, best", [
    ([0.1, 0.3, 0.2], True, 2),
    ([0.1, 0.3, 0.2], False, 1),
    ([0.2, 0.2, 0.1], True, 1),
    ([math.nan, 0.2, 0.1], True, 2),
    ([0.1, math.nan, 0.2], True, 3),
    ([math.nan, math.nan], True, None),
])
def test_the_best_epoch_is_kept_and_nan_is_never_it(metrics, higher, best):
    reason, told, seen, final = run(metrics, higher)
    assert reason == "finished" and told[-1].best_epoch == best
    assert equal(final, seen[(best or len(metrics)) - 1])
    assert not equal(seen[0], seen[1])


def test_patience_counts_epochs_since_the_best():
    reason, told, seen, _ = run([0.3, 0.1, 0.2, 0.4, 0.5], patience=2)
    assert reason == "patience" and len(seen) == 3
    assert told[-1] == RunEnded("patience", 3, 1, told[-1].seconds)
    assert [each.best for each in told if isinstance(each, EpochEnded)] == [True, False, False]


def test_each_shape_of_batch_compiles_once():
    _, told, _, _ = run([0.1, 0.2])
    assert len([each for each in told if isinstance(each, Compiled)]) == 2  # whole batches, and the short last one


def test_a_chunk_lasts_a_quarter_of_a_second():
    pace = Pace()
    pace.learn(10, 1.0)
    assert pace.steps == 2
    pace.learn(10, 0.01)
    assert pace.steps == 250
    pace.learn(1, 100.0)
    assert pace.steps == 1
    assert np.isfinite(pace.steps)
