"""What a framework is asked for beyond Keras, one backend a file."""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules
from typing import cast

from recmagic.backends.protocol import Backend
from recmagic.errors import ModelError


def current() -> Backend:
    """Return the backend that Keras runs on; ModelError where there is no engine for it."""
    import keras

    name = keras.backend.backend()
    known = sorted(module.name for module in iter_modules(__path__) if module.name != "protocol")
    if name not in known:
        raise ModelError(f"Keras runs on {name} here, and training needs one of: {', '.join(known)}.",
                         f'Restart the kernel, and run os.environ["KERAS_BACKEND"] = "{known[0]}" first.')
    return cast(Backend, import_module(f"{__name__}.{name}"))
