"""Numbers of 16 bits inside layers, which GPUs compute with faster; weights keep 32."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from recmagic.errors import ModelError, did_you_mean

PRECISIONS = ("mixed_bfloat16", "mixed_float16")


@contextmanager
def computed_in(precision: str | None) -> Iterator[None]:
    """Give layers made inside a policy of Keras (None: the user's own); ModelError where it is none of ours."""
    if precision is None:
        yield
        return
    if precision not in PRECISIONS:
        raise ModelError(f"There is no precision '{precision}'.", did_you_mean(precision, PRECISIONS)
                         or f"It is one of: {', '.join(PRECISIONS)}.")
    import keras  # here, because the names above are asked for while the extension is loaded

    former = keras.config.dtype_policy()
    keras.config.set_dtype_policy(precision)
    try:
        yield
    finally:
        keras.config.set_dtype_policy(former)
