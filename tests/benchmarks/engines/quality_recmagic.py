"""How long recmagic trains until its ndcg@10 on the test part is the goal: BPR on protocol B, or SASRec on A.

python quality_recmagic.py WORK EPOCHS     prints one line of JSON; compiling is counted, measuring is not
"""

import threading
import time
from dataclasses import dataclass

import pandas as pd
from devices import device
from protocols import EPOCHS, GOALS, TRAIN, K, read_split
from telling import asked, tell

from recmagic import Dataset, Model, backends
from recmagic.evaluation.evaluate import evaluate
from recmagic.evaluation.predictions import scorer_for
from recmagic.evaluation.selection import select_for
from recmagic.training.events import Compiled, EpochEnded, Event, Progress, RunStarted

CELLS = {
    "quality": (4096, """
score = embedding(user_id, 64) @ embedding(item_id, 64)
loss = BPR()
negatives = uniform(1)
optimizer = Adam(1e-3)
"""),
    "quality-sasrec": (128, """
item = embedding(item_id, 64)
past = history(item, 50) >> PositionEmbedding() >> TransformerBlock(causal=True, dropout=0.2) >> TransformerBlock(
    causal=True, dropout=0.2) >> LayerNormalization()
score = past @ item
loss = CategoricalCrossentropy()
negatives = catalogue()
optimizer = Adam(1e-3)
"""),
}


@dataclass
class Race:
    """Listens to a run: adds up the time from the start of each epoch to its last step, and looks at the test part."""

    model: Model
    goal: float
    stop: threading.Event
    trained: float = 0.0
    compiled: float = 0.0
    best: float = 0.0
    epoch: int = 0
    began: float = 0.0

    def __call__(self, event: Event) -> None:
        if isinstance(event, Compiled):
            self.compiled += event.seconds
        if isinstance(event, Progress) and event.step == event.steps:
            self.trained += time.perf_counter() - self.began
        if isinstance(event, EpochEnded) and not self.stop.is_set():
            self.epoch, self.best = event.epoch, max(self.best, self.found())
            if self.best >= self.goal:
                self.stop.set()
        if isinstance(event, (RunStarted, EpochEnded)):
            self.began = time.perf_counter()

    def found(self) -> float:
        """Return ndcg@10 on the test part of the weights as they stand."""
        backend, program = backends.current(), self.model.program
        scorer = scorer_for(program, backend, "test")
        found = evaluate(scorer, self.model.data, k=K, metrics=["ndcg"], select=select_for(backend))
        return found.means[f"ndcg@{K}"]


def main() -> None:
    work, _, _ = asked()
    split = read_split(work)
    frame = pd.DataFrame({"user_id": split.users, "item_id": split.items, "split": split.part})
    batch, cell = CELLS[work]
    model = Model.read(cell, Dataset.load(frame, split="file", duplicates="first"))
    race = Race(model, GOALS[work], threading.Event())
    model.train(epochs=EPOCHS, batch=batch, patience=None, listen=race, stop=race.stop)
    if not race.stop.is_set():
        raise SystemExit(f"ndcg@10 came to {race.best:.4f} at most, in {EPOCHS} epochs and {race.trained:.0f} s")
    tell(int((split.part == TRAIN).sum()), [race.trained], ["keras", "jax"], device("jax"), reached=race.trained,
         note=f"ndcg@10 {race.best:.4f} after {race.epoch} epochs; {race.compiled:.1f} s of it compiling")


if __name__ == "__main__":
    main()
