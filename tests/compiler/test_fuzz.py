"""Whatever the cell, it compiles or is refused by an error of ours with a place, in bounded time and memory."""

import os
import resource
import signal
from random import Random

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from recmagic.errors import SpecError
from recmagic.model import Model
from tests.compiler.random_cells import Cells
from tests.compiler.tiny import data

COUNT = 1000 if os.environ.get("RECMAGIC_ALL") == "1" else 70  # for each test
SECONDS, BYTES = 120, 3 * 10**9  # of one cell; and that all of them may add to the process
many = settings(max_examples=COUNT, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
randoms = st.randoms(use_true_random=True)


def peak() -> int:
    return 1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def assert_compiled_or_refused(text: str) -> bool:
    """Return whether a cell compiles; anything but that and a refusal with a place fails."""
    def late(*given: object) -> None:
        raise TimeoutError(f"after {SECONDS} s:\n{text}")

    before, former = peak(), signal.signal(signal.SIGALRM, late)
    signal.alarm(SECONDS)
    try:
        Model.read(text, data())
    except SpecError as error:
        lines = text.split("\n")
        for problem in error.problems:
            assert problem.message and 1 <= problem.place.line <= len(lines), text
            assert 0 <= problem.place.start < problem.place.end, text
        return False
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, former)
        assert peak() - before < BYTES, text
    return True


@many
@given(randoms, st.sampled_from([0.0, 0.05, 0.3]))
def test_cells_of_the_grammar(random: Random, odd: float) -> None:
    assert_compiled_or_refused(Cells(random, odd).cell())


@many
@given(randoms)
def test_cells_of_the_zoo_with_pieces_exchanged(random: Random) -> None:
    assert_compiled_or_refused(Cells(random).of_the_zoo())
