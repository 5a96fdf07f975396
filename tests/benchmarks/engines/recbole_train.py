"""A work by RecBole's own trainer.

python recbole_train.py WORK EPOCHS     prints one line of JSON

Its sequence models are another recipe: each window is one example that predicts one position, so a sample there is a
window; an epoch is cut to its first steps.
"""

import tempfile
import time
from pathlib import Path
from typing import Any

import pandas as pd
from data import FIELDS, WORKS, Work, clicks, read_log
from devices import device
from recbole_setup import PACKAGES, Some, drawn, prepare, tokens
from telling import asked, tell

STEPS = 100  # of an epoch of windows, which has thousands
RANDOM = {"split": {"RS": [0.98, 0.01, 0.01]}, "group_by": "user", "order": "RO", "mode": "full"}
LAST = {"split": {"LS": "valid_and_test"}, "group_by": "user", "order": "TO", "mode": "full"}
LABELLED = {"split": {"RS": [0.98, 0.01, 0.01]}, "group_by": None, "order": "RO", "mode": "labeled"}
SASREC = {"n_layers": 2, "n_heads": 2, "hidden_size": 64, "inner_size": 64, "hidden_act": "relu",
          "hidden_dropout_prob": 0.0, "attn_dropout_prob": 0.0, "eval_args": LAST}


def options(work: Work) -> dict[str, Any]:
    """Return RecBole's options for the work's model."""
    if work.model == "bpr":
        return {"eval_args": RANDOM, **drawn(1)}
    if work.model == "neumf":
        return {"eval_args": RANDOM, "mf_train": False, "mlp_embedding_size": 64, "mlp_hidden_size": [128, 64],
                "dropout_prob": 0.0, **drawn(4), "train_batch_size": 5 * work.batch}
    if work.model == "deepfm":
        return {"eval_args": LABELLED, "embedding_size": 16, "mlp_hidden_size": [128, 128], "dropout_prob": 0.0,
                "LABEL_FIELD": "label", "load_col": None, "train_neg_sample_args": None, "metrics": ["AUC"],
                "valid_metric": "AUC"}
    softmax = work.model == "sasrec-softmax"
    loss = {"loss_type": "CE", "train_neg_sample_args": None} if softmax else {"loss_type": "BPR", **drawn(1)}
    return SASREC | loss | {"MAX_ITEM_LIST_LENGTH": work.length}


def table(work: Work) -> pd.DataFrame:
    """Return the work's log in RecBole's headings."""
    if work.model == "deepfm":
        values, labels = clicks()
        return tokens(dict(zip(FIELDS, values.T))).assign(**{"label:float": labels})
    log = read_log(work.log)
    return tokens({"user_id": log.users, "item_id": log.items}).assign(**{"timestamp:float": range(len(log.users))})


def main() -> None:
    name, epochs, _ = asked()
    work = WORKS[name]
    names = {"bpr": "BPR", "neumf": "NeuMF", "deepfm": "DeepFM", "sasrec-bce": "SASRec", "sasrec-softmax": "SASRec"}
    with tempfile.TemporaryDirectory() as folder:
        columns = {"load_col": {"inter": ["user_id", "item_id", "timestamp"]}}
        given = {"train_batch_size": work.batch, **columns, **options(work)}
        trainer, (training, _, _) = prepare(names[work.model], {"all": table(work)}, Path(folder), **given)
        loader = Some(training, STEPS) if work.length else training
        examples = min(len(loader) * work.batch, len(training.dataset))
        seconds = []
        for epoch in range(epochs + 1):
            began = time.perf_counter()
            trainer._train_epoch(loader, epoch)
            seconds.append(time.perf_counter() - began)
    note = {"note": "a sample is a window here, which predicts one position"} if work.length else {}
    tell(examples * (5 if work.model == "neumf" else 1), seconds[1:], PACKAGES, device("torch"), **note)


if __name__ == "__main__":
    main()
