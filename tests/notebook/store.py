"""Run notebooks of the course and store their results in them: python -m tests.notebook.store [NOTEBOOK ...]

What only a running kernel can show (a live view's model) and when a cell ran are left out; `test_course.py` holds the
form. An error that is not meant stops it, and that notebook stays as it was.
"""

from __future__ import annotations

import sys
from pathlib import Path

import nbformat
from nbclient import NotebookClient

from tests.notebook.course import FOLDER, NOTEBOOKS

LIVE = "application/vnd.jupyter.widget-view+json"


def store(path: Path) -> None:
    """Run one notebook from its first cell on and write it anew, with what its cells gave."""
    notebook = nbformat.read(path, as_version=4)
    NotebookClient(notebook, timeout=600, record_timing=False, store_widget_state=False,
                   resources={"metadata": {"path": str(FOLDER)}}).execute()
    for cell in notebook.cells:
        for output in cell.get("outputs", ()):
            output.get("data", {}).pop(LIVE, None)
        if "outputs" in cell:  # a training's progress leaves an empty one behind
            cell.outputs = [output for output in cell.outputs if output.output_type != "display_data"]
    notebook.metadata.pop("widgets", None)
    notebook.metadata.language_info = {"name": "python"}
    nbformat.write(notebook, path)


if __name__ == "__main__":
    for each in [Path(name).resolve() for name in sys.argv[1:]] or NOTEBOOKS:
        print(each.name, flush=True)
        store(each)
