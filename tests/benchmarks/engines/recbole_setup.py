"""RecBole 1.2.1 on newer libraries: the names that it misses are given back at run time; nothing of it is changed."""

import sys
import types
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch

BUILTIN = {"bool": np.bool_, "int": np.int_, "float": np.float64, "complex": np.complex128, "object": np.object_,
           "str": np.str_, "long": np.int_, "unicode": np.str_}  # numpy's names of old for its own types
PACKAGES = ("recbole", "torch", "numpy", "pandas")


class Silent:
    """Stands for tensorboard's writer, and writes nothing."""

    def __init__(self, *given: Any, **named: Any) -> None:
        pass

    def __getattr__(self, name: str) -> Any:
        return lambda *given, **named: None


def _give_back_names() -> None:
    for name, kind in BUILTIN.items():
        if name not in np.__dict__:
            setattr(np, name, kind)
    for name in ("ray", "ray.tune", "hyperopt", "thop"):  # for tuning, which is not asked for here
        sys.modules[name] = types.ModuleType(name)
    sys.modules["ray"].tune = sys.modules["ray.tune"]  # type: ignore[attr-defined]
    sys.modules["thop"].profile = sys.modules["thop"].clever_format = None  # type: ignore[attr-defined]
    writer = types.ModuleType("torch.utils.tensorboard")
    writer.SummaryWriter = Silent  # type: ignore[attr-defined]
    torch.utils.tensorboard = sys.modules["torch.utils.tensorboard"] = writer  # type: ignore[attr-defined]
    sys.argv = sys.argv[:1]  # RecBole would read the rest as its own options


class Some:
    """The first batches of a loader, where a whole epoch would take too long."""

    def __init__(self, loader: Any, steps: int) -> None:
        self.loader, self.steps = loader, min(steps, len(loader))

    def __iter__(self) -> Iterator[Any]:
        return (batch for _, batch in zip(range(self.steps), self.loader))

    def __len__(self) -> int:
        return self.steps

    def __getattr__(self, name: str) -> Any:
        return getattr(self.loader, name)


def prepare(model: str, tables: dict[str, pd.DataFrame], folder: Path, **options: Any) -> tuple[Any, tuple[Any, ...]]:
    """Return RecBole's trainer and its loaders (training, validation, test) for tables by name.

    The tables have RecBole's own headings ("user_id:token") and are written to the folder: one, "all", is split by
    RecBole; three, "train", "valid" and "test", are taken as they are.
    """
    _give_back_names()
    from recbole.config import Config
    from recbole.data import create_dataset, data_preparation
    from recbole.utils import get_model, get_trainer, init_seed

    (folder / "log").mkdir()
    for name, table in tables.items():
        table.to_csv(folder / "log" / ("log.inter" if name == "all" else f"log.{name}.inter"), sep="\t", index=False)
    given = {"data_path": str(folder), "checkpoint_dir": str(folder / "saved"), "state": "ERROR", "seed": 0,
             "use_gpu": torch.cuda.is_available(), "show_progress": False, "embedding_size": 64, "learning_rate": 1e-3,
             "reproducibility": False, "benchmark_filename": None if "all" in tables else list(tables)}
    config = Config(model=model, dataset="log", config_dict=given | options)
    init_seed(0, False)
    loaders = data_preparation(config, create_dataset(config))
    made = get_model(config["model"])(config, loaders[0].dataset).to(config["device"])
    return get_trainer(config["MODEL_TYPE"], config["model"])(config, made), loaders


def drawn(count: int) -> dict[str, Any]:
    """Return RecBole's options for so many even negatives a positive."""
    return {"train_neg_sample_args": {"distribution": "uniform", "sample_num": count, "alpha": 1.0, "dynamic": False,
                                      "candidate_num": 0}}


def tokens(columns: dict[str, Iterable[Any]]) -> pd.DataFrame:
    """Return a table in RecBole's headings, all of whose columns are ids or categories."""
    return pd.DataFrame({f"{name}:token": values for name, values in columns.items()})
