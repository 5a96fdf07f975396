"""A list of Keras callbacks that the notebook holds reaches the training by its name."""

import keras
import pytest
from IPython.core.interactiveshell import InteractiveShell

import recmagic
from tests.compiler.tiny import data


@pytest.fixture
def shell():
    made = InteractiveShell.instance()
    recmagic.load_ipython_extension(made)
    made.push({"mine": recmagic.Model.read("score = bias(user_id) + bias(item_id)", data(), name="mine")})
    yield made
    recmagic.unload_ipython_extension(made)
    InteractiveShell.clear_instance()


def test_callbacks_are_named_by_the_notebook(shell):
    begun = []
    shell.push({"made": [keras.callbacks.LambdaCallback(on_epoch_begin=lambda epoch, logs: begun.append(epoch))]})
    history = shell.run_line_magic("rectrain", "mine --epochs 2 --callbacks $made")
    assert begun == [0, 1] and len(history.epochs) == 2


@pytest.mark.parametrize("given, message", [
    ("made", "TrainingError: callbacks takes a list, not str"),
    ("$made", "MagicError: There is no 'made' in this notebook"),
])
def test_what_is_no_list_is_refused(shell, capsys, given, message):
    shell.run_cell(f"%rectrain mine --callbacks {given}")
    assert message in capsys.readouterr().out


def test_privacy_is_asked_for_in_the_line(shell):
    history = shell.run_line_magic("rectrain", "mine --epochs 2 --private epsilon=5 rows=4 --delta 1e-3 --unit user")
    found = history.guarantee
    assert (found.budget, found.rows, found.delta, found.unit) == (5.0, 4, 1e-3, "user") and found.epsilon <= 5


@pytest.mark.parametrize("line, message", [
    ("--private eps=4", "MagicError: --private takes epsilon="),
    ("--private epsilon=four", "MagicError: --private takes epsilon="),
    ("--private rows=4", "MagicError: --private takes epsilon="),
    ("--delta 1e-5", "MagicError: --delta goes with --private"),
    ("--private epsilon=4 --unit item", "--unit"),
    ("--private epsilon=4 --resume", "MagicError: --private does not go with --resume"),
    ("--private epsilon=4 --memory 1MB", "TrainingError: Units are drawn from all of the data"),
])
def test_what_cannot_be_asked_of_privacy_is_refused(shell, capsys, line, message):
    shell.run_cell(f"%rectrain mine {line}")
    assert message in capsys.readouterr().out


def test_clients_are_asked_for_in_the_line(shell):
    pytest.importorskip("flwr")
    line = "mine --federated clients=5 rounds=2 strategy=fedprox mu=0.2 fraction=0.6 --batch 8 --patience 5"
    history = shell.run_line_magic("rectrain", line)
    assert history.clients == 5 and history.batch == 8
    assert [row["clients"] for row in history.epochs] == [3, 3]
    private = "mine --federated clients=10 rounds=2 noise=local --private epsilon=50 --delta 1e-3 --unit client"
    assert shell.run_line_magic("rectrain", private).guarantee.unit == "answers"


@pytest.mark.parametrize("line, message", [
    ("--federated clinets=5", "Did you mean clients?"),
    ("--federated clients=five", "MagicError: clients is a number, not 'five'"),
    ("--federated strategy=fedavgg", "Did you mean fedavg?"),
    ("--federated clients=5 --resume", "MagicError: --federated does not go with --resume"),
    ("--federated clients=5 --epochs 5", "TrainingError: Clients are asked for so many rounds"),
    ("--private epsilon=4 --unit client", "TrainingError: There are clients in a federated training only"),
])
def test_what_cannot_be_asked_of_clients_is_refused(shell, capsys, line, message):
    pytest.importorskip("flwr")
    shell.run_cell(f"%rectrain mine {line}")
    assert message in capsys.readouterr().out
