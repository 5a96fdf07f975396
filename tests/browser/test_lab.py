"""JupyterLab runs the first notebook and shows what it promises; hostile titles stay text."""

from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from tests.browser.lab import Lab, run_all

pytestmark = pytest.mark.browser
FIRST = Path(__file__).parents[2] / "notebooks" / "01_first_recommender.ipynb"
HOSTILE = [
    "%load_ext recmagic",
    """import numpy as np, pandas as pd
titles = ["<img src=x onerror=window.hacked=1>", "</script><script>window.hacked=1</script>", "\\u202eevil", "x" * 5000]
items = pd.DataFrame({"item": range(40), "title": [titles[n % 4] + str(n) for n in range(40)]})
rng = np.random.default_rng(0)
rows = pd.DataFrame({"user": np.repeat(range(30), 12), "item": rng.integers(0, 40, 360), "time": range(360)})""",
    "%recdata evil rows --user user --item item --time time --items items --split last",
    "%%recmodel m --data evil\nuser = embedding(user_id, 4)\nitem = embedding(item_id, 4)\nscore = user @ item",
    "%rectrain m --epochs 2",
    "%recommend m --user 1 -k 8",
]


@pytest.fixture(params=["light", "dark"])
def lab(request, tmp_path):
    folder = tmp_path / "notebooks"
    folder.mkdir()
    first = nbformat.read(FIRST, as_version=4)
    for cell in first.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    nbformat.write(first, folder / "first.ipynb")
    hostile = new_notebook(cells=[new_code_cell(text) for text in HOSTILE], metadata=first.metadata)
    nbformat.write(hostile, folder / "hostile.ipynb")
    started = Lab(folder, tmp_path, dark=request.param == "dark")
    yield started
    started.close()


def caption(page, text):
    return page.locator("table", has=page.locator("caption", has_text=text))


@pytest.mark.parametrize("lab", ["light"], indirect=True)
def test_the_first_notebook_runs_and_shows_its_tables(lab, browser, tmp_path):
    page = lab.open(browser, "first.ipynb")  # stored without outputs: what is seen was made here
    run_all(page)
    table = caption(page, "Recommended by two_tower for user 42").first
    assert table.locator("tbody tr").count() == 10
    assert table.is_visible() and "genres" in table.locator("thead").inner_text()
    assert page.locator("svg[role=img] title").count() >= 6
    assert page.locator(".widget-hprogress").count() == 0  # the bars of the trainings are gone; the histories stay
    shoot(page, tmp_path / "light")


def test_hostile_titles_stay_text(lab, browser, tmp_path):
    page = lab.open(browser, "hostile.ipynb")
    run_all(page)
    table = caption(page, "Recommended by m for user 1").first
    assert table.locator("tbody tr").count() == 8
    assert page.evaluate("window.hacked") is None
    theirs = ".jp-OutputArea img:not(.recmagic-drawing > img)"  # all but our own drawings
    assert page.locator(f"{theirs}, .jp-OutputArea script").count() == 0
    assert table.bounding_box()["width"] <= page.locator(".jp-Notebook").bounding_box()["width"]
    shoot(page, tmp_path / "hostile")


def shoot(page, folder):
    """Keep a picture of every output, for people to look at."""
    folder.mkdir()
    for number, area in enumerate(page.locator(".jp-Notebook .jp-OutputArea").all()):
        if area.is_visible():
            area.screenshot(path=folder / f"{number:02d}.png")
