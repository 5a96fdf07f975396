"""Keras callbacks are called as `fit` calls them, what they change takes effect, and the others are refused."""

import csv

import keras
import numpy as np
import pytest

from recmagic.errors import ModelError, TrainingError
from recmagic.model import Model
from recmagic.training import callbacks as ours
from recmagic.training.engine import Run
from recmagic.training.events import EpochEnded
from tests.compiler.tiny import data
from tests.training.brought import COMPILED, TABLE, brought, feed, net, values
from tests.training.runs import parts, runner_of

EPOCHS, BATCH = 3, 48
known = keras.callbacks
LOSS, TARGET = keras.losses.BinaryCrossentropy(), "at_least(rating, 4)"
FACTORS = "score = embedding(user_id, 4) @ embedding(item_id, 4)\nloss = BPR()\noptimizer = Adam(0.05)"


class Recorder(known.Callback):
    """Writes down every moment with its number, the learning rate there, and the loss it was told."""

    def __init__(self, batches=False):
        super().__init__()
        self.told = []
        if batches:
            self.on_train_batch_begin = lambda number, logs=None: self.note("batch begins", number, logs)
            self.on_train_batch_end = lambda number, logs=None: self.note("batch ends", number, logs)

    def note(self, moment, number, logs):
        rate = float(keras.ops.convert_to_numpy(self.model.optimizer.learning_rate))
        self.told.append((moment, number, round(rate, 7), sorted(logs or {})))
        self.losses = [*getattr(self, "losses", []), *([logs["loss"]] if logs and "loss" in logs else [])]

    def on_train_begin(self, logs=None):
        self.note("training begins", None, logs)

    def on_train_end(self, logs=None):
        self.note("training ends", None, None)

    def on_epoch_begin(self, epoch, logs=None):
        self.note("epoch begins", epoch, logs)

    def on_epoch_end(self, epoch, logs=None):
        self.note("epoch ends", epoch, {key: logs[key] for key in logs if key in ("loss", "learning_rate")})

    def on_test_begin(self, logs=None):
        self.note("validation begins", None, logs)

    def on_test_end(self, logs=None):
        self.note("validation ends", None, None)


def engine(program, made, validate=dict):
    """Train with callbacks and no watched metric; return why it ended and the events."""
    arrays, examples = parts(program, BATCH)
    runner, events = runner_of(program), []
    runner.begin(arrays)
    run = Run(runner, examples, 0, validate, True, program.cut.get_weights, program.cut.set_weights, events.append,
              moments=ours.moments(made, program, runner))
    return run.train(EPOCHS, None), events


def both(make, optimizer=lambda: keras.optimizers.SGD(0.1)):
    """Train the same model by us and by `fit`, each with its own callbacks; return both models and callbacks."""
    mine, theirs = net(), net()
    program = brought(mine, optimizer=optimizer(), loss=LOSS, target=TARGET)
    given, steps = feed(program, EPOCHS, BATCH)
    theirs.compile(optimizer(), LOSS, jit_compile=COMPILED)
    first, second = make(), make()
    columns = {name: np.arange(4) for name in ("user_id", "item_id")}
    theirs.fit(given, epochs=EPOCHS, steps_per_epoch=steps, shuffle=False, verbose=0, callbacks=second,
               validation_data=(columns, np.ones((4, 1))))
    engine(program, first)
    return mine, theirs, first, second


def same(mine, theirs):
    for weight, expected, variable in zip(values(mine), values(theirs), mine.variables):
        np.testing.assert_allclose(weight, expected, atol=1e-5, err_msg=variable.path)


class Halved(known.Callback):
    """At a batch or an epoch, halves weights through the model or sets the learning rate; stops where it is told."""

    def __init__(self, stop=None):
        super().__init__()
        self.stop, self.seen = stop, 0

    def on_train_batch_end(self, batch, logs=None):
        self.seen += 1
        if batch == 1:
            self.model.set_weights([each / 2 for each in self.model.get_weights()])
        if self.seen == self.stop:
            self.model.stop_training = True


class HalvedByEpoch(known.Callback):
    """Halves the weights at the end of every epoch but the last."""

    def on_epoch_end(self, epoch, logs=None):
        if epoch < EPOCHS - 1:
            self.model.set_weights([each / 2 for each in self.model.get_weights()])


SAME = {
    "rates by epoch": lambda: [known.LearningRateScheduler(lambda epoch, rate: rate / (epoch + 1))],
    "rates on a plateau": lambda: [known.ReduceLROnPlateau("loss", factor=0.1, patience=1, min_delta=10.0)],
    "weights by epoch": lambda: [HalvedByEpoch()],
    "weights by batch": lambda: [Halved()],
    "a stop by batch": lambda: [Halved(stop=6)],
    "a stop by epoch": lambda: [known.EarlyStopping("loss", min_delta=10.0, patience=1)],
    "the best weights": lambda: [known.EarlyStopping("loss", mode="max", patience=1, restore_best_weights=True)],
}


@pytest.mark.parametrize("name, batches", [*((name, True) for name in SAME), ("rates by epoch", False)])
def test_moments_rates_and_weights_are_those_of_fit(name, batches):
    mine, theirs, first, second = both(lambda: [*SAME[name](), Recorder(batches)])
    assert first[-1].told == second[-1].told
    assert {moment for moment, *_ in first[-1].told} >= {"training begins", "epoch ends", "validation ends"}
    np.testing.assert_allclose(first[-1].losses, second[-1].losses, rtol=1e-4)
    same(mine, theirs)


@pytest.mark.parametrize("by_epoch", [False, True])
def test_averages_are_swapped_in_as_in_fit(by_epoch):
    def make():
        seen = []

        def weights(logs=None):
            seen.append(model_of(made).get_weights()[0])

        def weights_then(epoch, logs=None):
            weights()

        made = [known.SwapEMAWeights(by_epoch), known.LambdaCallback(on_epoch_end=weights_then, on_train_end=weights)]
        made[1].seen = seen
        return made

    def model_of(made):
        return made[0].model

    mine, theirs, first, second = both(
        make, lambda: keras.optimizers.SGD(0.1, momentum=0.9, use_ema=True, ema_momentum=0.5))
    same(mine, theirs)
    for found, expected in zip(first[1].seen, second[1].seen, strict=True):
        np.testing.assert_allclose(found, expected, atol=1e-5)


class LooksOn(known.Callback):
    """Reaches for the model where validation begins."""

    def on_test_begin(self, logs=None):
        self.model.get_weights()


def test_without_a_swap_callbacks_see_the_weights_and_validation_their_averages():
    seen = {}
    model = net()
    program = brought(model, optimizer=keras.optimizers.SGD(0.5, use_ema=True), loss=LOSS, target=TARGET)

    def validate():
        seen["averages"] = values(model)[0]
        return {}

    def ended(epoch, logs):
        seen["weights"] = values(model)[0]

    engine(program, [LooksOn(), known.LambdaCallback(on_epoch_end=ended)], validate)
    assert np.abs(seen["weights"] - seen["averages"]).max() > 0.01
    np.testing.assert_array_equal(values(model)[0], seen["averages"])


def cell(**options):
    model = Model.read(FACTORS, data(), name="mine")
    history = model.train(**{"epochs": EPOCHS, "batch": 64, "patience": None, **options})
    return model, history


def test_validation_metrics_stand_in_the_logs(tmp_path):
    path = tmp_path / "log.csv"
    _, history = cell(callbacks=[known.LearningRateScheduler(lambda epoch: 0.01), known.CSVLogger(path)])
    rows = list(csv.DictReader(path.open()))
    assert [row["epoch"] for row in rows] == ["0", "1", "2"]
    for row, told in zip(rows, history.epochs):
        assert float(row["val_ndcg@10"]) == told["ndcg@10"] and float(row["loss"]) == told["loss"]
        assert float(row["learning_rate"]) == pytest.approx(0.01)


def test_a_metric_of_ours_is_watched_in_its_own_direction():
    stops = known.EarlyStopping("val_ndcg@10", patience=1, min_delta=1.0)
    _, history = cell(callbacks=[stops])
    assert history.reason == "stopped" and len(history.epochs) == 2 and stops.mode == "max"
    rmse = Model.read("score = bias(user_id) + bias(item_id)\nloss = MeanSquaredError()", data())
    stops = known.EarlyStopping("val_rmse", patience=1, min_delta=10.0)
    assert rmse.train(epochs=3, callbacks=[stops]).reason == "stopped" and stops.mode == "min"


def test_weights_are_written_and_read_again(tmp_path):
    path = str(tmp_path / "epoch_{epoch}.weights.h5")
    model, history = cell(callbacks=[known.ModelCheckpoint(path, save_weights_only=True)])
    assert sorted(each.name for each in tmp_path.iterdir()) == [f"epoch_{number}.weights.h5" for number in (1, 2, 3)]
    best = values(model.program.cut)
    whole = ours.Whole(model.program.cut)
    for each in model.program.cut.variables:
        each.assign(np.zeros(each.shape))
    whole.load_weights(path.format(epoch=history.best_epoch))
    for weight, expected in zip(values(model.program.cut), best):
        np.testing.assert_array_equal(weight, expected)


def test_the_end_of_training_has_the_last_word_on_the_weights():
    def zeros(logs):
        callback.model.set_weights([np.zeros_like(each) for each in callback.model.get_weights()])

    callback = known.LambdaCallback(on_train_end=zeros)
    model, _ = cell(callbacks=[callback])
    assert all((each == 0).all() for each in values(model.program.cut))


def test_the_best_weights_are_there_when_training_ends():
    seen = []
    callback = known.LambdaCallback(on_train_end=lambda logs: seen.extend(callback.model.get_weights()))
    model, history = cell(callbacks=[callback], epochs=12, batch=16)
    assert history.best_epoch < 12  # or the test would prove nothing
    for found, expected in zip(seen, values(model.program.cut), strict=True):
        np.testing.assert_array_equal(keras.ops.convert_to_numpy(found), expected)


def exploding():
    return Model.read(FACTORS.replace("BPR()", "MeanSquaredError()").replace("Adam(0.05)", "SGD(1e30)"), data())


def test_a_nan_that_a_callback_takes_in_hand_is_no_error():
    ended, batches = [], []
    last = known.LambdaCallback(on_train_end=ended.append,
                                on_train_batch_end=lambda batch, logs: batches.append(logs["loss"]))
    history = exploding().train(epochs=5, batch=32, callbacks=[known.TerminateOnNaN(), last])
    assert history.reason == "nan" and len(ended) == 1 and [*map(np.isfinite, batches)] == [True, False]
    with pytest.raises(TrainingError, match="NaN"):
        exploding().train(epochs=5, batch=32, callbacks=[last])


def test_losses_alone_do_not_cut_the_chunks(monkeypatch):
    monkeypatch.setattr("recmagic.training.engine.FIRST_STEPS", 100)
    told = []
    cell(callbacks=[known.TerminateOnNaN()], listen=told.append, batch=16)
    chunks = [each for each in told if type(each).__name__ == "Progress"]
    cell(callbacks=[Halved()], listen=told.append, batch=16)
    steps = [each for each in told if type(each).__name__ == "Progress"][len(chunks) :]
    assert len(steps) == 3 * 11 > len(chunks)


def test_a_run_that_goes_on_tells_its_callbacks_where_it_is():
    class Flag:
        up = False

        def is_set(self):
            return self.up

    stop = Flag()

    def ended(event):
        stop.up = isinstance(event, EpochEnded)

    model, _ = cell(stop=stop, listen=ended)
    stop.up = False
    recorder = Recorder()
    schedule = known.LearningRateScheduler(lambda epoch, rate: rate / 2)
    model.train(resume=True, callbacks=[schedule, recorder])
    epochs = [(number, rate) for moment, number, rate, _ in recorder.told if moment == "epoch begins"]
    assert epochs == [(1, 0.025), (2, 0.0125)]


def test_the_model_gets_its_own_optimizer_back():
    model = net()
    model.compile("sgd", LOSS)
    own = model.optimizer
    wrapped = Model(model, data(), target=TARGET)
    seen = []

    def begun(logs):
        seen.append(model.optimizer)

    wrapped.train(epochs=1, callbacks=[known.LambdaCallback(on_train_begin=begun)])
    assert seen[0] is not own and model.optimizer is own and "jax_state_sync" not in vars(model)

    def fails(logs):
        raise ValueError("of the user's own")

    with pytest.raises(ValueError, match="of the user's own"):
        wrapped.train(epochs=1, callbacks=[known.LambdaCallback(on_train_begin=fails)])
    assert model.optimizer is own and "jax_state_sync" not in vars(model)


class OfValidationBatches(known.Callback):
    def on_test_batch_end(self, batch, logs=None):
        pass


class Calls(known.Callback):
    def on_epoch_end(self, epoch, logs=None):
        self.model(np.zeros(1))


@pytest.mark.parametrize("callback, message", [
    (lambda: known.BackupAndRestore("folder"), "BackupAndRestore cannot .* resume=True"),
    (lambda: known.ModelCheckpoint("model.keras"), "ModelCheckpoint cannot .* save_weights_only=True"),
    (lambda: known.EarlyStopping(), "watches 'val_loss', .* There are loss, val_ndcg@10"),
    (lambda: known.ReduceLROnPlateau("val_ndgc@10"), "Did you mean val_ndcg@10"),
    (lambda: known.SwapEMAWeights(), "SwapEMAWeights cannot .* use_ema=True"),
    (lambda: known.CallbackList([]), "CallbackList cannot"),
    (lambda: OfValidationBatches(), "OfValidationBatches cannot .* on_epoch_end"),
    (lambda: print, "is no Callback of Keras"),
])
def test_what_cannot_work_is_refused_before_it_starts(callback, message):
    told = []
    with pytest.raises(TrainingError, match=f"(?s){message}"):
        cell(callbacks=[callback()], listen=told.append)
    assert told == []


def test_a_list_is_needed():
    with pytest.raises(TrainingError, match="callbacks takes a list, not CSVLogger"):
        cell(callbacks=known.CSVLogger("path"))


@pytest.mark.parametrize("callback", ["TensorBoard", "RemoteMonitor", "OrbaxCheckpoint"])
def test_what_needs_a_package_that_is_not_here_is_refused(callback, monkeypatch):
    monkeypatch.setattr(ours, "find_spec", lambda name: None)
    made = object.__new__(getattr(known, callback))
    with pytest.raises(TrainingError, match=f"{callback} cannot be used here"):
        cell(callbacks=[made])


def test_a_rate_of_two_masters_is_refused():
    scheduled = FACTORS.replace("Adam(0.05)", "Adam(CosineDecay(0.05, 10))")
    with pytest.raises(TrainingError, match="a schedule of its own"):
        Model.read(scheduled, data()).train(callbacks=[known.LearningRateScheduler(lambda epoch: 0.1)])


def test_the_model_of_a_cell_cannot_be_called():
    with pytest.raises(ModelError, match="two towers and a head"):
        cell(callbacks=[Calls()])


def test_a_brought_model_may_be_saved_whole(tmp_path):
    model = net()
    wrapped = Model(model, data(), loss=LOSS, target=TARGET)
    wrapped.train(epochs=1, callbacks=[known.ModelCheckpoint(tmp_path / "whole.keras")])
    again = keras.saving.load_model(tmp_path / "whole.keras", {TABLE.__name__: TABLE})
    given = {name: np.arange(4) for name in ("user_id", "item_id")}
    np.testing.assert_allclose(again.predict(given, verbose=0), model.predict(given, verbose=0), atol=1e-6)
