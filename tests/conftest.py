"""The backend that the tests run on, settled before any of them imports Keras."""

import os

os.environ.setdefault("KERAS_BACKEND", "jax")
