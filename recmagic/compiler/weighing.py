"""How much each interaction counts in the loss, by the cell's `weights` line."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from recmagic.compiler.settings import first_line
from recmagic.compiler.weights import Rows
from recmagic.errors import RecmagicError

if TYPE_CHECKING:
    from recmagic.compiler.learning import Learner, Target


def weights_of(learner: Learner, target: Target) -> NDArray[np.float32] | None:
    """Return how much each interaction (n,) counts, 1 on average over the training examples; None without the line.

    Raises SpecError where the line does not fit the data or what is predicted.
    """
    statement = learner.spec.statement("weights")
    if statement is None:
        return None
    if learner.profiles:
        raise learner.error(statement.value, "A whole profile is one example, and its rows cannot be weighed.",
                            "Leave the line out.")
    call, counted = learner.call("weights", statement.value), target.examples(learner.data)
    try:
        found = learner.filled("weights", call, Rows(learner.data, counted, target.values))
    except RecmagicError as error:
        raise learner.error(statement.value, error.message, error.hint) from None
    except (TypeError, ValueError) as error:  # what a word says about its own settings is the user's to mend
        raise learner.error(statement.value, f"{call.name} refuses these settings: {first_line(error)}", "") from None
    return np.asarray(found / (found[counted].mean() if counted.any() else 1.0), np.float32)
