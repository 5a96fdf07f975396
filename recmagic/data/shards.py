"""Stretches of a log as Parquet files: each is written and read alone, so that no more than one need be held."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Arrays = dict[str, NDArray[Any]]


class Shards:
    """A folder of numbered stretches, each a dict of arrays with as many rows: (n,) or (n, values)."""

    def __init__(self, folder: str | Path) -> None:
        self.folder, self.count = Path(folder), 0
        self._widths: dict[str, int] = {}  # of the arrays with two axes

    def append(self, arrays: Arrays) -> None:
        """Write one more stretch."""
        import duckdb

        self._widths = {name: array.shape[1] for name, array in arrays.items() if array.ndim == 2}
        columns = {f"{name} {place}": part for name, array in arrays.items()
                   for place, part in enumerate(array.T if array.ndim == 2 else [array])}
        with duckdb.connect() as base:
            base.register("stretch", pd.DataFrame(columns))
            base.execute(f"COPY stretch TO '{self._path(self.count)}' (FORMAT parquet)")
        self.count += 1

    def read(self, number: int) -> Arrays:
        """Return a stretch as it was given."""
        import duckdb

        with duckdb.connect() as base:
            found = base.execute(f"SELECT * FROM '{self._path(number)}'").fetchnumpy()
        names = dict.fromkeys(column.rpartition(" ")[0] for column in found)
        return {name: self._joined(name, found) for name in names}

    def _joined(self, name: str, found: Any) -> NDArray[Any]:
        if name not in self._widths:
            return np.asarray(found[f"{name} 0"])
        return np.stack([found[f"{name} {place}"] for place in range(self._widths[name])], axis=1)

    def _path(self, number: int) -> str:
        return str(self.folder / f"{number}.parquet").replace("'", "''")
