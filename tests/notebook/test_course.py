"""The course as it is stored: fit to be read on any page, in one form, and nothing of the machine it ran on.

That the notebooks run is nbval's part: pytest collects them by itself (see pyproject.toml); that what their readers
are told to try runs as well is `test_course_backends.py`'s.
"""

import re
import subprocess
import sys

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from tests.notebook.course import FOLDER, NOTEBOOKS, shorten, solutions

ROOT = FOLDER.parent
MACHINE = re.compile(r"/(home|root|tmp|work|Users|usr)/\w|[A-Z]:\\\\")
PAPER = re.compile(r"\(https://(doi\.org/10\.|arxiv\.org/abs/|papers\.nips\.cc/|proceedings\.)\S+\)")
LINK = re.compile(r"\]\((?!https?:)([^)#]+)")


@pytest.fixture(params=NOTEBOOKS, ids=lambda path: path.name)
def notebook(request):
    return nbformat.read(request.param, as_version=4)


def code(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def prose(notebook):
    return [cell.source for cell in notebook.cells if cell.cell_type == "markdown"]


def test_the_notebooks_are_numbered_without_a_gap():
    assert [int(path.name[:2]) for path in NOTEBOOKS] == list(range(1, len(NOTEBOOKS) + 1))


def test_it_is_valid_and_says_nothing_of_the_machine(notebook):
    nbformat.validate(notebook)
    assert "widgets" not in notebook.metadata  # GitHub refuses to show such a notebook
    assert notebook.metadata.kernelspec.name == "python3"
    for cell in code(notebook):
        assert set(cell.metadata) <= {"tags"}, cell.source
        for output in cell.outputs:
            for text in (*output.get("data", {}).values(), *output.get("traceback", ())):
                assert not MACHINE.search(text) and "<script" not in text, cell.source


def test_every_cell_was_run_once_in_order(notebook):
    assert [cell.execution_count for cell in code(notebook)] == list(range(1, len(code(notebook)) + 1))
    assert all(cell.outputs for cell in code(notebook) if re.match(r"%+rec", cell.source))


def test_outputs_are_results_or_the_errors_that_were_meant(notebook):
    for cell in code(notebook):
        meant = "raises-exception" in cell.metadata.get("tags", ())
        assert [output.output_type for output in cell.outputs] in ([], ["error" if meant else "execute_result"])
        for output in cell.outputs:
            if meant:  # in our words, not a stack of frames
                assert not any("Traceback" in line for line in output.traceback)
            else:
                assert output.data["text/plain"] and not re.search("0x[0-9a-f]{6,}", output.data["text/plain"])
                assert "application/vnd.jupyter.widget-view+json" not in output.data  # a page has no such model


def test_it_opens_with_what_one_will_be_able_to_do(notebook):
    first = prose(notebook)[0]
    title, goals = first.split("## What you will be able to do")
    assert title.startswith("# ") and 3 <= len(re.findall(r"^- ", goals, re.M)) <= 4
    assert notebook.cells[0].source == first and code(notebook)[0].source == "%load_ext recmagic"


def test_it_ends_with_exercises_whose_solutions_are_folded(notebook):
    text = "\n".join(prose(notebook))
    exercises = text.split("## Exercises")[1]
    count = len(re.findall(r"^\*\*\d\.\*\* ", exercises, re.M))
    folded = exercises.count("<details><summary>Solution</summary>\n\n")
    assert 2 <= count <= 3 and folded == count == exercises.count("\n\n</details>")
    assert len(solutions(notebook)) >= count


def test_it_links_a_paper_and_only_files_that_are_there(notebook):
    text = "\n".join(prose(notebook))
    assert PAPER.search(text) and "simulation" in text
    for link in LINK.findall(text):
        assert (FOLDER / link).exists(), link


def test_it_has_a_picture(notebook):
    assert any("<svg" in output.get("data", {}).get("text/html", "")
               for cell in code(notebook) for output in cell.outputs)


def test_it_checks_some_outputs_to_the_letter(notebook):
    assert any("nbval-check-output" in cell.metadata.get("tags", ()) for cell in code(notebook))


def test_a_short_run_takes_two_epochs_at_most():
    cells = [new_code_cell(text) for text in ("%rectrain two --epochs 20 --batch 32", "two.train(epochs=1, batch=256)")]
    shorten(cells)
    assert [cell.source for cell in cells] == ["%rectrain two --epochs 2 --batch 32", "two.train(epochs=1, batch=256)"]


def test_nbval_fails_at_a_cell_with_a_mistake(tmp_path):
    good = ["%load_ext recmagic", "%recdata films films --split time"]
    bad = ["%recdata films films --splits time", "%recdata films films --split sideways", "%rectrain nobody"]
    path = tmp_path / "mistakes.ipynb"
    cells = [new_code_cell(text) for text in good + bad]
    nbformat.write(new_notebook(cells=cells, metadata={"kernelspec": {"name": "python3", "display_name": "-"}}), path)
    command = [sys.executable, "-m", "pytest", "--nbval-lax", str(path), "-q", "-p", "no:cacheprovider"]
    done = subprocess.run(command, cwd=ROOT, text=True, capture_output=True, timeout=300)
    failed = [int(cell) for cell in re.findall(r"^FAILED .*::Cell (\d+)", done.stdout, re.M)]
    assert done.returncode == 1 and failed == [2, 3, 4], done.stdout[-4000:]
