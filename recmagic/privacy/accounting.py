"""What noise costs in privacy, counted by the library `dp-accounting`; it comes with the extra `privacy`."""

from __future__ import annotations

from typing import Any

from recmagic.errors import TrainingError

# How finely the loss of privacy is counted. It is always rounded up: a tenth of the library's own fineness counts at
# most 0.6 % more here, in a tenth of the time (measured).
INTERVAL = 1e-3
# With less noise the losses are so large that to count them so finely would take minutes, with more so small that
# rounding up would be most of the sum.
LITTLE_NOISE, MUCH_NOISE = 0.3, 10.0
NOISE_WITHIN = 2e-3  # how near to the least noise that suffices, of it; never less than it
LEAST_NOISE, MOST_NOISE = 0.05, 2.0**14


def epsilon_of(noise: float, rate: float, steps: int, delta: float, interval: float = INTERVAL) -> float:
    """Return the epsilon of some steps, each with Gaussian noise on a Poisson sample of units, one added or removed.

    `noise` is the deviation of the noise in lengths of the clipped gradients, `rate` the probability of being in the
    sample. Counted by the distribution of the privacy loss (PLD: Koskela et al. 2020; Doroshenko et al. 2022, Connect
    the dots). Raises TrainingError where the library is not installed.
    """
    event = _event(noise, rate, steps)
    return float(_accountant(noise, interval).compose(event).get_epsilon(delta)) if steps else 0.0


def noise_for(epsilon: float, rate: float, steps: int, delta: float) -> float:
    """Return nearly the least noise with which some steps cost no more than epsilon; TrainingError if none is found."""
    enough = 1.0
    while epsilon_of(enough, rate, steps, delta) > epsilon:
        enough *= 2
        if enough > MOST_NOISE:
            raise TrainingError(f"No noise makes {steps:,} steps cost less than epsilon={epsilon:g}.",
                                "Take a larger epsilon, or fewer epochs.")
    too_little = enough / 2
    while enough > LEAST_NOISE and epsilon_of(too_little, rate, steps, delta) <= epsilon:
        enough, too_little = too_little, too_little / 2
    while enough > too_little * (1 + NOISE_WITHIN):
        middle = (enough + too_little) / 2
        if epsilon_of(middle, rate, steps, delta) <= epsilon:
            enough = middle
        else:
            too_little = middle
    return enough


def _accountant(noise: float, interval: float) -> Any:
    scale = max(1.0, (LITTLE_NOISE / noise) ** 2) * min(1.0, MUCH_NOISE / noise)
    return _accounting().pld.PLDAccountant(value_discretization_interval=interval * scale)


def _event(noise: float, rate: float, steps: int) -> Any:
    """Describe some steps to the library."""
    accounting = _accounting()
    one = accounting.PoissonSampledDpEvent(rate, accounting.GaussianDpEvent(noise))
    return accounting.SelfComposedDpEvent(one, steps)


def _accounting() -> Any:
    try:
        import dp_accounting
        import dp_accounting.pld
    except ImportError:
        raise TrainingError("dp-accounting, which counts what privacy costs, is not installed here.",
                            'Run %pip install "recmagic[privacy]".') from None
    return dp_accounting
