"""What a run dies of, and what helps: numbers that are none, and a device without memory."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from recmagic.backends.memory import is_out_of_memory
from recmagic.errors import TrainingError

SMALLER_STEPS = "Try a smaller learning rate, such as Adam(0.0001), or Adam(clipnorm=1.0)."
SMALLER = "Take a smaller --batch, fewer negatives as by uniform(16), or a smaller width in the cell."


class OutOfMemory(TrainingError):
    """The device had no memory left for the run."""


def not_a_number(what: str, when: str) -> TrainingError:
    """Return the error for a run whose numbers have become none."""
    return TrainingError(f"{what} became NaN {when}; the last good weights are kept.", SMALLER_STEPS)


@contextmanager
def told_out_of_memory() -> Iterator[None]:
    """Raise OutOfMemory where what runs inside, in whichever framework, gets no memory."""
    try:
        yield
    except Exception as error:
        if not is_out_of_memory(error):
            raise
        hint = f"{SMALLER} On a GPU, --precision mixed_bfloat16 halves what a step takes."
        raise OutOfMemory("The device ran out of memory; the last good weights are kept.", hint) from error
