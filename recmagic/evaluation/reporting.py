"""A report over compiled cells: their scorers with the right history, and their predictions where there is a target."""

from __future__ import annotations

from collections.abc import Mapping

from recmagic.backends.protocol import Backend
from recmagic.compiler.recommender import Recommender
from recmagic.errors import ModelError
from recmagic.evaluation.measure import measure
from recmagic.evaluation.pairs import pairs_of
from recmagic.evaluation.predictions import predictions, scorer_for
from recmagic.evaluation.report import Report
from recmagic.evaluation.selection import select_for


def report(programs: Mapping[str, Recommender], backend: Backend, *, k: int, on: str) -> Report:
    """Rank the whole catalogue with each program and report them side by side, Popularity beside them.

    Raises ModelError if they stand on different data, DataError if the part has nothing to find.
    """
    (first, program), *others = programs.items()
    data = program.data
    for name, other in others:
        if other.data.fingerprint != data.fingerprint:
            raise ModelError(f"'{name}' and '{first}' stand on different data.",
                             "Numbers compare only on one data set and split.")
    scorers, pairs = {}, {}
    for name, program in programs.items():
        scorers[name] = scorer_for(program, backend, on)
        if program.targets is not None:
            pairs[name] = pairs_of(predictions(program, scorers[name]), data, program.targets, on=on,
                                   binary=program.binary)
    return measure(scorers, data, k=k, on=on, pairs=pairs, select=select_for(backend))
