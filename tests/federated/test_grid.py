"""The Grid of a simulation, and what it touches of Flower that is not public."""

import importlib.metadata
import logging
import os
import subprocess
import sys

import pytest

pytest.importorskip("flwr")

from flwr.app import Message, MetricRecord, RecordDict
from flwr.clientapp import ClientApp
from flwr.supercore.task_identity import TaskIdentity

from recmagic.federated.flower import quietly
from recmagic.federated.grid import LocalGrid, as_a_task


def test_flower_is_the_one_that_this_was_written_for():
    assert importlib.metadata.version("flwr").startswith("1.41.")


def test_a_process_is_a_task_only_as_long_as_it_sends_messages():
    def send():
        return Message(RecordDict(), 1, "train").metadata.run_id

    with pytest.raises(RuntimeError, match="run_id"):
        send()
    with as_a_task():
        assert send() == 1
    with pytest.raises(RuntimeError, match="run_id"):
        send()
    assert (TaskIdentity._task_id, TaskIdentity._run_id, TaskIdentity._node_id) == (None, None, None)


def test_messages_reach_their_clients_each_with_a_context_of_its_own():
    app = ClientApp()

    @app.train()
    def train(message, context):
        before = context.state["n"]["n"] if "n" in context.state else 0
        context.state["n"] = MetricRecord({"n": before + 1})
        return Message(RecordDict({"n": MetricRecord({"n": before + 1, "who": context.node_id})}), reply_to=message)

    asked = {1: [0, 2], 2: [2], 3: []}
    grid, found = LocalGrid(app, 3, asked.__getitem__, 0.0, 0.0, 0), []
    with as_a_task():
        for number in asked:
            grid.open(number)
            messages = [Message(RecordDict(), node, "train") for node in reversed(grid.get_node_ids())]
            replies = grid.send_and_receive(messages)
            found.append([(each.content["n"]["who"], each.content["n"]["n"]) for each in replies])
            assert [each.metadata.src_node_id for each in replies] == grid.get_node_ids()
    assert found == [[(1, 1), (3, 1)], [(3, 2)], []]


def test_who_falls_out_does_not_learn_and_who_is_late_does():
    app, learned = ClientApp(), []

    @app.train()
    def train(message, context):
        learned.append(context.node_id)
        return Message(RecordDict(), reply_to=message)

    with as_a_task():
        grid = LocalGrid(app, 300, lambda number: list(range(300)), 0.2, 0.3, 0)
        grid.open(1)
        replies = grid.send_and_receive([Message(RecordDict(), node, "train") for node in grid.get_node_ids()])
    why = [each.error.reason if each.has_error() else "" for each in replies]
    assert len(learned) == 300 - why.count("dropped out")
    assert 40 < why.count("dropped out") < 80 and 65 < why.count("too late") < 115


def test_flowers_log_is_silent_for_a_run_only():
    logger = logging.getLogger("flwr")
    before = logger.level
    with quietly():
        assert not logger.isEnabledFor(logging.ERROR)
    assert logger.level == before


def test_telemetry_is_off_and_a_node_starts_without_keras():
    told = "import sys, os; import recmagic.federated.node, recmagic.federated.server; " \
           "print('keras' in sys.modules, 'jax' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False"]
    told = "from recmagic.federated.flower import find_flower; find_flower(); import os; " \
           "print(os.environ['FLWR_TELEMETRY_ENABLED'])"
    environment = {name: value for name, value in os.environ.items() if name != "FLWR_TELEMETRY_ENABLED"}
    done = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=True, env=environment)
    assert done.stdout.strip() == "0"
