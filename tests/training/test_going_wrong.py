"""What a run dies of is told with what helps, and the last good weights are there: on real runs."""

import subprocess
import sys

import keras
import numpy as np
import pytest

from recmagic.backends.memory import is_out_of_memory
from recmagic.errors import TrainingError
from recmagic.model import Model
from recmagic.training.engine import Run
from recmagic.training.events import RunEnded
from tests.compiler.tiny import compiled, data
from tests.training.runs import parts, runner_of

STARS = "score = embedding(user_id, 4) @ embedding(item_id, 4)\nloss = MeanSquaredError()\noptimizer = SGD({rate})"
# A process that trains, lets itself have 1 GB more, and trains by a step of 3 GB, of which no estimate warns here.
STARVED = """
import hashlib, resource
from recmagic.errors import TrainingError
from recmagic.model import Model
from recmagic.training import train
from tests.compiler.tiny import data

CELL = "score = concat(embedding(user_id, 8), embedding(item_id, 8)) >> Dense(10000) >> Dense(1)\\nloss = BPR()\\n"

def digest():
    return hashlib.sha256(b"".join(each.tobytes() for each in model.program.cut.get_weights())).hexdigest()

train.check_size = lambda *given: None
model = Model.read(CELL + "negatives = uniform(500)", data())
model.train(epochs=1, batch=4)
before = digest()
taken = next(int(line.split()[1]) for line in open("/proc/self/status") if line.startswith("VmSize"))
resource.setrlimit(resource.RLIMIT_AS, (1024 * taken + 10**9, resource.RLIM_INFINITY))
try:
    model.train(epochs=1, batch="all")
except TrainingError as error:
    print(error.message, before, digest(), sep="\\n")
resource.setrlimit(resource.RLIMIT_AS, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
print(model.train(epochs=1, batch=4).reason)
"""
# Above what any machine's addresses reach, so that every allocator refuses it, on any device.
HUGE = 2**50


class Explode(keras.callbacks.Callback):
    def __init__(self, epoch):
        super().__init__()
        self.at = epoch

    def on_epoch_begin(self, epoch, logs=None):
        if epoch + 1 == self.at:
            self.model.optimizer.learning_rate = 1e38


def weights(model):
    return [np.array(each) for each in model.program.cut.get_weights()]


def finite(model):
    return all(np.isfinite(each).all() for each in weights(model))


def test_a_rate_that_explodes_leaves_the_best_epoch():
    model = Model.read(STARS.format(rate=0.01), data(), name="mine")
    with pytest.raises(TrainingError, match="of epoch 4; the last good weights are kept") as caught:
        model.train(epochs=6, batch=16, callbacks=[Explode(4)])
    assert "smaller learning rate" in caught.value.hint and "clipnorm" in caught.value.hint
    assert model.history.reason == "nan" and len(model.history.epochs) == 3 and finite(model)


def test_weights_that_explode_in_the_last_step_are_not_kept():
    with pytest.raises(TrainingError, match="became NaN"):
        Model.read(STARS.format(rate="1e39"), data()).train(epochs=1, batch="all")


def test_where_nothing_is_watched_the_last_good_epoch_is_kept():
    program = compiled(STARS.format(rate=0.01))
    runner, after = runner_of(program), []
    arrays, examples = parts(program, 16)
    runner.begin(arrays)

    def told(event):
        if hasattr(event, "metrics"):
            after.append([np.array(each) for each in program.cut.get_weights()])
            if event.epoch == 2:
                for each in program.cut.trainable_variables:
                    each.assign(each.value * 1e30)

    with pytest.raises(TrainingError, match="NaN"):
        Run(runner, examples, 0, dict, True, lambda: [np.array(each) for each in program.cut.get_weights()],
            program.cut.set_weights, told).train(5, None)
    assert len(after) == 2 and all(map(np.array_equal, program.cut.get_weights(), after[1]))


def without_memory(*given):
    """What a runner does when its device has no memory left: the framework's own error."""
    keras.ops.convert_to_numpy(keras.ops.zeros(HUGE) + 1)


@pytest.mark.parametrize("verb", ["begin", "run"])
def test_a_device_without_memory_is_told_with_what_helps(monkeypatch, verb):
    model, told = Model.read(STARS.format(rate=0.01), data()), []
    model.train(epochs=1, batch=16)
    before, runner = weights(model), model._training._runners[None]
    monkeypatch.setattr(runner, verb, without_memory)
    with pytest.raises(TrainingError, match="ran out of memory; the last good weights are kept") as caught:
        model.train(epochs=2, batch=16, listen=told.append)
    assert all(each in caught.value.hint for each in ("--batch", "width", "--precision"))
    assert is_out_of_memory(caught.value.__cause__)
    assert verb == "begin" or (isinstance(told[-1], RunEnded) and told[-1].reason == "memory")
    assert model.trained and all(map(np.array_equal, before, weights(model)))
    monkeypatch.undo()
    assert model.train(epochs=2, batch=16).reason == "finished"


@pytest.mark.skipif(keras.backend.backend() != "jax" or not sys.platform.startswith("linux"), reason="a sample")
def test_a_step_that_finds_no_memory_is_told_and_the_model_works_on():
    done = subprocess.run([sys.executable, "-c", STARVED], capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr[-3000:]
    error, before, after, again = done.stdout.splitlines()
    assert error.startswith("The device ran out of memory; the last good weights are kept.")
    assert before == after and again == "finished"


def test_any_other_error_keeps_its_own():
    assert not is_out_of_memory(ValueError("a batch of 3"))
