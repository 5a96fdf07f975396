"""Each magic and its Python twin give the same: one test, every pair through both doors."""

import pytest
from IPython.core.interactiveshell import InteractiveShell

import recmagic
from recmagic.magics.registry import NAMES
from tests.compiler.tiny import tables

CELL = "score = embedding(user_id, 4) @ embedding(item_id, 4)"
# The magic's line, and the twin as an expression over the same names; `m` and `n` are trained models.
PAIRS = {
    "recdata": ("recdata", "d events --items items --split random",
                "Dataset.load(events, items=items, split='random', name='d')"),
    "recmodel": ("recmodel", "g = GMF(width=3) --data data", "Model.from_zoo('GMF', data, width=3, name='g').card"),
    "recmodel of the zoo": ("recmodel", "GMF", "zoo.text('GMF')"),
    "recmodel of the words": ("recmodel", "--words", "recmagic.words()"),
    "recmodel of a word": ("recmodel", "Dense", "recmagic.words('Dense')"),
    "rectrain": ("rectrain", "m --epochs 2 --seed 1", "twin.train(epochs=2, seed=1)"),
    "receval": ("receval", "m n --k 5", "m.evaluate(n, k=5)"),
    "receval --compare": ("receval", "m n --k 5 --compare", "recmagic.compare(m, n, k=5)"),
    "recommend": ("recommend", "m --user 3 -k 4", "m.recommend([3], k=4)"),
    "recommend, two beside each other": ("recommend", "m n --user 3 -k 4", "m.recommend([3], k=4, beside=[n])"),
    "recexplain": ("recexplain", "m --user 3 --item 3", "m.explain(3, 3)"),
    "receval --by": ("receval", "m --k 5 --by activity", "m.evaluate(k=5, by='activity')"),
    "recmap": ("recmap", "m --color genres", "m.map(color='genres')"),
    "recsimilar": ("recsimilar", "m --item 3 -k 4", "m.similar_items([3], k=4)"),
    "recblend": ("recblend", "b = m n --weights 0.7 0.3", "recmagic.blend(m, n, weights=(0.7, 0.3), name='b').card"),
    "reccompress": ("reccompress", "c = m --int8", "m.compress(quantize='int8', name='c').card"),
    "reccode": ("reccode", "m", "m.code()"),
    "recsave": ("recsave", "m {tmp}/by_magic.zip", "m.save('{tmp}/by_magic.zip')"),
    "recload": ("recload", "m {tmp}/by_magic.zip", "recmagic.load('{tmp}/by_magic.zip')"),
    "recupdate": ("recupdate", "u fresh --epochs 1", "twin_u.update(fresh, epochs=1)"),
}
NO_TWIN = {"recinfo"}  # it tells of the notebook itself


@pytest.fixture(scope="module")
def shell():
    started = InteractiveShell.instance()
    recmagic.load_ipython_extension(started)
    events, _, items = tables()
    data = recmagic.Dataset.load(events, items=items, split="random", name="data")
    names = {"events": events, "items": items, "fresh": events.head(20).copy(), "data": data, "recmagic": recmagic,
             "Dataset": recmagic.Dataset, "Model": recmagic.Model, "zoo": recmagic.zoo}
    for name in ("m", "n", "u"):
        for each in (name, f"twin_{name}" if name == "u" else "twin" if name == "m" else name):
            names[each] = recmagic.Model.read(CELL, data, name=name)
            names[each].train(epochs=2, seed=int(name == "n"))
    started.push(names)
    yield started
    recmagic.unload_ipython_extension(started)
    InteractiveShell.clear_instance()


def told(result):
    """What a result says, but for the time that something took."""
    if hasattr(result, "df") and "seconds" not in result.df:
        return result.df.to_string()
    return "\n".join(line for line in repr(result).split("\n") if "(ms) | " not in line)


@pytest.mark.parametrize("pair", PAIRS)
def test_both_doors_give_the_same(shell, pair, tmp_path_factory):
    magic, line, twin = (text.format(tmp=tmp_path_factory.getbasetemp()) for text in PAIRS[pair])
    by_magic = shell.run_line_magic(magic, line)
    by_python = eval(twin, shell.user_ns)
    assert told(by_magic).strip("'\n") == (by_python if isinstance(by_python, str) else told(by_python)).strip("'\n")


def test_every_magic_has_a_twin_here():
    assert {magic for magic, _, _ in PAIRS.values()} | NO_TWIN == set(NAMES)
