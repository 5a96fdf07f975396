"""Every way in gives the same data: notebook variables, files, globs, queries and databases."""

import sqlite3
import subprocess
import sys
from contextlib import closing

import duckdb
import pandas as pd
import polars as pl
import pytest

from recmagic.data.dataset import Dataset
from recmagic.data.opening import _name_of
from recmagic.data.readers.database import without_password
from recmagic.data.readers.files import read_files
from recmagic.errors import DataError

TABLE = pd.DataFrame({
    "user": [1, 1, 1, 2, 2, 2, 3, 3, 3], "sku": ["a", "b", "ä", "a", "b", "ä", "a", "b", "c"],
    "stars": [1, 2, 3, 4, 5, 1, 2, 3, 4], "ts": range(1_700_000_000, 1_700_000_009),
})


def same(data):
    return data.fingerprint == Dataset.load(TABLE, split="last").fingerprint


class Capsule:
    """A table that is known by its Arrow stream alone."""

    def __init__(self, table):
        self.table = table

    def __arrow_c_stream__(self, requested_schema=None):
        return self.table.__arrow_c_stream__(requested_schema)


def test_notebook_variables():
    assert same(Dataset.load(pl.from_pandas(TABLE), split="last"))
    assert same(Dataset.load(pl.from_pandas(TABLE).to_arrow(), split="last"))
    assert same(Dataset.load(Capsule(pl.from_pandas(TABLE)), split="last"))
    with pytest.raises(DataError, match="list is not a table"):
        Dataset.load([1, 2])


def test_an_arrow_table_needs_no_pyarrow():
    code = """
import sys
sys.modules["pyarrow"] = None
import polars as pl
from recmagic.data.dataset import Dataset
table = pl.DataFrame({"user": [1, 1, 1], "item": ["a", "b", "c"], "when": [None, "x", "y"]})
print(Dataset.load(table, split="last").items.count)
"""
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert result.stdout.strip() == "3", result.stderr


@pytest.mark.parametrize(("name", "options"), [
    ("shop.csv", {}), ("shop.tsv", {"sep": "\t"}), ("shop.txt", {"sep": ";"}), ("shop.csv.gz", {}), ("shop", {}),
    ("latin.csv", {"encoding": "latin-1"}), ("blanks.txt", {"sep": " "}),
])
def test_delimited_files(tmp_path, name, options):
    TABLE.to_csv(tmp_path / name, index=False, **options)
    assert same(Dataset.load(tmp_path / name, split="last"))
    assert same(Dataset.load(str(tmp_path / name), split="last"))


def test_a_file_without_a_header_is_named_by_place(tmp_path):
    (tmp_path / "plain.dat").write_text("1::7::4::1700000000\n1::8::5::1700000001\n1::9::1::1700000002\n")
    data = Dataset.load(tmp_path / "plain.dat", split="last")
    assert data.interactions.rating.tolist() == [4, 5, 1] and data.interactions.timestamp[0] == 1_700_000_000
    (tmp_path / "timed.csv").write_text("1,7,1700000000\n1,8,1700000001\n1,9,1700000002\n")
    data = Dataset.load(tmp_path / "timed.csv", split="last")
    assert data.interactions.rating is None and data.interactions.timestamp[2] == 1_700_000_002


def test_the_index_that_pandas_writes_into_parquet_is_no_column(tmp_path):
    pd.DataFrame({"user": [1, 2], "item": [3, 4]}, index=[7, 9]).to_parquet(tmp_path / "rows.parquet")
    assert list(read_files([str(tmp_path / "rows.parquet")]).columns) == ["user", "item"]


def test_parquet_and_globs_keep_the_order_of_their_names(tmp_path):
    duckdb.from_df(TABLE).write_parquet(str(tmp_path / "whole.parquet"))
    assert same(Dataset.load(tmp_path / "whole.parquet", split="last"))
    for place, piece in enumerate((TABLE[:4], TABLE[4:])):
        piece.to_csv(tmp_path / f"part{place}.csv", index=False)
    assert same(Dataset.load(tmp_path / "part*.csv", split="last"))
    assert same(Dataset.load(f"SELECT * FROM '{tmp_path}/part*.csv'", split="last"))
    over = Dataset.load(tmp_path / "part*.csv", query="SELECT * FROM source WHERE stars > 0", split="last")
    assert same(over)


def test_a_bad_cell_far_down_a_file_is_named(tmp_path):
    lines = [f"{row % 50},{row % 37},{row % 5}" for row in range(40_000)]
    lines[39_000] = "1,2,oops"
    (tmp_path / "long.csv").write_text("\n".join(["user,item,rating", *lines]))
    with pytest.raises(DataError, match="Row 39001, column 'rating': 'oops' is not a number"):
        Dataset.load(tmp_path / "long.csv")


def test_metadata_from_files(tmp_path):
    (tmp_path / "products.csv").write_text("id,name,colour\na,Lamp,red\nb,Desk,blue\n")
    data = Dataset.load(TABLE, items=tmp_path / "products.csv", split="last")
    assert data.column("colour").kind == "category" and data.items.label == "name"
    assert data.items.frame["name"].tolist()[:2] == ["Lamp", "Desk"]


@pytest.fixture(params=["sqlite", "duckdb"])
def database(request, tmp_path):
    path = tmp_path / f"shop {request.param}.db"
    if request.param == "sqlite":
        with closing(sqlite3.connect(path)) as connection:
            TABLE.to_sql("log", connection, index=False)
    else:
        with duckdb.connect(str(path)) as connection:
            connection.register("table", TABLE)
            connection.execute('CREATE TABLE log AS SELECT * FROM "table"')
    return path


def test_databases(database):
    before = database.read_bytes()
    assert same(Dataset.load(database, split="last"))
    assert same(Dataset.load(str(database), query="SELECT * FROM log WHERE stars > 0", split="last"))
    with pytest.raises(DataError, match="The query cannot be run"):
        Dataset.load(database, query="SELECT nothing FROM nowhere")
    for writing in ("DROP TABLE log", "DELETE FROM log", "BEGIN"):
        with pytest.raises(DataError):
            Dataset.load(database, query=writing)
    assert database.read_bytes() == before


def test_a_database_of_several_tables_asks_for_a_query(tmp_path):
    with closing(sqlite3.connect(tmp_path / "two.db")) as connection:
        TABLE.to_sql("log", connection)
        TABLE.to_sql("old", connection)
    with pytest.raises(DataError, match="holds the tables log, old"):
        Dataset.load(tmp_path / "two.db")
    with pytest.raises(DataError, match="no database"):
        Dataset.load(tmp_path / "none.db")


def test_no_message_or_name_keeps_a_password():
    address = "postgresql://me:se%40cret@localhost/shop"
    told = without_password(f"cannot open {address} as me with se@cret", address)
    assert told == "cannot open postgresql://me:***@localhost/shop as me with ***"
    assert without_password("as it is", "postgresql://localhost/shop") == "as it is"
    assert [_name_of(source) for source in (address, "postgresql://me:secret@localhost", "a/b.csv", TABLE)] == [
        "shop", "table", "b", "table"]


def test_what_is_not_there_says_what_to_do(tmp_path):
    (tmp_path / "ratings.csv").write_text("user,item\n1,2\n")
    with pytest.raises(DataError, match=r"There is no file") as caught:
        Dataset.load(tmp_path / "rating.csv")
    assert caught.value.hint == "Did you mean ratings.csv?"
    with pytest.raises(DataError, match="No file matches"):
        Dataset.load(tmp_path / "*.parquet")
    with pytest.raises(DataError, match="is a folder"):
        Dataset.load(tmp_path)
    with pytest.raises(DataError, match="no built-in source, file or table 'movielens-1k'") as caught:
        Dataset.load("movielens-1k")
    assert "movielens-1" in caught.value.hint
    with pytest.raises(DataError, match="The query cannot be run"):
        Dataset.load("SELECT * FROM 'nowhere.csv'")
