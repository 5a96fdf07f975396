"""What clients that keep their data cannot do is refused before it starts, with the reason and a line that can be."""

import sys

import pytest

from recmagic import Model
from recmagic.errors import TrainingError
from recmagic.federated import Federated
from recmagic.privacy import Privacy
from tests.compiler.tiny import data

FACTORS = "score = embedding(user_id, 4) @ embedding(item_id, 4)\n"
REFUSED = {
    "popular": (FACTORS + "loss = BPR()\nnegatives = popular(2)", "which no client knows", "uniform"),
    "in batch": (FACTORS + "loss = CategoricalCrossentropy()\nnegatives = in_batch()", "counts of what everybody did",
                 "in_batch(correction=False)"),
    "propagate": ("user = embedding(user_id, 4)\nitem = embedding(item_id, 4)\n"
                  "score = propagate(user, item, 1) @ propagate(item, user, 1)", "propagate", "embedding"),
    "hashed": ("score = embedding(user_id, 4, hashed=5) @ embedding(item_id, 4)\nloss = BPR()",
               "several users' ids share", "without hashed="),
    "mean": (FACTORS.strip() + " + bias()\nloss = MeanSquaredError()", "mean of everybody's targets", "bias(user_id)"),
    "weights": (FACTORS + "loss = BPR()\nweights = balanced(item_id)", "weights", "Leave the line out"),
    "substitute": ("item = embedding(item_id, 4)\nscore = mean(history(item, 5)) @ item\nloss = BPR()\n"
                   "augment = [substitute(0.3)]", "everybody's histories", "crop"),
    "made up": (FACTORS + "loss = BPR()\naugment = [pseudo_labels(EASE(10.0), items=9)]", "what everybody did", "crop"),
    "padding": ("step = concat(embedding(item_id, 2), embedding(device, 2, l2=0.1))\n"
                "score = mean(history(step, 30)) @ embedding(item_id, 4)\nloss = BPR()", "padding", "l2"),
    "solved": ("score = EASE(10.0)", "solved at once", "BPRMF"),
}
PRIVATELY = {
    "fedadam": (FACTORS, {"strategy": "fedadam"}, "user", "no noise that suits", "noise=local"),
    "interaction": (FACTORS, {}, "interaction", "not for one interaction", "--unit client"),
    "normalisation": ("x = concat(embedding(user_id, 4), embedding(item_id, 4)) >> BatchNormalization()\n"
                      "score = x >> Dense(1)", {}, "user", "BatchNormalization", "LayerNormalization"),
}
ALLOWED = {
    "own batch": FACTORS + "loss = CategoricalCrossentropy()\nnegatives = in_batch(correction=False)",
    "pairs": FACTORS + "loss = BPR()\nnegatives = in_batch()",
    "lists": FACTORS + "target = rating\nloss = ListMLE()",
    "profile": "score = mean(profile(embedding(item_id, 4))) @ embedding(item_id, 4)\ntarget = profile_items()\n"
               "loss = CategoricalCrossentropy()\nnegatives = catalogue()",
    "normalisation": "x = concat(embedding(user_id, 4), embedding(country, 2), embedding(item_id, 4))\n"
                     "score = x >> BatchNormalization() >> Dropout(0.2) >> Dense(1)",
    "crop": "item = embedding(item_id, 4)\nscore = mean(history(item, 5)) @ item\nloss = BPR()\naugment = [crop(0.5)]",
}


def refused(model, fact, hint, **options):
    with pytest.raises(TrainingError) as caught:
        model.train(**options)
    assert fact in caught.value.message and hint in caught.value.hint
    assert not model.trained


@pytest.mark.parametrize("name", REFUSED)
def test_what_needs_everybodys_data_is_refused(name):
    cell, fact, hint = REFUSED[name]
    refused(Model.read(cell, data()), fact, hint, federated=Federated(clients=4))


@pytest.mark.parametrize("name", PRIVATELY)
def test_noise_that_would_not_hold_is_refused(name):
    pytest.importorskip("flwr")
    cell, settings, unit, fact, hint = PRIVATELY[name]
    refused(Model.read(cell, data()), fact, hint, federated=Federated(clients=24, **settings),
            private=Privacy(epsilon=4, delta=1e-3, unit=unit))


@pytest.mark.parametrize("name", [name if name in ("own batch", "normalisation") else pytest.param(
    name, marks=pytest.mark.slow) for name in ALLOWED])
def test_what_a_client_can_do_with_its_own_data_is_not(name):
    pytest.importorskip("flwr")
    history = Model.read(ALLOWED[name], data()).train(federated=Federated(clients=4, rounds=2))
    assert len(history.epochs) == 2 and not history.failures


@pytest.mark.parametrize("beside", [{"epochs": 5}, {"memory": 10**6}, {"callbacks": [object()]}, {"resume": True},
                                    {"checkpoint": "somewhere"}, {"precision": "mixed_bfloat16"}])
def test_what_does_not_go_with_clients_is_refused(beside):
    pytest.importorskip("flwr")
    with pytest.raises(TrainingError, match=f"Leave out {next(iter(beside))}"):
        Model.read(FACTORS, data()).train(federated=Federated(clients=4), **beside)


def test_noise_without_privacy_is_refused():
    with pytest.raises(TrainingError, match="noise=local says where"):
        Model.read(FACTORS, data()).train(federated=Federated(clients=4, noise="local"))


def test_clients_are_no_unit_of_a_central_training():
    with pytest.raises(TrainingError, match="federated training only"):
        Model.read(FACTORS, data()).train(private=Privacy(epsilon=4, delta=1e-3, unit="client"))


@pytest.mark.parametrize("settings", [
    {"clients": 0}, {"rounds": 2.5}, {"rounds": None}, {"steps": -1}, {"fraction": 0}, {"fraction": 1.5},
    {"dropouts": 0.6, "stragglers": 0.4}, {"mu": -1}, {"rate": "x"}, {"strategy": "fedsgd"}, {"noise": "none"},
    {"epochs": True}, {"strategy": "fedavg", "mu": 0.3}, {"strategy": "fedprox", "rate": 0.3},
])
def test_a_setting_that_makes_no_sense_is_refused_by_name(settings):
    with pytest.raises(TrainingError, match="|".join(settings)):
        Federated(**settings)


def test_without_flower_the_command_that_installs_it_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "flwr.app", None)
    refused(Model.read(FACTORS, data()), "Flower", '%pip install "recmagic[federated]"', federated=Federated(clients=4))
