"""What is stored in the notebooks: outputs that a reader on any page can see, and nothing of the machine they ran on.

That the notebooks run is nbval's part: pytest collects them by itself (see pyproject.toml).
"""

import re
from pathlib import Path

import nbformat
import pytest

FOLDER = Path(__file__).parents[2] / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))
MACHINE = re.compile(r"/(home|root|tmp|work|Users|usr)/\w|[A-Z]:\\\\")


def test_there_are_notebooks():
    assert NOTEBOOKS


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.name)
def test_a_notebook_is_fit_to_be_read(path):
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    assert "widgets" not in notebook.metadata  # GitHub refuses to show such a notebook
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert all(cell.outputs for cell in cells if re.match(r"%+rec", cell.source))
    for output in (output for cell in cells for output in cell.outputs):
        assert output.output_type == "execute_result", output
        assert output.data["text/plain"] and not re.search("0x[0-9a-f]{6,}", output.data["text/plain"])
        for text in output.data.values():
            assert not MACHINE.search(text) and "<script" not in text
