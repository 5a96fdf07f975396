"""The rows of the table: each work, what it is measured in, and the engines that do it."""

from __future__ import annotations

import statistics
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from running import Engine


@dataclass(frozen=True)
class Unit:
    """What a work is measured in: how it reads an engine's line of JSON, and whether more of it is better."""

    name: str
    value: Callable[[dict[str, Any]], float]
    more: bool


@dataclass(frozen=True)
class Work:
    """A work: what it is in words, its unit, its engines, and which of them the others are compared with."""

    title: str
    unit: Unit
    engines: tuple[Engine, ...]
    reference: str = "recmagic"


def per_second(found: dict[str, Any]) -> float:
    return found["samples"] / statistics.median(found["seconds"])


SAMPLES = Unit("samples/s", per_second, more=True)
USERS = Unit("users/s", per_second, more=True)
STEP = Unit("ms a step", lambda found: 1e3 / per_second(found), more=False)
EPOCH = Unit("s an epoch", lambda found: statistics.median(found["seconds"]), more=False)
SHARE = Unit("% of an epoch", lambda found: 100 * found["share"], more=False)
REACHED = Unit("s of training", lambda found: found["reached"], more=False)

FRAMEWORKS = {"jax": "dev", "torch": "torch", "tensorflow": "tensorflow"}  # and the environment of each
NAMES = {"jax": "JAX", "torch": "PyTorch", "tensorflow": "TensorFlow"}
OURS = {framework: "recmagic" if framework == "jax" else f"recmagic on {name}" for framework, name in NAMES.items()}
SCAN = Engine("scan", "dev", "scan.py", framework="jax")
LOOP = Engine("PyTorch loop", "torch", "torch_loop.py", framework="torch")
JITTED = Engine("TensorFlow loop", "tensorflow", "tensorflow_loop.py", framework="tensorflow")
RECBOLE = Engine("RecBole", "recbole", "recbole_train.py")
CPP = (Engine("implicit", "implicit", "implicit_bpr.py"), Engine("Cornac", "cornac", "cornac_bpr.py"))


def everywhere(script: str, names: dict[str, str]) -> tuple[Engine, ...]:
    """Return one script on all three frameworks."""
    return tuple(Engine(names[each], environment, script, framework=each) for each, environment in FRAMEWORKS.items())


KERAS = (
    *everywhere("keras_fit.py", {each: f"fit on {name}" for each, name in NAMES.items()}),
    Engine("fit on JAX, 32 steps an execution", "dev", "keras_fit.py", ("32",), framework="jax"),
)


def training(title: str, *peers: Engine) -> Work:
    """Return a row on training speed: recmagic and Keras's fit on all frameworks, two loops by hand, and the peers."""
    return Work(title, SAMPLES, (*everywhere("recmagic_train.py", OURS), SCAN, LOOP, *peers, *KERAS))


def ranking(users: int, items: int) -> Work:
    """Return a row on full ranking, with the metrics of the lists."""
    size = (str(users), str(items))
    peers = (("PyTorch topk", "torch", "rank_lists.py"), ("JAX top_k", "dev", "rank_lists.py"),
             ("BLAS + numba", "numba", "rank_lists.py"), ("implicit", "implicit", "rank_lists.py"))
    engines = (
        Engine("recmagic", "dev", "rank_recmagic.py", (*size, "lists"), framework="jax"),
        Engine("recmagic, a report's metrics", "dev", "rank_recmagic.py", (*size, "report"), framework="jax"),
        *(Engine(name, environment, script, (*size, environment)) for name, environment, script in peers),
        Engine("RecBole, default", "recbole", "rank_recbole.py", (*size, "default")),
        Engine("RecBole, tuned", "recbole", "rank_recbole.py", (*size, "tuned")),
    )
    return Work(f"full ranking, {users:,} users x {items:,} items, width 64, about 100 seen hidden, best 20, 7 metrics",
                USERS, engines)


def ours(script: str, names: dict[str, str], **options: Any) -> tuple[Engine, ...]:
    """Return the cases of a script that only recmagic runs: the name of each, and what stands on its command line."""
    return tuple(Engine(name, "dev", script, tuple(arguments.split()), framework="jax", **options)
                 for name, arguments in names.items())


HOUR = 3600
INTERACTIONS = {f"{millions:g} M interactions": str(int(millions * 1e6)) for millions in (0.1, 0.3, 1, 3, 10, 20)}
WORKS = {
    "bpr-1m": training("BPR-MF, ML-1M, width 64, batch 4,096", JITTED, RECBOLE, *CPP),
    "bpr-100k": training("BPR-MF, ML-100K, width 64, batch 256", JITTED, RECBOLE, *CPP),
    "neumf": training("NeuMF 128-64-1, ML-1M, 4 negatives, 819 positives a batch", JITTED, RECBOLE),
    "deepfm": training("DeepFM, 10 fields, width 16, 128-128-1, 1 M clicks, batch 4,096", RECBOLE),
    "gru4rec": training("GRU4Rec, ML-1M, width 64, length 50, batch 128, a sample is a position"),
    "sasrec-bce-50": training("SASRec, ML-1M, width 64, 2 blocks, 2 heads, length 50, batch 128, BCE", RECBOLE),
    "sasrec-softmax-50": training("SASRec, the same, softmax over the catalogue", RECBOLE),
    "sasrec-bce-200": training("SASRec, the same, length 200, batch 64, BCE", RECBOLE),
    "million": Work("BPR-MF, width 64, batch 4,096, one million items", STEP, ours("million.py", {
        "10 thousand rows": "small", "1 M items, dense Adam": "dense", "1 M items, touched rows only": "rows"}),
        reference="10 thousand rows"),
    "ranking-1m": ranking(6040, 3706),
    "ranking-27k": ranking(16384, 27000),
    "growth": Work("BPR-MF, width 64, simulated logs", EPOCH, ours("growth.py", INTERACTIONS, limit=HOUR), ""),
    "shards": Work("BPR-MF, width 64, 10 M interactions in memory, and read from Parquet", SAMPLES, ours("growth.py", {
        "in memory": "10000000", "in shards, 20 MB of memory": "10000000 20"}, limit=HOUR), reference="in memory"),
    "progress": Work("what progress, a listener and a callback cost, BPR-MF, ML-1M", SHARE,
                     ours("progress.py", {"recmagic": ""}), ""),
    "quality": Work("BPR-MF of width 64 to ndcg@10 .235 on ML-1M, protocol B", REACHED, (
        Engine("recmagic", "dev", "quality_recmagic.py", framework="jax"),
        Engine("implicit", "implicit", "quality_implicit.py"),
        Engine("Cornac", "cornac", "quality_cornac.py"))),
    "quality-sasrec": Work("SASRec to ndcg@10 .15 on ML-1M, protocol A", REACHED, (
        Engine("recmagic", "dev", "quality_recmagic.py", framework="jax", limit=HOUR),
        Engine("RecBole, capped at 60 minutes", "recbole", "quality_recbole.py", limit=2 * HOUR))),
}
