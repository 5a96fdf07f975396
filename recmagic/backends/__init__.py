"""What a framework is asked for beyond Keras, one backend a file."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, cast

from recmagic.errors import ModelError

if TYPE_CHECKING:  # the names alone are asked for while the extension is loaded, which is to import nothing heavy
    from recmagic.backends.protocol import Backend

NAMES = ("jax", "tensorflow", "torch")  # each is a file here


def current() -> Backend:
    """Return the backend that Keras runs on; ModelError where there is no engine for it."""
    import keras

    name = keras.backend.backend()
    if name not in NAMES:
        raise ModelError(f"Keras runs on {name} here, and training needs one of: {', '.join(NAMES)}.",
                         f'Restart the kernel, and run os.environ["KERAS_BACKEND"] = "{NAMES[0]}" first.')
    return cast("Backend", import_module(f"{__name__}.{name}"))
