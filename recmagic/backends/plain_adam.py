"""Which optimizers are Adam and nothing else, so that a faster form of the same arithmetic may stand in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras

ADDITIONS = ("amsgrad", "use_ema", "weight_decay", "clipnorm", "clipvalue", "global_clipnorm",
             "gradient_accumulation_steps", "loss_scale_factor")  # fmt: skip


def is_plain_adam(optimizer: Any, variables: Sequence[Any]) -> bool:
    """Return whether all that an optimizer does to some variables is the update of Kingma & Ba 2015."""
    return (isinstance(optimizer, keras.optimizers.Adam) and type(optimizer).__name__ == "Adam"
            and not any(getattr(optimizer, each) for each in ADDITIONS)
            and not any(variable.constraint or variable.regularizer for variable in variables))
