"""Prints the quality of a model of the zoo on a named protocol, with its spread: one command a row of the table.

python tests/benchmarks/accuracy.py sasrec [--seeds 3] [--epochs 200]
python tests/benchmarks/accuracy.py --list

The data is looked for under RECMAGIC_DATA or ../shared/data (research use; it is not part of the project). A protocol
with folds runs its five folds, or as many as --seeds says.
"""

from __future__ import annotations

import argparse
import os
import statistics
import time
from dataclasses import dataclass, field
from typing import Any

os.environ.setdefault("KERAS_BACKEND", "jax")

from accuracy_protocols import FOLDER, PROTOCOLS

from recmagic import Model, zoo
from recmagic.training.events import EpochEnded


@dataclass(frozen=True)
class Row:
    """A model of the zoo on a protocol: its settings, how it is trained, and what is to be reached."""

    protocol: str
    model: str
    goal: str
    settings: dict[str, Any] = field(default_factory=dict)
    more: str = ""  # lines behind the cell, such as its optimizer
    batch: int | None = None
    epochs: int = 200
    patience: int = 10


SEQUENCE = {"width": 64, "length": 200}
ROWS = {
    "sasrec": Row("A", "SASRec", "ndcg@10 .175; record .1857", {**SEQUENCE, "dropout": 0.2}, batch=128),
    "sasrec-50": Row("A", "SASRec", "ndcg@10 .175, at length 50", {"width": 64, "dropout": 0.2}, batch=128),
    "gru4rec": Row("A", "GRU4Rec", "ndcg@10 .155", {"width": 128, "length": 200, "dropout": 0.2}, batch=128),
    "bert4rec": Row("A", "BERT4Rec", "ndcg@10 .145", SEQUENCE, batch=128, epochs=400, patience=20),
    "gsasrec": Row("A", "gSASRec", "ndcg@10 .1726 in its paper", SEQUENCE, batch=128),
    "markov": Row("A", "Markov", "ndcg@10 .1261"),
    "bprmf": Row("B", "BPRMF", "ndcg@10 .238; RecBole's .2401", batch=4096),
    "bprmf-l2": Row("B", "BPRMF", "ndcg@10 .238", more="optimizer = AdamW(0.001, weight_decay=0.01)", batch=4096),
    "neumf": Row("B", "NeuMF", "ndcg@10 .225; RecBole's .2271", batch=4096, epochs=60),
    "ease": Row("B", "EASE", "ndcg@10 .288 +- .004"),
    "twotower": Row("B", "TwoTower", "no anchor", batch=2048, epochs=60),
    "ials-c": Row("C", "IALS", "hit_rate@10 .728"),
    "mf-c": Row("C", "GMF", "hit_rate@10 .725", {"width": 192}, batch=4096, epochs=60),
    "neumf-c": Row("C", "NeuMF", "hit_rate@10 .705", batch=4096, epochs=40),
    "biasedmf-d": Row("D", "BiasedMF", "rmse .925; SVD++ .919", more="optimizer = Adam(0.002)", batch=1024),
    "biasedmf-e": Row("E", "BiasedMF", "rmse .87; SVD++ .862", more="optimizer = Adam(0.002)", batch=4096),
    "sasrec-f": Row("F", "SASRec", "above Markov's ndcg@10 .092", {"width": 64, "dropout": 0.3}, batch=64),
    "gru4rec-f": Row("F", "GRU4Rec", "above Markov's ndcg@10 .092", {"width": 64, "dropout": 0.3}, batch=64),
    "markov-f": Row("F", "Markov", "ndcg@10 .092"),
    "ease-f": Row("F", "EASE", "ndcg@10 .076", {"regularization": 300.0}),
    **{f"{name.lower()}-films": Row("films", name, "", epochs=60) for name in zoo.names()},
}


def run(name: str, row: Row, number: int, epochs: int | None) -> dict[str, float]:
    """Train a row's model with one seed, or on one fold, and return its metrics on the test part."""
    protocol = PROTOCOLS[row.protocol]
    data = protocol.load(number)
    model = Model.read(zoo.text(row.model, row.settings) + row.more + "\n", data, name=row.model)
    began, seed = time.perf_counter(), 0 if protocol.folds else number

    def listen(event: object) -> None:
        if isinstance(event, EpochEnded) and event.epoch % 10 == 0:
            print(f"  {name} {number}: epoch {event.epoch}, {event.metrics}, {time.perf_counter() - began:.0f} s",
                  flush=True)

    options = {} if row.batch is None else {"batch": row.batch, "epochs": epochs or row.epochs}
    history = model.train(seed=seed, patience=row.patience, listen=listen, **options)
    found = protocol.measure(model)
    of = "fold" if protocol.folds else "seed"
    print(f"{of} {number}: {time.perf_counter() - began:.0f} s, best epoch {history.best_epoch} of "
          f"{len(history.epochs)}", *(f"{metric} {value:.4f}" for metric, value in found.items()), flush=True)
    return found


def main() -> None:
    """Run the seeds or folds of one row and print mean and spread."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("row", choices=ROWS, metavar="ROW", nargs="?")
    parser.add_argument("--list", action="store_true", help="print the rows and what they are to reach")
    parser.add_argument("--seeds", type=int, help="how many seeds (default 3) or folds (default all five)")
    parser.add_argument("--epochs", type=int, help="at most (default: the row's)")
    asked = parser.parse_args()
    if asked.list or asked.row is None:
        print(*(f"{name:18s} {row.protocol:6s} {row.model:12s} {row.goal}" for name, row in ROWS.items()), sep="\n")
        return
    row = ROWS[asked.row]
    protocol = PROTOCOLS[row.protocol]
    if not FOLDER.is_dir() and row.protocol != "films":
        parser.error(f"there is no data in {FOLDER}: set RECMAGIC_DATA to the folder that holds ml-1m, ml-100k, ...")
    found = [run(asked.row, row, number, asked.epochs) for number in range(asked.seeds or protocol.folds or 3)]
    print(f"{asked.row} on {row.protocol}: {protocol.title} (goal: {row.goal})")
    for metric in found[0]:
        values = [each[metric] for each in found]
        print(f"  {metric:22s} {statistics.mean(values):.4f}  [{min(values):.4f}-{max(values):.4f}]")


if __name__ == "__main__":
    main()
