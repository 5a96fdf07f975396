"""Whatever the table: a Dataset that holds what its rows say, or an error of ours that names the row and the column."""

import os
import re
import tempfile
import warnings
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from recmagic.data.dataset import Dataset
from recmagic.errors import DataError, RecmagicError
from tests.data.hostile import FORMS, Table, one_of_each, tables
from tests.data.rereading import Refused, check_same, may_lack_a_part, read_again, refused_cells

ALL = os.environ.get("RECMAGIC_ALL") == "1"
COUNT = (2_400 if ALL else 240) // len(FORMS)
many = settings(max_examples=COUNT, deadline=None, derandomize=True, database=None,
                suppress_health_check=list(HealthCheck))
SEEN: Counter[str] = Counter()


def loaded(table: Table, folder: Path) -> Dataset:
    """Return the table as a Dataset; no cell may make numpy or pandas warn."""
    items = None if table.items is None else Table(table.items, "object", {}).source(folder)
    with warnings.catch_warnings():
        warnings.simplefilter("error", RuntimeWarning)
        return Dataset.load(table.source(folder), items=items, **table.options)


@pytest.mark.parametrize("form", FORMS)
def test_a_table_is_read_as_it_is_or_refused(form: str) -> None:
    @many
    @given(tables((form,)))
    def holds(table: Table) -> None:
        with tempfile.TemporaryDirectory() as folder:
            check(table, Path(folder))

    holds()


@pytest.mark.parametrize("form", FORMS)
def test_each_kind_of_cell_is_read_as_it_is_or_refused(form: str, tmp_path: Path) -> None:
    """What is drawn above may miss one: a mutation of how times in billionths are read survived a day's sample."""
    for place, table in enumerate(one_of_each(form)):
        folder = tmp_path / str(place)
        folder.mkdir()
        try:
            check(table, folder)
        except Exception as error:
            raise AssertionError(table.kinds) from error


def check(table: Table, folder: Path) -> None:
    try:
        events, told = read_again(table)
    except Refused as refused:
        with pytest.raises(DataError, match=re.compile(str(refused), re.DOTALL)) as caught:
            loaded(table, folder)
        assert caught.value._render_traceback_()
        SEEN[_kind(caught.value)] += 1
        return
    allowed = refused_cells(table, events)
    empty = may_lack_a_part(events, table.options["split"])
    try:
        data = loaded(table, folder)
        repr(data), data._repr_html_(), data.fingerprint
    except RecmagicError as error:
        part = " part of the split " in str(error) or "'time' needs timestamps" in str(error)
        assert (part and empty is not False) or any(re.search(each, str(error), re.DOTALL) for each in allowed), error
        SEEN[_kind(error)] += 1
        return
    assert not empty
    check_same(data, table, events, told)
    SEEN["a result"] += 1


def _kind(error: RecmagicError) -> str:
    """Return the end of a message, without what is this table's own."""
    return re.sub(r"/\S+|'.*'|\(.*?\)|\{.*\}|[-+\d]+", "", error.message, flags=re.DOTALL)[-60:].strip()


def test_the_tables_above_ended_in_results_and_in_errors() -> None:
    """A generator whose tables are all refused would prove nothing."""
    tried = sum(SEEN.values())
    for what, count in SEEN.most_common():
        print(f"{count:6,} {what}")
    assert tried == 0 or SEEN["a result"] >= tried / 3
