"""`fields(width)`: one vector for every usable column, as factorisation machines and their heirs take them."""

from __future__ import annotations

import keras
from keras import ops

from recmagic.compiler.builder import Here
from recmagic.compiler.value import Value
from recmagic.compiler.words.embedding import look_up
from recmagic.compiler.words.words import words
from recmagic.data.column import Column
from recmagic.spec import Column as ColumnNode
from recmagic.spec import Group, Node


def fields(here: Here, width: int, side: str | None = None, also: Node | None = None, rank: int | None = None,
           hashed: int | None = None, pq: int | None = None) -> list[Value]:
    """Give one vector of that width for each usable column, of one side or of all.

    Ids and categories are embedded, multi-valued columns and texts are masked means, numbers are the value times a
    learned vector. Never the rating, the target, or what the target is made from; columns of the interaction only
    when named in `also`. `rank`, `hashed` and `pq` make tables smaller, as those of `embedding`.
    """
    data = here.build.data
    context = [here.build.column(each) for each in (also.items if isinstance(also, Group) else [also] if also else [])]
    if side not in (None, "user", "item"):
        raise here.error(f"There is no side '{side}'.", 'The sides are "user" and "item".')
    chosen = [column for column in data.columns.values()
              if column in context or (column.side != "interaction" and side in (None, column.side))]
    forbidden = here.build.target_sources | {column.source for name, column in data.columns.items() if name == "rating"}
    return [_vector(here, column, width, rank, hashed, pq) for column in chosen if column.source not in forbidden]


def _vector(here: Here, column: Column, width: int, rank: int | None, hashed: int | None, pq: int | None) -> Value:
    node = ColumnNode(column.name, here.call.place)
    field = Here(here.build, here.build.part_of(here.call, column.name))
    read = words(field, node) if column.kind == "text" else column
    rows, graph = field.rows_of(read, node)
    if read.vocabulary:
        return look_up(field, read, rows, graph, width, rank=rank, hashed=hashed, pq=pq)
    scale = field.layer("dense", lambda name: keras.layers.Dense(width, use_bias=False, name=name))
    return Value(scale(ops.expand_dims(rows, -1)), graph, frozenset({read.side}))
