"""Rows of the rarer class, made between two that there are: further users, items and interactions of the arrays."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from recmagic.augment import Between
from recmagic.compiler.cut import Cut
from recmagic.errors import TrainingError

MOST = 10_000  # rows of the class, drawn by the seed, among which neighbours are looked for: 8 s (measured)
Arrays = dict[str, NDArray[Any]]


def oversampled(cut: Cut, arrays: Arrays, asked: Between, seed: int) -> Arrays:
    """Return the training arrays with further rows, each of a user and an item of its own, with the ids of others.

    A row's numbers are those of SMOTE in its library, between two rows; its codes are those of the nearer one. Raises
    TrainingError where the library is not installed, or the class has too few rows.
    """
    examples = np.flatnonzero(arrays["log/example"] > 0)
    labels = arrays["log/target"][examples]
    rarer = float(np.sum(labels == 1) <= np.sum(labels == 0))
    mine = np.flatnonzero(labels == rarer)
    wanted = int(asked.ratio * (len(labels) - len(mine))) - len(mine)
    if wanted <= 0:
        raise TrainingError(f"smote has no row to make: of the class {rarer:g} there are {len(mine):,} rows, of the "
                            f"other {len(labels) - len(mine):,}.", "Take a larger ratio, or leave smote out.")
    if len(mine) <= asked.neighbours:
        raise TrainingError(f"smote looks for {asked.neighbours} neighbours of a row, and the class {rarer:g} has "
                            f"{len(mine):,} rows in the training part.", "Take fewer neighbours: smote(neighbours=2).")
    rows = examples[np.sort(np.random.default_rng(seed).permutation(mine)[:MOST])]
    numbers = {"user": arrays["log/user"], "item": arrays["log/item"], "log": np.arange(len(arrays["log/user"]))}
    values = {name: arrays[name][numbers[name.split("/")[0]][rows]] for name in _tables(cut)}
    made = between(values, wanted, asked.neighbours, seed)
    return _longer(arrays, made, rarer)


def between(values: Arrays, wanted: int, neighbours: int, seed: int) -> Arrays:
    """Return `wanted` rows of some columns (n, ...), floats being numbers and whole ones codes, each between two rows.

    What is near is what is in SMOTE-NC (Chawla et al. 2002): codes that differ count as the median deviation of the
    numbers. One column more for each row tells the library's result apart: it says between which two a new row lies,
    and where, and it makes all distances larger alike, so that no neighbour changes.
    """
    smote = _library()
    columns = np.column_stack([each for each in values.values() if each.dtype.kind == "f"]).astype(np.float64)
    count, step = len(columns), float(np.median(columns.std(axis=0))) / np.sqrt(2)
    codes = [step * _one_hot(each) for each in values.values() if each.dtype.kind != "f"]
    table = sparse.hstack([sparse.csr_matrix(columns), *codes, sparse.identity(count)], format="csr")
    other = sparse.csr_matrix((1, table.shape[1]))  # the library asks for a second class
    drawn = smote(sampling_strategy={1: count + wanted}, k_neighbors=neighbours, random_state=seed)
    with _little_memory():
        found = drawn.fit_resample(sparse.vstack([table, other], format="csr"), np.r_[np.ones(count, int), 0])[0]
    new = sparse.csr_matrix(found[count + 1 :])
    nearer = np.asarray(new[:, -count:].argmax(axis=1)).ravel()
    interpolated = iter(new[:, : columns.shape[1]].toarray().T)
    return {name: next(interpolated).astype(each.dtype) if each.dtype.kind == "f" else each[nearer]
            for name, each in values.items()}


def _one_hot(codes: NDArray[Any]) -> Any:
    """Return codes, or lists of them that are told apart as a whole, as one column each (n, different ones)."""
    places = np.unique(codes, axis=0, return_inverse=True)[1].reshape(-1)
    return sparse.csr_matrix((np.ones(len(places)), (np.arange(len(places)), places)))


def _tables(cut: Cut) -> list[str]:
    """Return the names of the tables that a score reads."""
    read = {feed.table for feed in (*cut.query_feeds, *cut.item_feeds)}
    return sorted(each for each in read if each in cut.tables)


def _longer(arrays: Arrays, made: Arrays, label: float) -> Arrays:
    """Return the arrays with the made rows at their ends: users, items and interactions that count as examples."""
    count = len(next(iter(made.values())))
    ends = {side: next((len(each) for name, each in arrays.items() if name.startswith(f"{side}/")), 0)
            for side in ("user", "item")}
    more: Arrays = {f"log/{side}": ends[side] + np.arange(count) for side in ends}
    more |= {"log/target": np.full(count, label), "log/example": np.ones(count)}
    return arrays | {name: np.concatenate([arrays[name], each.astype(arrays[name].dtype)])
                     for name, each in (more | made).items()}


def _little_memory() -> Any:
    """Return a context in which scikit-learn holds 64 MiB of distances at once, and not a GiB."""
    from sklearn import config_context

    return config_context(working_memory=64)


def _library() -> Any:
    try:
        from imblearn.over_sampling import SMOTE
    except ImportError:
        raise TrainingError("smote needs the library imbalanced-learn, which is not installed.",
                            'Install it with: pip install "recmagic[imbalanced]".') from None
    return SMOTE
