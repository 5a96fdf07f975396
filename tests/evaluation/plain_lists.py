"""Plain definitions of the list metrics on one ordered list, and the lists that ties allow: what tests compare with."""

from __future__ import annotations

from itertools import groupby, permutations, product
from math import log2
from typing import Iterator


def recall(hits: list[int], relevant: int, k: int) -> float:
    return sum(hits[:k]) / relevant


def recall_min(hits: list[int], relevant: int, k: int) -> float:
    return sum(hits[:k]) / min(k, relevant)


def precision(hits: list[int], relevant: int, k: int) -> float:
    return sum(hits[:k]) / k


def f1(hits: list[int], relevant: int, k: int) -> float:
    p, r = precision(hits, relevant, k), recall(hits, relevant, k)
    return 2 * p * r / (p + r) if p + r else 0.0


def hit_rate(hits: list[int], relevant: int, k: int) -> float:
    return float(any(hits[:k]))


def mrr(hits: list[int], relevant: int, k: int) -> float:
    return 1 / (hits[:k].index(1) + 1) if 1 in hits[:k] else 0.0


def ndcg(hits: list[int], relevant: int, k: int) -> float:
    ideal = sum(1 / log2(rank + 1) for rank in range(1, min(relevant, k) + 1))
    return sum(hit / log2(rank + 1) for rank, hit in enumerate(hits[:k], 1)) / ideal


def map(hits: list[int], relevant: int, k: int) -> float:
    found = [sum(hits[:rank]) / rank for rank in range(1, min(k, len(hits)) + 1) if hits[rank - 1]]
    return sum(found) / min(k, relevant)


PLAIN = {f.__name__: f for f in (recall, recall_min, precision, f1, hit_rate, mrr, ndcg, map)}


def orders(scores: list[float], listed: list[int]) -> Iterator[list[int]]:
    """Yield every list of the items that is sorted by score, with each order inside a tie."""
    best = sorted(listed, key=lambda item: -scores[item])
    groups = [list(group) for _, group in groupby(best, key=lambda item: scores[item])]
    for choice in product(*(permutations(group) for group in groups)):
        yield [item for group in choice for item in group]


def expected(name: str, scores: list[float], listed: list[int], relevant: set[int], k: int) -> float:
    """Average a plain metric over all lists that ties allow."""
    values = [PLAIN[name]([int(i in relevant) for i in order], len(relevant), k) for order in orders(scores, listed)]
    return sum(values) / len(values)
