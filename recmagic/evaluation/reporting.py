"""A report over compiled cells: their scorers with the right history, and their predictions where there is a target."""

from __future__ import annotations

from collections.abc import Mapping

from recmagic.backends.protocol import Backend
from recmagic.compiler.recommender import PairScorer, Recommender
from recmagic.errors import ModelError
from recmagic.evaluation.measure import measure
from recmagic.evaluation.pairs import Pairs, pairs_of
from recmagic.evaluation.predictions import predictions, scorer_for
from recmagic.evaluation.report import Report
from recmagic.evaluation.selection import select_for


def report(programs: Mapping[str, Recommender], backend: Backend, *, k: int, on: str, by: str = "") -> Report:
    """Rank the whole catalogue with each program and report them side by side, Popularity beside them.

    Raises ModelError if they stand on different data, DataError if the part has nothing to find.
    """
    (first, program), *further = programs.items()
    data = program.data
    for name, other in further:
        if other.data.fingerprint != data.fingerprint:
            raise ModelError(f"'{name}' and '{first}' stand on different data.",
                             "Numbers compare only on one data set and split.")
    scorers: dict[str, PairScorer] = {}
    pairs: dict[str, Pairs] = {}
    others: dict[str, dict[str, Pairs]] = {}
    for name, program in programs.items():
        scorers[name] = scorer_for(program, backend, on)
        if program.targets is not None:
            pairs[name] = _pairs(program, scorers[name], on)
        others[name] = {score: _pairs(other, scorer_for(other, backend, on), on)
                        for score, other in program.by_score.items() if other is not program}
    return measure(scorers, data, k=k, on=on, pairs=pairs, others=others, select=select_for(backend), by=by)


def _pairs(program: Recommender, scorer: PairScorer, on: str) -> Pairs:
    assert program.targets is not None
    return pairs_of(predictions(program, scorer), program.data, program.targets, on=on, binary=program.binary)
