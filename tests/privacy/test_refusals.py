"""What cannot be private is refused before it starts, with the reason and a line that can be."""

import pytest

from recmagic import Dataset, Model
from recmagic.errors import TrainingError
from recmagic.privacy import Privacy
from tests.compiler.tiny import data

FACTORS = "score = embedding(user_id, 4) @ embedding(item_id, 4)\n"
PAST = "item = embedding(item_id, 4)\nscore = mean(history(item, 3)) @ item\n"
REFUSED = {
    "in batch": (FACTORS + "loss = CategoricalCrossentropy()\nnegatives = in_batch()", "user", "in_batch", "uniform"),
    "popular": (FACTORS + "loss = BPR()\nnegatives = popular(2)", "user", "popular", "uniform"),
    "propagate": ("user = embedding(user_id, 4)\nitem = embedding(item_id, 4)\n"
                  "score = propagate(user, item, 1) @ propagate(item, user, 1)", "user", "propagate", "embedding"),
    "normalisation": ("x = concat(embedding(user_id, 4), embedding(item_id, 4)) >> BatchNormalization()\n"
                      "score = x >> Dense(1)", "user", "BatchNormalization", "LayerNormalization"),
    "mean": (FACTORS.strip() + " + bias()\nloss = MeanSquaredError()", "user", "exact mean", r"bias\(user_id\)"),
    "history": (PAST + "loss = BPR()", "interaction", "history", "--unit user"),
    "lists": (FACTORS + "loss = ListMLE()", "interaction", "each other", "--unit user"),
    "weights": (FACTORS + "loss = BPR()\nweights = balanced(item_id)", "user", "weights", "Leave the line out"),
    "augment": (FACTORS + "target = at_least(rating, 4)\naugment = [mixup(0.2)]", "user", "augment",
                "Leave the line out"),
    "padding": ("step = concat(embedding(item_id, 2), embedding(device, 2, l2=0.1))\n"
                "score = mean(history(step, 30)) @ embedding(item_id, 4)\nloss = BPR()", "user", "padding", "l2"),
    "solved": ("score = EASE(10.0)", "user", "solved at once", "BPRMF"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_one_unit_reaches_beyond_its_gradient_is_refused(name):
    cell, unit, fact, hint = REFUSED[name]
    model = Model.read(cell, data())
    with pytest.raises(TrainingError) as caught:
        model.train(private=Privacy(epsilon=1, delta=1e-3, unit=unit))
    assert fact in caught.value.message
    assert hint.replace("\\", "") in caught.value.hint
    assert not model.trained


@pytest.mark.parametrize("beside", [{"memory": 10**6}, {"callbacks": [object()]}, {"checkpoint": "somewhere"},
                                    {"resume": True}, {"precision": "mixed_bfloat16"}])
def test_what_does_not_go_with_privacy_is_refused(beside, tmp_path):
    with pytest.raises(TrainingError, match=f"Leave out {next(iter(beside))}"):
        Model.read(FACTORS, data()).train(private=Privacy(epsilon=1, delta=1e-3), **beside)


def test_a_small_data_set_is_told_that_its_delta_is_too_large():
    few: Dataset = data()
    with pytest.raises(TrainingError, match="would allow to publish"):
        Model.read(FACTORS + "loss = BPR()", few).train(private=Privacy(epsilon=1, delta=0.1))
