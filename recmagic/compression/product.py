"""Smaller tables by product quantisation: rows as one byte a part, by k-means over each part's numbers."""

from __future__ import annotations

import warnings

import keras
import numpy as np
from keras import ops
from numpy.typing import NDArray
from scipy.cluster.vq import kmeans2, vq

from recmagic.compiler.cell import CellProgram, compile_spec
from recmagic.compiler.product_table import CENTROIDS, ProductTable
from recmagic.compression.factors import with_setting
from recmagic.errors import ModelError
from recmagic.spec import read, write
from recmagic.spec.vocabulary import Vocabulary

FITTED = 65_536  # rows that k-means looks at: 256 for each centroid
ROUNDS = 25


def in_parts(program: CellProgram, parts: int, words: Vocabulary) -> CellProgram:
    """Return a cell of its own whose tables are in so many parts, each the nearest of 256 (Jégou et al. 2011).

    Tables that would get no smaller, or whose width cannot be split so, stay. ModelError where that is all of them.
    """
    spec = read(write(with_setting(program.spec, "pq", parts, fits=lambda width: width % parts == 0)), words)
    made = compile_spec(spec, program.data, program.seed, precision=program.precision, known=program.build.made_columns)
    before = {layer.name: layer for layer in program.layers}
    found = [layer for layer in made.layers if isinstance(layer, ProductTable)
             and not isinstance(before[layer.name], ProductTable)]
    if not found:
        most = max((each.input_dim for each in before.values() if isinstance(each, keras.layers.Embedding)), default=0)
        raise ModelError(f"No table of this model gets smaller in {parts} parts: its longest has {most:,} rows, the "
                         f"{CENTROIDS} of each part are rows as well, and {parts} must divide a table's width.",
                         "Take another number of parts, or --int8.")
    for layer in made.layers:
        if layer in found:
            codes, centroids = quantised(ops.convert_to_numpy(before[layer.name].embeddings), parts)
            layer.codes.assign(codes)
            layer.centroids.embeddings.assign(centroids)
        else:
            for source, variable in zip(before[layer.name].variables, layer.variables):
                variable.assign(source.value)
    made.as_drawn, made.carried_over = False, program.carried_over
    return made


def quantised(table: NDArray[np.float32], parts: int) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
    """Return the codes uint8 (rows, parts) of a table (rows, width), and the centroids (256, width) side by side.

    Those of number 0 are row 0, exactly, and no other row has them; the others are found by k-means.
    """
    known, random = np.asarray(table[1:], np.float32), np.random.default_rng(0)
    codes, centroids = np.zeros((len(table), parts), np.uint8), []
    seen = known if len(known) <= FITTED else known[random.choice(len(known), FITTED, replace=False)]
    for part, (own, all_rows) in enumerate(zip(np.split(seen, parts, axis=1), np.split(known, parts, axis=1))):
        found = _centroids(own, random)
        codes[1:, part] = vq(all_rows, found)[0] + 1
        centroids.append(found)
    return codes, np.concatenate([table[:1], np.concatenate(centroids, axis=1)]).astype(np.float32)


def _centroids(rows: NDArray[np.float32], random: np.random.Generator) -> NDArray[np.float32]:
    """Return 255 centroids (255, d) of rows (n, d)."""
    distinct = np.unique(rows, axis=0)
    if len(distinct) < CENTROIDS:  # k-means would look in vain for one more that differs
        return np.resize(distinct, (CENTROIDS - 1, rows.shape[1]))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a centroid may end as nobody's
        return np.asarray(kmeans2(rows, CENTROIDS - 1, iter=ROUNDS, minit="++", rng=random)[0])
