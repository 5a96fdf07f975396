"""A real Flower deployment on this machine: a SuperLink and eight notebooks, of which one is killed, one is late and
one sends what is no answer. The training ends with the good ones, and says who failed."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("flwr")

from recmagic import Model
from recmagic.errors import TrainingError
from recmagic.federated import Federated, write_app
from tests.compiler.tiny import data

HERE = Path(__file__).parent
ROUNDS, TIMEOUT = 2, 90
KINDS = ["good"] * 5 + ["killed", "late", "garbage"]


@pytest.fixture
def started(tmp_path):
    """Starts processes, each with a log of its name, and ends them all, and all that they have started."""
    here = Path(sys.executable).parent
    running = {}
    environment = {**os.environ, "FLWR_HOME": str(tmp_path / "flower"), "FLWR_TELEMETRY_ENABLED": "0",
                   "PATH": f"{here}{os.pathsep}{os.environ['PATH']}", "PYTHONPATH": str(HERE.parents[1])}

    def start(name, *command):
        log = (tmp_path / f"{name}.log").open("wb")
        running[name] = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT, env=environment,
                                         start_new_session=True)
        return running[name]

    yield start
    for each in running.values():
        with suppress(ProcessLookupError):
            os.killpg(each.pid, signal.SIGKILL)
        each.wait()


def wait_for(condition, seconds):
    ends = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < ends, "waited too long"
        time.sleep(0.2)


def free_port():
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


@pytest.mark.slow
def test_eight_notebooks_one_killed_one_late_one_sending_garbage(started, tmp_path):
    port, log = free_port(), lambda name: (tmp_path / f"{name}.log").read_text()
    started("superlink", "flower-superlink", "--insecure", "--port", str(port),
            "--disable-runtime-dependency-installation")
    wait_for(lambda: "Uvicorn running" in log("superlink") or "Application startup complete" in log("superlink"), 60)
    members = {f"{kind}{number}": started(f"{kind}{number}", sys.executable, str(HERE / "member.py"), str(port),
                                          str(number), "good" if kind == "killed" else kind)
               for number, kind in enumerate(KINDS)}
    (tmp_path / "flower").mkdir(exist_ok=True)
    (tmp_path / "flower" / "config.toml").write_text(
        f'[superlink]\ndefault = "there"\n[superlink.there]\naddress = "127.0.0.1:{port}"\ninsecure = true\n')
    run = started("run", "flwr", "run", str(write_app(tmp_path / "app")), "there", "--stream", "--run-config",
                  f"rounds={ROUNDS} clients=8 timeout={TIMEOUT}")
    wait_for(lambda: "have the same cell over the same items" in log("run") or run.poll(), 300)
    assert run.poll() is None, log("run")
    os.killpg(members["killed5"].pid, signal.SIGKILL)
    wait_for(lambda: run.poll() is not None or "were taken by" in log("run"), 60 + 4 * TIMEOUT)

    told = log("run")
    assert "6 of 8 clients have the same cell over the same items." in told, told
    rounds = re.findall(r"Round (\d): (\d) of (\d) clients(.*)", told)
    assert [number for number, *_ in rounds] == ["1", "2"], told
    for _, good, _, failed in rounds:
        assert good == "5" and "1 numbers that are none" in failed, told
    found = []
    for name, each in members.items():
        if name.startswith("good"):
            assert each.wait(60) == 0, log(name)
            found.append(json.loads(log(name).strip().splitlines()[-1]))
    for each in found:
        assert each["reason"] == "finished" and each["clients"] == 8
        assert [(row["epoch"], row["clients"]) for row in each["epochs"]] == [(1, 5), (2, 5)]
        np.testing.assert_array_equal(each["items"], found[0]["items"])  # all end with the same items


def test_where_no_server_answers_it_says_so():
    with pytest.raises(TrainingError, match="No Flower server answers"):
        Model.read("score = embedding(user_id, 4) @ embedding(item_id, 4)\nloss = BPR()", data()).train(
            federated=Federated(server=f"127.0.0.1:{free_port()}"))


@pytest.mark.parametrize("settings, fact", [
    ({"server": "nowhere"}, "no address"), ({"server": "host:port"}, "no address"),
    ({"server": "host:8000", "rounds": 7}, "decides about rounds"), ({"certificates": "ca.pem"}, "there is none"),
])
def test_what_a_server_decides_is_not_asked_for_here(settings, fact):
    with pytest.raises(TrainingError, match=fact):
        Federated(**settings)
