"""Keras callbacks in a run of the engine: called at the moments of `fit`, or refused before it starts, with the reason.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib.util import find_spec
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from recmagic.backends.protocol import Runner
from recmagic.compiler.cut import Cut
from recmagic.compiler.program import Program
from recmagic.errors import ModelError, TrainingError, did_you_mean

known = keras.callbacks
REFUSED = {
    "BackupAndRestore": ("brings back a run of fit from its files", "Stop the run, and go on with resume=True."),
    "OrbaxCheckpoint": ("writes the state of Keras's own training loop",
                        "Take ModelCheckpoint(path, save_weights_only=True)."),
}
LOOK_AT_LOSSES = (known.TerminateOnNaN, known.ProgbarLogger)  # what is told after a chunk is all that they want
OF_BATCHES = ("on_train_batch_begin", "on_train_batch_end", "on_batch_begin", "on_batch_end")
OF_VALIDATION_BATCHES = ("on_test_batch_begin", "on_test_batch_end")


class Whole(keras.Model):
    """The towers and the head of a cell as one Keras model: its weights, and the optimizer while it is trained."""

    def __init__(self, cut: Cut) -> None:
        super().__init__(name="cell")
        self.cut = cut
        self.built = True

    def call(self, *_: Any) -> Any:
        """Refuse to be called: a cell's model has no one input."""
        raise ModelError("A callback cannot call the Keras model of a cell: it is two towers and a head.",
                         "The validation metrics are in its logs, as val_ndcg@10.")


class Moments:
    """The callbacks of one run, and whether they ask it to stop. Their epochs and batches count from 0, as in `fit`.

    They see the weights themselves, not their averages; what they assign to variables becomes part of the training.
    A callback that has something to do at each batch makes every chunk one step long.
    """

    def __init__(self, callbacks: Sequence[Any] = (), model: Any = None, runner: Runner | None = None) -> None:
        self.callbacks, self.model, self.runner = list(callbacks), model, runner
        self.averaged = not any(isinstance(each, known.SwapEMAWeights) for each in callbacks)
        of_batches = [each for each in callbacks if any(_overrides(each, name) for name in OF_BATCHES)]
        self.of_batches = bool(of_batches)
        self.every_step = not all(isinstance(each, LOOK_AT_LOSSES) for each in of_batches)
        self.logs: dict[str, float] = {}
        self._synced = False
        self._former: Any = None

    @property
    def stopping(self) -> bool:
        """Whether a callback has set `model.stop_training`."""
        return bool(self.callbacks) and bool(self.model.stop_training)

    def train_begin(self, epochs: int, steps: int) -> None:
        """Give the callbacks their model, with the optimizer of the run, and tell them that training begins."""
        if not self.callbacks:
            return
        assert self.runner is not None
        self._former = vars(self.model).get("optimizer")
        self.model.optimizer, self.model.stop_training = self.runner.optimizer, False
        # On JAX, Keras asks for this where a callback reaches for its model: steps do not write into the variables.
        self.model.jax_state_sync = self._sync
        self._sync()
        for each in self.callbacks:
            each.set_params({"verbose": 1, "epochs": epochs, "steps": steps})
            each.set_model(self.model)
        self._tell("on_train_begin", logs={})

    def epoch_begin(self, epoch: int) -> None:
        """Tell that an epoch (from 1) begins."""
        self._tell("on_epoch_begin", epoch - 1, logs={})

    def batch_begin(self, step: int) -> None:
        """Tell that a step (from 0) begins, where the callbacks want to know it then."""
        if self.every_step:
            self._tell("on_train_batch_begin", step, logs={})

    def batches_end(self, first: int, means: NDArray[np.float64]) -> None:
        """Tell that steps have ended, with the mean loss of the epoch up to each of them."""
        self._synced = False
        if self.of_batches:
            for step, mean in enumerate(means.tolist(), start=first):
                self._tell("on_train_batch_end", step, logs={"loss": mean})
                if self.stopping:
                    break

    def test_begin(self) -> None:
        """Tell that validation begins, of the weights as they have just been published."""
        self._synced = True
        self._tell("on_test_begin", logs={})

    def test_end(self, metrics: dict[str, float]) -> None:
        """Tell that validation has ended."""
        self._tell("on_test_end", logs=dict(metrics))

    def epoch_end(self, epoch: int, loss: float, metrics: dict[str, float]) -> None:
        """Tell that an epoch (from 1) has ended; the validation metrics stand in the logs as `val_` and their name."""
        self._synced = False
        if self.callbacks:
            self._sync()
        self.logs = {"loss": loss} | {f"val_{name}": value for name, value in metrics.items()}
        self._tell("on_epoch_end", epoch - 1, logs=self.logs)

    def train_end(self) -> None:
        """Tell that training has ended, and give the model its own optimizer back."""
        self._synced = True  # it has its final weights
        self._tell("on_train_end", logs=self.logs)
        self.close()

    def close(self) -> None:
        """Take back what the model was lent, however the run ended."""
        if not self.callbacks or "jax_state_sync" not in vars(self.model):
            return
        del self.model.jax_state_sync, self.model.optimizer
        if self._former is not None:
            self.model.optimizer = self._former

    def _tell(self, moment: str, *number: int, logs: dict[str, float]) -> None:
        for each in self.callbacks:
            getattr(each, moment)(*number, logs)

    def _sync(self) -> None:
        """Have the weights themselves in the variables."""
        if not self._synced and self.runner is not None:
            self.runner.publish(averaged=False)
            self._synced = True


def moments(callbacks: Sequence[Any], program: Program, runner: Runner) -> Moments:
    """Return the callbacks of a run with the Keras model that they are given."""
    if not callbacks:
        return Moments()
    own = program.keras_model
    return Moments(callbacks, Whole(program.cut) if own is None else own, runner)


def check_callbacks(callbacks: Any, program: Program, metrics: dict[str, bool]) -> None:
    """Refuse callbacks that could not do their work here; `metrics` says of each one whether higher is better.

    One that watches a metric of ours in the mode "auto" is told which way is better.
    """
    if not isinstance(callbacks, (list, tuple)):
        raise TrainingError(f"callbacks takes a list, not {type(callbacks).__name__}.",
                            "Write callbacks=[keras.callbacks.CSVLogger(path)].")
    for each in callbacks:
        reason = _reason(each, program)
        if reason is not None:
            raise TrainingError(f"{type(each).__name__} cannot be used here: it {reason[0]}.", reason[1])
    logs = {"loss": False} | {f"val_{name}": higher for name, higher in metrics.items()}
    only_keras = all(type(each).__module__.startswith("keras.") for each in callbacks)
    for each in callbacks:
        if hasattr(each, "monitor_op") and getattr(each, "save_best_only", True):
            if only_keras and each.monitor not in (*logs, "learning_rate"):
                hint = did_you_mean(each.monitor, logs)
                raise TrainingError(f"{type(each).__name__} watches '{each.monitor}', which is not measured here.",
                                    f"{hint} There are {', '.join(logs)}.".strip())
            if each.mode == "auto" and each.monitor in logs:
                each.mode = "max" if logs[each.monitor] else "min"


def _reason(callback: Any, program: Program) -> tuple[str, str] | None:
    """Return why a callback cannot be used and what to do instead, None where it can."""
    name = type(callback).__name__
    if not isinstance(callback, known.Callback):
        return "is no Callback of Keras", "Derive it from keras.callbacks.Callback."
    if isinstance(callback, known.CallbackList):
        return "is a list of callbacks itself", "Give the callbacks that it holds."
    ours = type(callback).__module__.startswith("keras.")
    if ours and name in REFUSED:
        return REFUSED[name]
    if isinstance(callback, known.TensorBoard) and not (find_spec("tensorflow") and find_spec("tensorboard")):
        return "needs the packages tensorflow and tensorboard", "Install both, or take CSVLogger(path)."
    if isinstance(callback, known.RemoteMonitor) and find_spec("requests") is None:
        return "sends with the package requests, which is not here", "Install requests."
    whole = isinstance(callback, known.ModelCheckpoint) and not callback.save_weights_only
    if whole and program.keras_model is None:
        return ("saves a whole Keras model, and a cell is more than one",
                'Write ModelCheckpoint("name.weights.h5", save_weights_only=True).')
    if not ours and any(_overrides(callback, each) for each in OF_VALIDATION_BATCHES):
        return "waits for batches of validation, which ranks users and has none", "Take on_test_end or on_epoch_end."
    return _clash(callback, program.make_optimizer())


def _clash(callback: Any, optimizer: Any) -> tuple[str, str] | None:
    """Return why a callback does not suit the optimizer."""
    inner = getattr(optimizer, "inner_optimizer", optimizer)
    each = list(getattr(inner, "optimizers", (inner,)))
    if isinstance(callback, known.SwapEMAWeights) and not any(one.use_ema for one in each):
        return "swaps in averages, which the optimizer does not keep", "Give the optimizer use_ema=True."
    if isinstance(callback, (known.LearningRateScheduler, known.ReduceLROnPlateau)):
        try:
            for one in each:
                one.learning_rate = 0.0
        except TypeError:
            return "sets the learning rate, and the optimizer has a schedule of its own", "Leave one of them out."
    return None


def _overrides(callback: Any, moment: str) -> bool:
    """Return whether a callback has something to do at a moment."""
    method = getattr(callback, moment)
    return getattr(method, "__func__", method) is not getattr(known.Callback, moment)
