"""What Binder is given fits together; `replay.py` builds and runs all of it, which takes a quarter of an hour."""

import os
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]
BINDER = ROOT / "binder"


def test_the_scripts_can_be_run_and_stop_at_a_mistake():
    for name in ("postBuild", "start"):
        text = (BINDER / name).read_text()
        assert os.access(BINDER / name, os.X_OK) and text.startswith("#!/usr/bin/env bash\n")
    assert "\nset -e\n" in (BINDER / "postBuild").read_text()


def test_start_settles_the_backend_and_hands_over():
    asked = [BINDER / "start", "sh", "-c", "echo $KERAS_BACKEND $OMP_NUM_THREADS $0 $1", "two words"]
    assert subprocess.check_output(asked, text=True) == "jax 1 two words\n"
    assert (BINDER / "start").read_text().splitlines()[-1] == 'exec "$@"'  # signals then reach the server itself


def test_the_package_is_installed_on_a_python_that_it_takes():
    lines = (BINDER / "requirements.txt").read_text().split("\n")
    package = next(each for each in lines if each.startswith("."))  # nothing else reads the pyproject there
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    kind, _, version = (BINDER / "runtime.txt").read_text().strip().partition("-")
    lowest = project["requires-python"].removeprefix(">=")
    assert kind == "python" and [*map(int, version.split("."))] >= [*map(int, lowest.split("."))]
    lab = next(each for each in project["optional-dependencies"]["lab"] if each.startswith("jupyterlab"))
    assert lab in lines
    needs = next(each for each in project["optional-dependencies"]["lab"] if each.startswith("recmagic["))
    assert package == "." + needs.removeprefix("recmagic")


def test_a_magic_loads_the_extension_by_itself(tmp_path):
    ask = [sys.executable, "-m", "IPython", f"--config={BINDER / 'ipython_config.py'}", "-c", "%recmodel GMF"]
    environment = {**os.environ, "IPYTHONDIR": str(tmp_path), "PYTHONPATH": str(ROOT)}
    told = subprocess.run(ask, env=environment, capture_output=True, text=True)
    assert "score = embedding(user_id, width) * embedding(item_id, width)" in told.stdout, told.stderr
