"""What noise costs in privacy, counted by the library `dp-accounting`; it comes with the extra `privacy`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from recmagic.errors import TrainingError

# How finely the loss of privacy is counted. It is always rounded up: a tenth of the library's own fineness counts at
# most 0.6 % more here, in a tenth of the time (measured).
INTERVAL = 1e-3
NOISE_WITHIN = 1e-3  # how near to the least noise that suffices; never less than it


def epsilon_of(noise: float, rate: float, steps: int, delta: float, interval: float = INTERVAL) -> float:
    """Return the epsilon of some steps, each with Gaussian noise on a Poisson sample of units, one added or removed.

    `noise` is the deviation of the noise in lengths of the clipped gradients, `rate` the probability of being in the
    sample. Counted by the distribution of the privacy loss (PLD: Koskela et al. 2020; Doroshenko et al. 2022, Connect
    the dots). Raises TrainingError where the library is not installed.
    """
    return float(_spent(_events()(noise, rate, steps), interval).get_epsilon(delta)) if steps else 0.0


def noise_for(epsilon: float, rate: float, steps: int, delta: float) -> float:
    """Return the least noise with which some steps cost no more than epsilon; TrainingError where none is found."""
    accounting, events = _accounting(), _events()
    try:
        return float(accounting.calibrate_dp_mechanism(
            _accountant, lambda noise: events(noise, rate, steps), epsilon, delta, tol=NOISE_WITHIN))
    except accounting.NoBracketIntervalFoundError:
        raise TrainingError(f"No noise makes {steps:,} steps cost less than epsilon={epsilon:g}.",
                            "Take a larger epsilon, or fewer epochs.") from None


def _accountant(interval: float = INTERVAL) -> Any:
    return _accounting().pld.PLDAccountant(value_discretization_interval=interval)


def _spent(event: Any, interval: float) -> Any:
    return _accountant(interval).compose(event)


def _events() -> Callable[[float, float, int], Any]:
    """Return a function that describes some steps to the library."""
    accounting = _accounting()

    def steps_of(noise: float, rate: float, steps: int) -> Any:
        one = accounting.PoissonSampledDpEvent(rate, accounting.GaussianDpEvent(noise))
        return accounting.SelfComposedDpEvent(one, steps)

    return steps_of


def _accounting() -> Any:
    try:
        import dp_accounting
        import dp_accounting.pld
    except ImportError:
        raise TrainingError("dp-accounting, which counts what privacy costs, is not installed here.",
                            'Run %pip install "recmagic[privacy]".') from None
    return dp_accounting
