"""What the live view, a listener and a Keras callback cost: epochs with them against epochs in one stretch without.

python progress.py WORK EPOCHS     prints one line of JSON with the share of an epoch that they cost

Runs with and without take turns in one process; the share is the median of the ratios of neighbours.
"""

import os
import statistics
import time

os.environ.setdefault("KERAS_BACKEND", "jax")

import keras
from data import WORKS
from devices import device
from recmagic_train import CELLS, dataset
from telling import asked, tell

from recmagic import Model
from recmagic.training import engine
from recmagic.training.events import EpochEnded, Event
from recmagic.widgets.progress import progress

TURNS = 7


class Clock:
    """A listener that notes when epochs end, and passes events on to a view, if there is one."""

    def __init__(self, view=None) -> None:
        self.view, self.ended = view, []

    def __call__(self, event: Event) -> None:
        if self.view is not None:
            self.view(event)
        if isinstance(event, EpochEnded):
            self.ended.append(time.perf_counter())

    @property
    def seconds(self) -> float:
        """The median time from the end of one epoch to that of the next."""
        return statistics.median(after - before for before, after in zip(self.ended, self.ended[1:]))


def main() -> None:
    _, epochs, _ = asked()
    work = WORKS["bpr-1m"]
    model = Model.read(CELLS[work.model], dataset(work))
    usual, ratios, seconds = engine.CHUNK_SECONDS, [], []
    for _ in range(TURNS):
        bare, told = Clock(), Clock(progress("training", live=True))
        callback = keras.callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: None)
        for clock, stretch, callbacks in ((bare, 1e9, []), (told, usual, [callback])):
            engine.CHUNK_SECONDS = stretch
            model.train(epochs=epochs + 1, batch=work.batch, patience=None, callbacks=callbacks, listen=clock)
        ratios.append(told.seconds / bare.seconds)
        seconds.append(told.seconds)
    tell(1, seconds, ["keras", "jax", "ipywidgets"], device("jax"), share=statistics.median(ratios) - 1,
         note=f"neighbours from {100 * min(ratios) - 100:.1f} to {100 * max(ratios) - 100:.1f} %")


if __name__ == "__main__":
    main()
