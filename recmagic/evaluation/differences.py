"""How far models are from a first one on the same users, and how sure each number is, by the paired bootstrap."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from recmagic.evaluation.bootstrap import interval, p_values, resampled_means, significant
from recmagic.evaluation.evaluate import BEYOND_ACCURACY, Evaluation
from recmagic.evaluation.metrics import of_label

OF_A_REPORT = 2_000  # resamples: enough for an interval beside a number


@dataclass(frozen=True)
class Difference:
    """One metric of one model less that of the first, with its 95 % interval and p value.

    `significant` says whether it stands with all models compared by this metric (Holm, 5 %).
    """

    model: str
    metric: str
    value: float
    against_value: float
    difference: float
    low: float
    high: float
    p: float
    significant: bool

    @property
    def verdict(self) -> str:
        """The difference in words: better, worse, no clear difference; where neither side is good, higher or lower."""
        if not self.significant:
            return "no clear difference"
        if of_label(self.metric).name in BEYOND_ACCURACY:
            return "higher" if self.difference > 0 else "lower"
        return "better" if (self.difference > 0) != of_label(self.metric).lower_is_better else "worse"


def differences(evaluations: Mapping[str, Evaluation], resamples: int, seed: int) -> tuple[Difference, ...]:
    """Return each model but the first against the first, on the same users, model by model and metric by metric."""
    first, *others = evaluations.values()
    labels = [label for label in first.per_user if all(label in other.per_user for other in others)]
    pairs = [(name, label) for name in list(evaluations)[1:] for label in labels]
    if not pairs:
        return ()
    gaps = np.stack([evaluations[name].per_user[label] - first.per_user[label] for name, label in pairs], axis=1)
    means = resampled_means(gaps, resamples, seed)
    low, high = interval(means)
    p = p_values(means)
    by_metric = p.reshape(len(others), len(labels))
    marks = np.apply_along_axis(significant, 0, by_metric).ravel()
    return tuple(
        Difference(name, label, evaluations[name].means[label], first.means[label], float(gaps[:, place].mean()),
                   float(low[place]), float(high[place]), float(p[place]), bool(marks[place]))
        for place, (name, label) in enumerate(pairs)
    )  # fmt: skip


def intervals(evaluations: Mapping[str, Evaluation], seed: int = 0) -> dict[tuple[str, str], tuple[float, float]]:
    """Return the 95 % interval (low, high) of the mean over users, for each model and metric that has one a user."""
    found: dict[tuple[str, str], tuple[float, float]] = {}
    for name, each in evaluations.items():
        labels = list(each.per_user)
        if not labels:
            continue
        values = np.stack([each.per_user[label] for label in labels], axis=1)
        low, high = interval(resampled_means(values, OF_A_REPORT, seed))
        found |= {(name, label): (float(low[place]), float(high[place])) for place, label in enumerate(labels)}
    return found
