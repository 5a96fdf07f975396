"""Full ranking by RecBole's own evaluation of an untrained BPR model, with its metrics of lists.

python rank_recbole.py WORK TIMES USERS ITEMS BATCH     prints one line of JSON

BATCH is default (4,096 scores, so one user at a time) or tuned (256 users at a time). RecBole has no f1.
"""

import tempfile
import time
from pathlib import Path

import numpy as np
from devices import device
from rank_data import RELEVANT, K, made
from recbole_setup import PACKAGES, drawn, prepare, tokens
from telling import asked, tell

METRICS = ["Recall", "Precision", "Hit", "MRR", "MAP", "NDCG"]


def main() -> None:
    _, times, (users, items, batch) = asked()
    lists = made(int(users), int(items))
    rows, seen = lists.seen_pairs(0, len(lists.users))
    tested = tokens({"user_id": np.repeat(np.arange(len(lists.users)), RELEVANT), "item_id": lists.relevant.ravel()})
    tables = {"train": tokens({"user_id": rows, "item_id": seen}), "valid": tested[:1], "test": tested}
    options = {"eval_batch_size": 256 * int(items)} if batch == "tuned" else {}
    ranked = {"split": None, "group_by": "user", "order": "RO", "mode": "full"}
    seconds = []
    with tempfile.TemporaryDirectory() as folder:
        trainer, loaders = prepare("BPR", tables, Path(folder), metrics=METRICS, topk=[K], valid_metric=f"NDCG@{K}",
                                   eval_args=ranked, load_col={"inter": ["user_id", "item_id"]}, **drawn(1), **options)
        for _ in range(times):
            began = time.perf_counter()
            trainer.evaluate(loaders[2], load_best_model=False)
            seconds.append(time.perf_counter() - began)
    tell(len(lists.users), seconds, PACKAGES, device("torch"))


if __name__ == "__main__":
    main()
