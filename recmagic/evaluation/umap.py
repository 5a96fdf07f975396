"""UMAP, the one place that knows it: it comes with the extra `umap`."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from recmagic.errors import ModelError


def umap(vectors: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return the vectors (N, width) in two dimensions (N, 2); ModelError where UMAP is not installed."""
    try:
        from umap import UMAP
    except ImportError:
        raise ModelError("UMAP is not installed here.",
                         'Run %pip install "recmagic[umap]", or take the default, --method pca.') from None
    layout: Any = UMAP(metric="cosine", random_state=0)
    return np.asarray(layout.fit_transform(vectors), dtype=np.float64)
