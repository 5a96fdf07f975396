"""Every notebook of the course, and every solution folded in it, runs on each backend.

    RECMAGIC_ALL=1 python -m pytest tests/notebook/test_course_backends.py

RECMAGIC_FAST=1 before it takes two epochs a training.
"""

import os

import nbformat
import pytest
from nbclient import NotebookClient
from nbformat.v4 import new_code_cell

from recmagic.backends import NAMES
from tests.notebook.course import FOLDER, NOTEBOOKS, shorten, solutions

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("backend", NAMES)
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_and_its_solutions_run(path, backend, monkeypatch):
    monkeypatch.setenv("KERAS_BACKEND", backend)
    notebook = nbformat.read(path, as_version=4)
    notebook.cells += [new_code_cell(text) for text in solutions(notebook)]
    if os.environ.get("RECMAGIC_FAST") == "1":
        shorten(notebook.cells)
    client = NotebookClient(notebook, timeout=1800, kernel_name="python3", resources={"metadata": {"path": FOLDER}})
    client.execute()  # stops at the first cell that fails and was not to
