"""Small logs for the tests of scorers."""

import numpy as np

from recmagic.data.dataset import Dataset
from recmagic.scorers import Log

TRAIN, VALID = 0, 1


def log_of(*users: list[int], times: list[float] | None = None, items: int = 6) -> Log:
    """The log of users 1, 2, ... who each took some item rows, in this order."""
    rows = np.concatenate([np.full(len(each), user, np.int32) for user, each in enumerate(users, start=1)])
    taken = np.array([item for each in users for item in each], np.int32)
    return Log(rows, taken, None if times is None else np.array(times), (len(users) + 1, items + 1))


def training_log(data: Dataset) -> Log:
    return Log.of(data.interactions, (TRAIN,))


def random_log(users: int = 60, items: int = 30, seed: int = 0) -> Log:
    """Users who took between none and ten of the items, popular ones more often; the last item nobody took."""
    random = np.random.default_rng(seed)
    liking = 1.0 / np.arange(1, items)
    taken = [random.choice(np.arange(1, items), random.integers(0, 10), replace=False, p=liking / liking.sum())
             for _ in range(users)]
    return log_of(*(each.tolist() for each in taken), items=items)


ALL = np.arange(61, dtype=np.int32)  # the users of `random_log`, the unknown one first
