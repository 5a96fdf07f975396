"""What a cell gets wrong about its data, shown under the piece that caused it: `<marked like this>` in the text."""

import re

import keras
import numpy as np
import pytest

from recmagic.compiler.builder import name_in_cell
from recmagic.compiler.own_layers import layer
from recmagic.errors import ModelError, SpecError
from tests.compiler.tiny import compiled

U, V = "embedding(user_id, 4)", "embedding(item_id, 4)"
FACTORS = f"score = {U} @ {V}\n"


def assert_refused(marked, message, hint=None):
    """The problem of the text is at the mark and says this; `«` and `»` are the mark."""
    start, end = marked.index("«"), marked.index("»") - 1
    text = marked.replace("«", "").replace("»", "")
    with pytest.raises(SpecError) as caught:
        compiled(text)
    problem = caught.value.problems[0]
    lines = text.split("\n")
    before = sum(len(line) + 1 for line in lines[: problem.place.line - 1])
    found = text[before + problem.place.start:before + problem.place.end]
    assert (before + problem.place.start, found) == (start, text[start:end]), str(problem)
    assert re.search(message, problem.message), problem.message
    assert hint is None or re.search(hint, problem.hint), problem.hint


def test_a_hint_quotes_a_name_that_a_cell_must_quote():
    assert [name_in_cell(each) for each in ("price", "List Price", "class")] == [
        "price", 'column("List Price")', 'column("class")']


@pytest.mark.parametrize("marked, message, hint", [
    # columns
    (f"score = {U} @ embedding(«itm_id», 4)", "no column 'itm_id'", "Did you mean item_id?"),
    (f"score = {U} @ embedding(«price», 4)", "'price' has no list of values", r"number\(price\)"),
    (f"score = {U} @ embedding(«title», 4)", "'title' has no list of values", r"words\(title\)"),
    (f"score = concat({U}, number(«genres»), {V}) >> Dense(1)", "'genres' is not a number: it is multi", "embedding"),
    (f"score = {U} @ embedding(words(«genres»), 4)", "needs a text column", "types"),
    (f"score = {U} @ embedding(buckets(«genres», 3), 4)", "needs a number", "types"),
    (f"score = {U} @ embedding(buckets(«price», 1), 4)", "parts nothing", "2 or more"),
    (f"score = {U} @ embedding(tokens(«title», 0), 4)", "no room for a word", "1 or more"),
    (f"score = concat(«age», {V}) >> Dense(1)", "'age' is not a value yet", r"number\(age\)"),
    (f"score = {U} @ («buckets(price, 3)» >> Dense(4))", "'buckets.*' is not a value yet", r"embedding\(buckets\("),
    (f"score = {U} @ («words(title)» >> Dense(4))", "not a value yet", r"embedding\(words\(title\), 32\)"),
    (f"score = {U} @ embedding(«{V}», 4)", "A column belongs here", None),
    (f"idle = embedding(«prise», 2)\nscore = {U} @ {V}", "no column 'prise'", "Did you mean price?"),
    # layers for images
    (f"score = «concat({U} >> Reshape((2, 2, 1)), {V})» >> Dense(1)", "this is 2 × 2 × 1", "Flatten"),
    (f"score = «({U} >> Reshape((2, 2, 1))) + {V}» >> Dense(1)", "this is 2 × 2 × 1", "Flatten"),
    (f"score = ({U} >> «Equalization()») @ {V}", "Equalization is for images, and this is .* shape 4", None),
    (f"score = history({V} >> «RandomFlip()», 3) @ {V}", "RandomFlip is for images", None),
    # targets
    (FACTORS + "target = at_least(«price», 10)", "'price' belongs to the item, not to an interaction", "column of the"),
    (FACTORS + "target = at_least(«title», 4)", "'title' belongs to the item", None),
    (FACTORS + "target = at_least(«device», 4)", "'device' holds no numbers", "rating"),
    (FACTORS + "target = «device»", "'device' holds no numbers", None),
    # settings of a word
    (f"score = «embedding(user_id, 4, initializer='x')» @ {V}", "No table can start so: .* identifier: x", "HeNormal"),
    (f"score = «embedding(user_id, 4, initializer=None)» @ {V}", "No table can start so: None", None),
    (f"score = «embedding(user_id, 4, initializer=NonNeg())» @ {V}", "No table can start so: NonNeg", None),
    (f"score = «embedding(user_id, 4, initializer=RandomNormal(stddev='x'))» @ {V}", "No table can start so: ", None),
    (f"score = embedding(user_id, 4, initializer=«{U}») @ {V}", "A setting is .*, not a value", None),
    (f"score = {U} @ embedding(tokens(title, «{U} * {V}»), 4)", "A setting is .*, not a value", None),
    (f"score = «embedding(user_id, 4, unknown=1.5)» @ {V}", "a rate from 0 to 1", "0.1"),
    # sides
    ("score = «embedding(user_id, 8)» >> Dense(4) >> Dense(1)", "does not depend on the item", "item columns"),
    ("score = «embedding(item_id, 8)» >> Dense(1)", "does not depend on the user", "user columns"),
    ("score = «bias()»", "does not depend on the item", None),
    (f"score = «bias() + bias(item_id) + {V} @ embedding(genres, 4)»", "does not depend on the user", None),
    (f"score = {U} @ mean(history(concat(embedding(«country», 2), {V}), 3))", "belongs to the user", "history"),
    # widths
    ("score = «embedding(user_id, 64) @ embedding(item_id, 32)»", "64 and 32 wide", r"Dense\(32\)"),
    (f"item = «embedding(item_id, 64) + embedding(genres, 16)»\nscore = {U} @ item", r"\+ adds .* 64 and 16 wide",
     "concat"),
    (f"item = «embedding(item_id, 64) * embedding(genres, 16)»\nscore = {U} @ item", "multiplies", "concat"),
    (f"score = «concat({U}, {V}) >> Dense(3)»", "3 wide, and it must be one number", r"Dense\(1\)"),
    (f"score = {U} @ «embedding(item_id, 0)»", "whole number from 1 up", None),
    (f"score = {U} @ «embedding(item_id, 1000000000)»", "weights up to here are 68 GB; training them takes 272 GB",
     "smaller width"),
    # sequences
    (f"h = history({V}, 3)\nscore = «h @ embedding(tokens(title, 4), 4)»", "3 and 4 steps", "one length"),
    (f"h = history({V}, 3)\ng = history({V}, 5)\nscore = mean(«concat(h, g)») @ embedding(item_id, 8)", "3 and 5 steps",
     "one length"),
    (f"score = mean(«{U}») @ {V}", "needs a sequence", "history"),
    (f"score = last(«{U}») @ {V}", "needs a sequence", "history"),
    (f"score = mean(«history({V}, 0)») @ {V}", "length of a history", None),
    (f"h = «history({V}, 3)»\nscore = mean(history(h, 3)) @ {V}", "cannot stand inside a history", "inner one"),
    (f"h = history({V}, 6) >> Conv1D(4, 2, strides=2)\nscore = «h @ {V}»", "cannot be taken step by step", r"last\("),
    (f"score = {U} @ mean(history(«embedding(tokens(title, 3), 4)», 5))", "must be one vector", "mean"),
    # layers
    (f"h = history({V}, 3)\nscore = mean(h >> «MultiHeadAttention(1, 4)») @ {V}", "takes two values",
     r"\(x, x\) >> MultiHeadAttention"),
    ("score = fields(4) >> «Flatten()» >> Dense(1)", r"^Flatten takes one value, and this is \d+\.$", "concat"),
    (f"{FACTORS}loss = BinaryCrossentropy()\ntarget = «at_least(rating, 40)»", "0 for every interaction", "reach"),
    (f"score = {U} >> «Conv1D(4, 3)» >> Dense(1)", "Conv1D does not fit a value of shape 4", None),
    (f"score = concat({U}, {V}) >> «Reshape((3, 5))» >> Dense(1)", "Reshape does not fit a value of shape 8", None),
    (f"score = concat({U}, {V}) >> «Dense(-3)» >> Dense(1)", "Dense refuses these settings", None),
    (f"score = concat({U}, {V}) >> Dense(1, kernel_regularizer=«L2('much')»)", "", None),
    (f"score = [{U}, embedding(item_id, 3)] >> «DotInteraction()» >> Dense(1)", "DotInteraction does not fit", None),
    (f"score = mean(history({V}, 3) >> «GRU(4, return_state=True)») @ {V}", "several values", "return_state"),
    # what is learned
    (FACTORS + "loss = MeanSquaredError()\nnegatives = «uniform(4)»", "no meaning beside a loss on a target", None),
    (FACTORS + "loss = BPR()\ntarget = «rating»", "BPR ranks items and takes no target", "BinaryCrossentropy"),
    (FACTORS + "loss = GBCE()\ntarget = «at_least(rating, 4)»", "GBCE ranks items and takes no target", "BinaryCross"),
    (FACTORS + "loss = BinaryCrossentropy()\ntarget = «rating»", "learns 0 or 1", "at_least"),
    (FACTORS + "loss = BinaryFocalCrossentropy()\ntarget = «rating»", "learns 0 or 1", "at_least"),
    (FACTORS + "loss = «GBCE(t=2)»", "GBCE refuses these settings: t goes from 0 to 1", None),
    (FACTORS + "loss = «PairwiseHingeLoss(temperature=0)»", "the temperature is above 0", None),
    (FACTORS + "loss = «ListMLE(1)»", "a list is a whole number of rows from 2 up", None),
    (FACTORS + "loss = ListMLE()\nnegatives = «uniform(4)»", "no meaning beside a loss on a target", None),
    (FACTORS + "target = «price»", "belongs to the item", "interactions"),
    (FACTORS + "target = at_least(«raiting», 4)", "no column 'raiting'", "Did you mean rating?"),
    (FACTORS + "loss = «[BPR(), BPR()]»", "one score, and loss is a list", None),
    (FACTORS + "negatives = «uniform(0)»", "whole number of negatives", None),
    (FACTORS + "metrics = [ndcg(«0»)]", "whole number of items", r"ndcg\(10\)"),
    (FACTORS + "optimizer = «Adam('fast')»", "Adam refuses", None),
    (f"score = «{U} @ {V} + number(rating)»\nloss = MeanSquaredError()", "reads 'rating', which is what", "history"),
    (f"score = «{U} @ {V} + embedding(buckets(rating, 2), 1)»\ntarget = at_least(rating, 4)", "reads 'buckets", None),
    (f"score = concat(fields(4, side='item', also=[«devise»]), {U}) >> Dense(1)", "no column 'devise'", "device"),
    (f"score = concat(«fields(4, side='both')», {U}) >> Dense(1)", "no side 'both'", '"user" and "item"'),
])
def test_a_mistake_is_shown_where_it_is(marked, message, hint):
    assert_refused(marked, message, hint)


@pytest.mark.parametrize("name", ["Lambda", "TFSMLayer", "TorchModuleWrapper", "JaxLayer", "FlaxLayer", "InputLayer",
                                  "RemoveAccidentalHits", "StringLookup", "TextVectorization"])
def test_a_refused_layer_says_why(name):
    with pytest.raises(SpecError) as caught:
        compiled(f"score = concat({U}, {V}) >> {name}(1) >> Dense(1)")
    assert caught.value.problems[0].text.index(name) == caught.value.problems[0].place.start
    assert re.search("recmagic.layer|[Ww]rite|here|%recommend", caught.value.problems[0].hint)


def test_a_users_own_layer_is_a_word_and_takes_the_place_of_its_former_self():
    @layer
    class TwiceForTest(keras.layers.Layer):
        def call(self, x):
            return 2 * x

    program = compiled(f"score = {U} * {V} >> TwiceForTest() >> Dense(1)")
    assert isinstance(program.build.layers["score"][2], TwiceForTest)

    @layer
    class TwiceForTest(keras.layers.Layer):
        def __init__(self, by, **kwargs):
            super().__init__(**kwargs)
            self.by = by

        def call(self, x):
            return self.by * x

    assert compiled(f"score = {U} * {V} >> TwiceForTest(3) >> Dense(1)").build.layers["score"][2].by == 3
    with pytest.raises(SpecError, match="TwiceForTest needs 'by'"):
        compiled(f"score = {U} * {V} >> TwiceForTest() >> Dense(1)")


def test_an_own_layers_error_is_told():
    @layer
    class BrokenForTest(keras.layers.Layer):
        def call(self, x):
            raise ValueError("no such weight")

    with pytest.raises(SpecError, match="does not fit a value of shape 4: no such weight"):
        compiled(f"score = ({U} >> BrokenForTest()) @ {V}")


@pytest.mark.parametrize("wrong", [lambda x: x, "Dense", int])
def test_only_a_layer_class_is_a_layer(wrong):
    with pytest.raises(ModelError, match="not a layer class"):
        layer(wrong)


def test_a_layers_name_starts_with_a_capital():
    with pytest.raises(ModelError, match="would read as a value"):
        @layer
        class small(keras.layers.Layer):
            pass


def test_a_layer_does_not_take_a_word_of_the_language():
    with pytest.raises(ModelError, match="'Dense' is a word of the language already"):
        @layer
        class Dense(keras.layers.Layer):
            pass

    for _ in range(2):  # one's own may be written anew
        @layer
        class AgainForTest(keras.layers.Layer):
            pass


def test_usual_slips_in_a_layer_of_ones_own_have_a_hint():
    @layer
    class ShutForTest(keras.layers.Layer):
        def __init__(self, n=2):
            super().__init__()

    @layer
    class NumpyForTest(keras.layers.Layer):
        def call(self, x):
            return np.tanh(x)

    assert_refused(f"score = ({U} >> «ShutForTest()») @ {V}", "unexpected keyword argument", r"take \*\*options")
    if keras.backend.backend() != "torch":  # whose tensors numpy takes
        marked = f"score = ({U} >> «NumpyForTest()») @ {V}"
        assert_refused(marked, "does not fit a value of shape", "keras.ops instead of numpy")


def test_what_is_ones_own_but_no_word_has_a_hint():
    assert_refused(FACTORS + "loss = «Margin»()", "'Margin' is not a loss", r"recmagic.Model\(model, data, loss=Mine")
    assert_refused(FACTORS + "metrics = [«my_metric»()]", "'my_metric' is not a metric", r"NAME.recommend\(...\).df")
    assert_refused(f"score = ({U} >> «Zzzz»()) @ {V}", "'Zzzz' is not a layer", "under @recmagic.layer")
    assert_refused('score = embedding(«"user_id"», 4) @ ' + V, "A column belongs here", r'column\("user_id"\)')
