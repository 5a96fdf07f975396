"""The ranking loop: pieces on many threads, users in order, the device's selection, and mistakes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from recmagic.backends.protocol import Selection
from recmagic.errors import ModelError
from recmagic.evaluation import ranking
from recmagic.evaluation.hidden import Hidden
from recmagic.evaluation.ranking import selections, users_at_once
from recmagic.evaluation.selection import select

ROWS = np.arange(1, 38, dtype=np.int32)[::-1].copy()


class Table:
    """Scores from a table, on a make-believe device where a score is read as a whole only."""

    ranks_cold = True

    def __init__(self, table: np.ndarray) -> None:
        self.table = table

    def score(self, user_rows: np.ndarray) -> np.ndarray:
        return self.table[user_rows]


@pytest.fixture
def table() -> Table:
    return Table(np.random.default_rng(0).integers(0, 9, (40, 30)).astype(np.float32))


def hidden(rows: np.ndarray) -> Hidden:
    """Hide item 0, and from each user the item of the user's row."""
    return Hidden(np.zeros(1, int), np.arange(len(rows)), rows % 30)


def relevant(rows: np.ndarray) -> np.ndarray:
    return np.stack([(rows + 1) % 30, np.full(len(rows), -1)], axis=1).astype(np.int32)


def joined(found: Any) -> tuple[np.ndarray, Selection]:
    rows, chosen = zip(*found)
    return np.concatenate(rows), Selection(*(np.concatenate(parts) for parts in zip(*chosen)))


@pytest.mark.parametrize("cores", [1, 2, 5])
@pytest.mark.parametrize("batch", [1, 8, 64])
def test_pieces_of_any_size_give_the_same(table: Table, monkeypatch: Any, cores: int, batch: int) -> None:
    monkeypatch.setattr(ranking, "CORES", cores)
    monkeypatch.setattr(ranking, "WORTH_A_THREAD", 30)
    rows, found = joined(selections(table, ROWS, hidden, k=4, relevant=relevant, batch=batch))
    want = select(table.score(ROWS), hidden(ROWS), relevant(ROWS), 4)
    assert rows.tolist() == ROWS.tolist()
    for got, expected in zip(found, want):
        np.testing.assert_array_equal(got, expected)


def test_the_device_selects_from_whole_blocks_with_a_mask(table: Table, monkeypatch: Any) -> None:
    monkeypatch.setattr(ranking, "WORTH_A_THREAD", 1)
    asked = []

    def on_device(scores: Any, mask: Any, targets: Any, k: int) -> Selection:
        asked.append((scores.shape, mask.dtype, k))
        found = select(scores, mask, targets, k)
        return found._replace(items=np.where(np.isneginf(found.scores), 7, found.items))

    rows, found = joined(selections(table, ROWS, hidden, k=99, relevant=relevant, batch=20, select=on_device))
    assert asked == [((20, 30), bool, 30), ((17, 30), bool, 30)]
    want = select(table.score(ROWS), hidden(ROWS), relevant(ROWS), 30)
    assert rows.tolist() == ROWS.tolist() and (found.items[:, -1] == 0).all()
    np.testing.assert_array_equal(found.scores, want.scores)


def test_a_score_that_is_no_number_is_told_from_any_piece(table: Table, monkeypatch: Any) -> None:
    monkeypatch.setattr(ranking, "WORTH_A_THREAD", 30)
    table.table[ROWS[-1], 5] = np.nan
    with pytest.raises(ModelError, match="not numbers"):
        list(selections(table, ROWS, hidden, k=4))
    table.table[ROWS[-1], :] = 0.0
    table.table[ROWS[-1], ROWS[-1]] = np.nan  # hidden: it does not count
    assert len(list(selections(table, ROWS, hidden, k=4))) > 1


@pytest.mark.parametrize("columns", [2, 100, 3707, 27001, 10**6, 10**9])
def test_a_block_is_a_power_of_two_of_bounded_size(columns: int) -> None:
    users = users_at_once(columns)
    assert users & (users - 1) == 0 and 16 <= users <= 512
    assert users == 16 or users * columns <= ranking.CORES * ranking.PIECE
