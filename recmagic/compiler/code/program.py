"""The whole program: towers, head, and how its scores are asked for; and the arrays that it reads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np
from keras import ops

from recmagic.compiler.blend import Blend
from recmagic.compiler.code.graph import Names, lines
from recmagic.compiler.code.inlined import definitions
from recmagic.compiler.cut import Cut
from recmagic.compiler.feeds import CATALOGUE, Feed, Rows, item_inputs, query_inputs
from recmagic.compiler.program import Program
from recmagic.compiler.scorer import CutScorer
from recmagic.compiler.solved import Solved
from recmagic.errors import ModelError

HEAD = '''"""{title}

Made by recmagic, which it does not need: {needs} and numpy are enough. Without a file of weights they are random.

{text}
"""

import os
import sys
{imports}
os.environ.setdefault("KERAS_BACKEND", "{backend}")

import keras{rs}
import numpy as np
from keras import layers, ops
{more}'''
GIVEN = ("import keras", "import keras_rs", "import numpy as np", "from keras import ops", "from keras import layers")
USE = '''

def load(file):
    """Set the weights from a file; return its arrays: ids of users and items, and what the inputs hold for each."""
    arrays = np.load(file)
    for name, layer in LAYERS.items():
        layer.set_weights([arrays[f"weights/{{name}}/{{place}}"] for place in range(len(layer.weights))])
    return arrays


def inputs(arrays, side, rows):
    """Return what the inputs of a side hold for some rows of users or items; some hold the same for all."""
    found = {{}}
    for name in arrays.files:
        kind, _, rest = name.partition("/")
        if kind in ("rows", "whole") and rest.startswith(side):
            found[rest] = ops.convert_to_tensor(arrays[name][rows] if kind == "rows" else arrays[name])
    return found


def predict(arrays, users, items):
    """Return one number for each pair of a user id and an item id."""
    rows = [{{str(each): row for row, each in enumerate(arrays[name], start=1)}} for name in ("users", "items")]
    user_rows, item_rows = ([known[str(each)] for each in ids] for known, ids in zip(rows, (users, items)))
    of_users, of_items = query(inputs(arrays, "query", user_rows)), item(inputs(arrays, "item", item_rows))
{score}
    return np.asarray(ops.convert_to_numpy({ending}), "float64")


if __name__ == "__main__":  # python program.py WEIGHTS.npz USER ITEM [USER ITEM ...]
    query.summary()
    item.summary()
    if len(sys.argv) > 3:
        print(*predict(load(sys.argv[1]), sys.argv[2::2], sys.argv[3::2]).tolist())
'''
RETRIEVAL = '    scores = ops.sum(of_users["query_0"] * of_items["item_0"], axis=-1)'
MIXED = "    scores = head({{**of_users, **of_items}})[:, {place}]"


def program_text(program: Any, name: str) -> str:
    """Return a Keras program that gives a model's scores; ModelError where none can be written."""
    cut, names = checked(program, name).cut, Names()
    told = {feed.name: _told(feed) for feed in (*cut.query_feeds, *cut.item_feeds)}
    parts = [("The user's side", "query", _query(cut)), ("The item's side", "item", _vectors(cut.item_tower))]
    if cut.head is not None:
        parts.append(("Where the sides meet", "head", cut.head))
    built = [line for title, variable, model in parts for line in _part(title, variable, model, names, told)]
    imports, defined = definitions(names.layers.values())
    imports = [each for each in imports if each not in GIVEN]
    of_keras = [each for each in imports if each.split()[1].startswith("keras")]  # only once the backend is chosen
    with_rs = any(type(each).__module__.startswith("keras_rs") for each in names.layers.values())
    weighted = [(each.name, names.of_layer[key]) for key, each in names.layers.items() if each.weights]
    table = "\n".join(f"    {layer!r}: {variable}," for layer, variable in weighted)
    head = HEAD.format(title=f"The model '{name}' as a Keras program.", text=_indented(program.outline().text),
                       backend=keras.backend.backend(), needs="keras, keras_rs" if with_rs else "keras",
                       imports="".join(f"{each}\n" for each in imports if each not in of_keras),
                       more="".join(f"{each}\n" for each in of_keras), rs="\nimport keras_rs" if with_rs else "")
    score = RETRIEVAL if cut.head is None else MIXED.format(place=cut.place)
    ending = "ops.sigmoid(scores)" if program.probabilities else "scores"
    blocks = [head, *(f"\n{each}\n" for each in defined), "\n".join(built),
              f"\nLAYERS = {{\n{table}\n}}", USE.format(score=score, ending=ending)]
    return "\n".join(blocks)


def checked(program: Any, name: str) -> Program:
    """Return a program that can be written out; ModelError, one sentence, where one cannot."""
    if isinstance(program, Blend):
        raise ModelError(f"'{name}' is a blend, which is no Keras model of its own.", "Write its parts: %reccode PART.")
    if isinstance(program, Solved):
        raise ModelError(f"'{name}' is solved or counted, not a Keras model, so there is no program of it.")
    if program.cut.reads_graph:
        raise ModelError(f"'{name}' propagates over the graph of who has what, which %reccode cannot write out.")
    if program.context_columns:
        columns = ", ".join(each.partition("/")[2] for each in program.context_columns)
        raise ModelError(f"'{name}' reads columns of the interaction ({columns}), which %reccode cannot write out.")
    return program


def write_arrays(program: Any, name: str, scorer: Any, file: str | Path) -> Path:
    """Write what the program loads to an .npz file: weights by layer, ids, the inputs of each side for every row."""
    path = Path(file).with_suffix(".npz")
    np.savez(path, **_arrays(checked(program, name), scorer))
    return path


def _arrays(program: Program, scorer: CutScorer) -> dict[str, Any]:
    cut, data = program.cut, program.data
    users = np.arange(data.users.count + 1, dtype=np.int32)
    items = np.arange(data.items.count + 1, dtype=np.int32)
    of_users = query_inputs(cut.query_feeds, scorer.data, Rows(users, scorer.stop[users]))
    of_items = item_inputs(cut.item_feeds, scorer.data, items)
    found: dict[str, Any] = {"users": data.users.ids[1:].astype(str), "items": data.items.ids[1:].astype(str)}
    for feed, values in [*((feed, of_users[feed.name]) for feed in cut.query_feeds),
                         *((feed, of_items[feed.name]) for feed in cut.item_feeds)]:
        found[f"{'whole' if feed.window == CATALOGUE else 'rows'}/{feed.name}"] = ops.convert_to_numpy(values)
    for layer in _layers(cut):
        found |= {f"weights/{layer.name}/{place}": each for place, each in enumerate(layer.get_weights())}
    return found


def _layers(cut: Cut) -> list[keras.layers.Layer]:
    return [layer for layer in dict.fromkeys(layer for tower in cut.towers for layer in tower.layers) if layer.weights]


def _query(cut: Cut) -> Any:
    """Return the query tower with its vectors alone; of a sequence the last step is the one that recommends."""
    tower = cut.query_tower
    if not cut.every_step:
        return _vectors(tower)
    last = [each[:, -1] if len(each.shape) == 3 else each for each in tower.output["vectors"]]
    return _giving(tower, last)


def _vectors(tower: Any) -> Any:
    return _giving(tower, tower.output["vectors"])


def _giving(tower: Any, vectors: Sequence[Any]) -> Any:
    """Return a tower whose outputs have the names of the head's inputs."""
    named = {f"{tower.name}_{place}": each for place, each in enumerate(vectors)}
    return keras.Model(_inputs(tower), named, name=tower.name)


def _inputs(tower: Any) -> Mapping[str, Any]:
    return {each.name: each for each in tower.inputs}


def _part(title: str, variable: str, model: Any, names: Names, told: Mapping[str, str]) -> list[str]:
    """Return the lines of one of the models and of its making."""
    body = list(lines(model, names, dict(told) if variable != "head" else {}))
    given = ", ".join(f"{each.name!r}: {names.of_tensor[id(each)]}" for each in model.inputs)
    if variable == "head":
        ends = names.of_tensor[id(model.output)]
    else:  # by name: Keras sorts the outputs of a dictionary, query_10 before query_2
        ends = "{" + ", ".join(f"{name!r}: {names.of_tensor[id(each)]}" for name, each in model.output.items()) + "}"
    return ["", f"# {title}", *body, f"{variable} = keras.Model({{{given}}}, {ends}, name={variable!r})"]


def _told(feed: Feed) -> str:
    if feed.table == "zero":
        return "always 0"
    window = f", of the {feed.window.kind}" if feed.window else ""
    return (feed.table or "which steps are real").replace("log/", "interaction/") + window


def _indented(text: str) -> str:
    lines = text.strip("\n").replace("\\", "\\\\").replace('"""', "'''").split("\n")
    return "\n".join(f"    {line}" for line in lines)
