"""What the server makes of answers, by hand: means, Adam, the sum of what is cut with noise; and what is no answer."""

import numpy as np
import pytest

pytest.importorskip("flwr")

from flwr.app import Array, ArrayRecord, Error, Message, MetricRecord, RecordDict

from recmagic.compiler.guarantee import Guarantee
from recmagic.federated.client import by_names, to_record
from recmagic.federated.flower import quietly
from recmagic.federated.grid import as_a_task
from recmagic.federated.listening import Listening
from recmagic.federated.strategies import local_noise, strategy

START = {"a": np.arange(6, dtype=np.float32).reshape(2, 3), "b": np.ones(4, np.float32)}
ANSWERS = [({name: each + step for name, each in START.items()}, weight) for step, weight in ((1.0, 1), (-3.0, 3))]


class Clients:
    """A grid whose clients answer what they are given, in any form."""

    def __init__(self, answers):
        self.answers = answers

    def get_node_ids(self):
        return range(1, len(self.answers) + 1)

    def send_and_receive(self, messages, *, timeout=None):
        pairs = zip(sorted(messages, key=lambda each: each.metadata.dst_node_id), self.answers)
        return [Message(answer, reply_to=message) for message, answer in pairs if answer is not None]


def answer(arrays, weight=1, loss=0.5):
    return RecordDict({"arrays": to_record(arrays), "metrics": MetricRecord({"loss": loss, "weight": weight})})


def after(answers, name="fedavg", central=None, rounds=1, moved=False):
    """The shared weights after some rounds in which clients give the same answers, and what was heard."""
    with quietly(), as_a_task():
        grid = Listening(Clients(answers), moved)
        made = strategy(name, 0.1, 0.5, 4.0, central)
        result = made.start(grid, to_record(START), num_rounds=rounds)
    return by_names(result.arrays) if len(result.arrays) else START, grid.heard


def guarantee(noise, clip):
    return Guarantee(1.0, 1.0, 1e-5, "client", 9, 0.5, 1, noise, clip, 0)


@pytest.mark.parametrize("name", ["fedavg", "fedprox"])
def test_the_mean_is_weighted_by_examples(name):
    found, heard = after([answer(*each) for each in ANSWERS], name)
    for key, value in START.items():
        np.testing.assert_allclose(found[key], value + (1 * 1 - 3 * 3) / 4, atol=1e-6)
    assert (heard.asked, heard.done, heard.failed) == (2, 2, {})


def test_fedadam_is_adam_on_the_mean_change():
    found, _ = after([answer(*each) for each in ANSWERS], "fedadam")
    change = -2.0
    rate = 0.5 * np.sqrt(1 - 0.99**2) / (1 - 0.9**2)
    step = rate * 0.1 * change / (np.sqrt(0.01 * change**2) + 1e-3)
    for key, value in START.items():
        assert found[key].dtype == np.float32
        np.testing.assert_allclose(found[key], value + step, atol=1e-5)


def test_a_private_round_adds_up_what_is_cut_over_how_many_were_expected():
    """Changes of lengths sqrt(10) and 3 sqrt(10) are cut to 2, and divided by 4, though two came."""
    found, _ = after([answer(*each) for each in ANSWERS] + [Error(1, "dropped out")],
                     central=guarantee(1e-9, 2.0), moved=True)
    for key, value in START.items():
        np.testing.assert_allclose(found[key], value + (2 - 2) / np.sqrt(10) / 4, atol=1e-6)
    found, _ = after([answer({name: each + 1e-3 for name, each in START.items()})], central=guarantee(1e-9, 2.0))
    for key, value in START.items():  # what is short is not made longer
        np.testing.assert_allclose(found[key], value + 1e-3 / 4, atol=1e-6)


@pytest.mark.parametrize("came", [0, 1, 2])
def test_noise_is_that_of_one_clip_over_how_many_were_expected_whoever_comes(came):
    nothing = answer(START)  # a client that changes nothing is as one who did not come
    draws = [after([nothing] * came or [Error(1, "dropped out")], central=guarantee(3.0, 2.0), moved=True)[0]
             for _ in range(120)]
    noise = np.concatenate([np.concatenate([(draw[key] - START[key]).ravel() for key in START]) for draw in draws])
    assert abs(noise.std() - 3.0 * 2.0 / 4) < 0.2 and abs(noise.mean()) < 0.25


def test_noise_is_not_told_by_the_seed_and_leaves_the_users_random_numbers():
    np.random.seed(0)
    first = after([answer(START)], central=guarantee(3.0, 2.0), moved=True)[0]
    np.random.seed(0)
    second = after([answer(START)], central=guarantee(3.0, 2.0), moved=True)[0]
    assert (first["a"] != second["a"]).all()
    assert np.random.random() == np.random.RandomState(0).random_sample()


def test_local_noise_is_cut_and_noised_before_it_leaves():
    mod, = local_noise(guarantee(1.5, 2.0))
    with quietly(), as_a_task():
        message = Message(RecordDict({"arrays": to_record(START)}), 1, "train")
        replies = [mod(message, None, lambda m, c: Message(answer(*ANSWERS[1]), reply_to=m)) for _ in range(3000)]
        moved = [by_names(reply.content["arrays"])["b"] - START["b"] for reply in replies]
    assert abs(np.mean(moved) - -2 / np.sqrt(10)) < 0.5  # the length 2, over ten numbers
    assert abs(np.std(moved) - 1.5 * 2 * 2.0) < 0.5


ODD = {
    "weights of other shapes": answer({"a": START["a"][:1], "b": START["b"]}),
    "other weights than were asked for": answer({"a": START["a"]}),
    "numbers that are none": answer({"a": START["a"] * np.nan, "b": START["b"]}),
    "an answer of another form": RecordDict({"metrics": MetricRecord({"loss": 1.0})}),
    "weights that cannot be read": RecordDict({"arrays": ArrayRecord({
        name: Array("float32", each.shape, "numpy.ndarray", b"garbage") for name, each in START.items()}),
        "metrics": MetricRecord({"loss": 0.5, "weight": 1})}),
    "dropped out": Error(1, "dropped out"),
    "no answer in time": None,
}


@pytest.mark.parametrize("why", ODD)
def test_what_is_no_answer_is_left_out_and_named(why):
    good = answer(*ANSWERS[0])
    found, heard = after([good, good, ODD[why]] if ODD[why] is not None else [good, good, None])
    for key, value in START.items():
        np.testing.assert_allclose(found[key], value + 1, atol=1e-6)
    assert (heard.asked, heard.done, heard.failed) == (3, 2, {why: 1})


@pytest.mark.parametrize("weight", [-1, 0, float("inf"), float("nan")])
def test_a_weight_that_is_none_is_no_answer(weight):
    found, heard = after([answer(*ANSWERS[0]), answer(ANSWERS[1][0], weight)])
    assert heard.failed == {"numbers that are none": 1} and found["b"][0] == 2
