"""The program that a model is written out as runs without recmagic, in a process of its own, and gives its scores."""

import os
import subprocess
import sys

import keras
import numpy as np
import pytest
from IPython.core.interactiveshell import InteractiveShell

from recmagic.blending import blend
from recmagic.compiler.keras_names import USER_PACKAGE
from recmagic.errors import ModelError
from recmagic.model import Model
from tests.zoo.cells import SOLVED, TRAINED, cut, text_of

REFUSED = {"LightGCN"}
QUICK = ["TwoTower", "NeuMF", "GRU4Rec"]
ALL = [name for name in TRAINED if name not in REFUSED]


RUN = """import os, sys
sys.modules["recmagic"] = None  # to import it fails
for folder in sys.argv[1:]:
    space = {"__name__": "program"}
    exec(open(f"{folder}/program.py").read(), space)
    pairs = [line.split() for line in open(f"{folder}/pairs")]
    print(*space["predict"](space["load"](f"{folder}/weights.npz"), *zip(*pairs)).tolist())
"""


def test_it_gives_the_same_scores(tmp_path):
    wanted, folders = [], []
    for name in ALL if os.environ.get("RECMAGIC_ALL") else QUICK:
        model = Model.read(text_of(name), cut(), name=name)
        model.trained = True  # the weights as they were drawn do as well
        folders.append(tmp_path / name)
        folders[-1].mkdir()
        code = model.code(weights=folders[-1] / "weights")
        code.write(folders[-1] / "program.py")
        pairs = [(model.data.users.ids[at + 1], model.data.items.ids[-at - 1]) for at in range(5)]
        (folders[-1] / "pairs").write_text("".join(f"{user} {item}\n" for user, item in pairs))
        assert "recmagic" not in code.text.replace("Made by recmagic", "").replace('package="recmagic"', "")
        wanted.append(model.predict(*(list(each) for each in zip(*pairs))))
        assert len(set(np.round(wanted[-1], 6))) > 1
    found = subprocess.run([sys.executable, "-c", RUN, *map(str, folders)], text=True, capture_output=True)
    assert found.returncode == 0, found.stderr[-2000:]
    for name, line, scores in zip(folders, found.stdout.strip().splitlines(), wanted):
        np.testing.assert_allclose([float(each) for each in line.split()], scores, rtol=1e-4, atol=1e-5,
                                   err_msg=name.name)


def test_it_shows_itself():
    code = Model.read(text_of("GMF"), cut(), name="gmf").code()
    assert repr(code) == code.text and "<pre" in code._repr_html_() and "score_dense = layers.Dense(" in code.text
    assert "score = embedding(user_id, width) * embedding(item_id, width)" in code.text  # the cell, at its head
    compile(code.text, "program.py", "exec")


@pytest.mark.parametrize("name", sorted(REFUSED | {"EASE"}))
def test_what_cannot_be_written_is_refused_in_a_sentence(name):
    with pytest.raises(ModelError, match=r"%reccode cannot|no program of it"):
        Model.read(text_of(name), cut(), name=name).code()
    assert name in SOLVED | REFUSED


def test_a_blend_and_untrained_weights_are_refused(tmp_path):
    parts = [Model.read("score = Popularity()", cut(), name=each) for each in "ab"]
    for each in parts:
        each.train()
    with pytest.raises(ModelError, match="is a blend"):
        blend(*parts).code()
    with pytest.raises(ModelError, match="has not been trained"):
        Model.read(text_of("GMF"), cut(), name="gmf").code(weights=tmp_path / "w.npz")


CELL = """import recmagic
from keras import layers, ops

def help_it():
    pass

@recmagic.layer
class Halved(layers.Layer):
    \"\"\"Half of it.\"\"\"

    def call(self, x):
        return ops.multiply(x, 0.5)
"""


def test_a_layer_that_was_written_in_a_notebook_is_written_out():
    shell = InteractiveShell.instance()
    try:
        assert shell.run_cell(CELL).success
        text = "score = (embedding(user_id, 4) >> Halved()) @ embedding(item_id, 4)"
        code = Model.read(text, cut(), name="halved").code().text
        assert '\nclass Halved(layers.Layer):\n    """Half of it."""\n\n    def call(self, x):' in code
        assert "help_it" not in code and "@recmagic" not in code
        compile(code, "program.py", "exec")
    finally:
        keras.saving.get_custom_objects().pop(f"{USER_PACKAGE}>Halved", None)
        InteractiveShell.clear_instance()


USES = """import math
import numpy as np
import recmagic
from keras import ops
from keras.layers import Layer as Base

SHARP, TABLE = 2.0, np.eye(4)

def soft(x):
    return ops.tanh(x / SHARP)

class Middle(Base):
    pass

@recmagic.layer
class Uses(Middle):
    def __init__(self, times=math.pi, **options):
        super().__init__(**options)
        self.times = times

    def call(self, x):
        return [soft(each) * self.times for each in [x]][0]

@recmagic.layer
class Borrows(Base):
    def call(self, x):
        return x @ TABLE
"""


def test_what_a_layer_of_a_notebook_uses_is_written_out_too(tmp_path):
    shell = InteractiveShell.instance()
    try:
        assert shell.run_cell(USES).success
        text = "score = (embedding(user_id, 4) >> {}()) @ embedding(item_id, 4)"
        model = Model.read(text.format("Uses"), cut(), name="uses")
        model.program.as_drawn, model.trained = False, True
        code = model.code(weights=tmp_path / "weights")
        for each in ("import math\n", "SHARP = 2.0", "def soft(x):", "class Middle(Base):",
                     "from keras.layers import Layer as Base"):
            assert each in code.text, each
        code.write(tmp_path / "program.py")
        users, items = model.data.users.ids[1:3], model.data.items.ids[2:4]
        (tmp_path / "pairs").write_text("".join(f"{user} {item}\n" for user, item in zip(users, items)))
        found = subprocess.run([sys.executable, "-c", RUN, str(tmp_path)], text=True, capture_output=True)
        assert found.returncode == 0, found.stderr[-2000:]
        given = [float(each) for each in found.stdout.split()]
        np.testing.assert_allclose(given, model.predict(users, items), atol=1e-5)
        with pytest.raises(ModelError, match="Borrows uses 'TABLE' of the notebook, a ndarray"):
            Model.read(text.format("Borrows"), cut(), name="borrows").code()
    finally:
        for name in ("Uses", "Borrows"):
            keras.saving.get_custom_objects().pop(f"{USER_PACKAGE}>{name}", None)
        InteractiveShell.clear_instance()


def test_a_keras_model_that_was_brought_is_refused():
    inputs = {name: keras.Input((), name=name, dtype="int32") for name in ("user_id", "item_id")}
    both = [keras.layers.Embedding(cut().column(name).size, 4)(each) for name, each in inputs.items()]
    brought = Model(keras.Model(inputs, keras.layers.Dense(1)(keras.layers.Concatenate()(both))), cut(), loss="BPR()")
    with pytest.raises(ModelError, match="a whole Keras model"):
        brought.code()
