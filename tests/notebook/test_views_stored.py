"""A notebook that uses every view: strict nbval passes, and what is stored shows all of them on any page."""

import os
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from nbconvert import HTMLExporter, MarkdownExporter
from nbformat.v4 import new_code_cell, new_notebook

ROOT = Path(__file__).parents[2]
CELLS = [
    "%load_ext recmagic",
    "%recdata films films",
    "%recmodel two = TwoTower(width=8)",
    # A run tells its seconds, which are others each time.
    "# NBVAL_IGNORE_OUTPUT\n%rectrain two --epochs 2",
    "%recmodel ease = EASE()",
    "# NBVAL_IGNORE_OUTPUT\n%rectrain ease",
    "%recommend two --user 42 -k 5",
    "%recommend two ease --user 42 -k 5 --as-of test",
    '%recexplain two --user 42 --item "Aladdin"',
    "%receval two ease --k 5 --by activity",
    "%receval two ease --k 5 --compare",
    "%recmap two --color genres",
    "%recsimilar two --item Aladdin -k 3",
    "two",
]
# What a reader finds of each view in its static form.
SHOWN = ["in_batch()", "Training of two", "Recommended by two for user 42", "against two", "Why Aladdin for user 42",
         "Evaluation on the test part of films", "ease against two", "ItemMap of 649 items", "Most similar"]


@pytest.fixture(scope="module")
def executed(tmp_path_factory):
    """The notebook as it is stored after all its cells have run."""
    notebook = new_notebook(cells=[new_code_cell(text) for text in CELLS],
                            metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}})
    NotebookClient(notebook, timeout=300, kernel_name="python3").execute()
    path = tmp_path_factory.mktemp("stored") / "views.ipynb"
    nbformat.write(notebook, path)
    return path


def test_every_view_carries_a_live_and_a_static_form(executed):
    live = 0
    for cell in nbformat.read(executed, as_version=4).cells[1:]:
        results = [output for output in cell.outputs if output.output_type == "execute_result"]
        assert len(results) == 1, cell.source
        data = results[0].data
        assert data["text/plain"] and data["text/html"], cell.source
        live += "application/vnd.jupyter.widget-view+json" in data
    assert live == 7


@pytest.mark.parametrize("exporter", [HTMLExporter, MarkdownExporter])
def test_nbconvert_shows_every_view(exporter, executed):
    notebook = nbformat.read(executed, as_version=4)
    # As ours are stored. With the widgets' state nbconvert writes a live view, which fetches its code from elsewhere.
    notebook.metadata.pop("widgets", None)
    text, _ = exporter().from_notebook_node(notebook)
    for words in SHOWN:
        assert words in text, words


def test_strict_nbval_passes(executed):
    for _ in range(2 if os.environ.get("RECMAGIC_ALL") else 1):
        command = [sys.executable, "-m", "pytest", "--nbval", str(executed), "-q", "-p", "no:cacheprovider"]
        done = subprocess.run(command, cwd=ROOT, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              timeout=600)
        assert done.returncode == 0, done.stdout[-4000:]
