"""A notebook of somebody else's, which JupyterLab does not trust: each view shows its static form, and nothing runs."""

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output

from recmagic.evaluation.compare import compare
from recmagic.model import Model
from recmagic.widgets.registry import VIEWS
from tests.browser.lab import Lab
from tests.browser.pages import KERNEL
from tests.compiler.tiny import data

pytestmark = pytest.mark.browser
LIVE = "application/vnd.jupyter.widget-view+json"


def results():
    """One result for each view, by its type's name."""
    one = Model.read("score = embedding(user_id, 4) @ embedding(item_id, 4)", data(), name="one")
    two = Model.from_zoo("ItemKNN", data(), name="two")
    one.train(epochs=2)
    two.train()
    found = [one.card, one, one.recommend([3], k=5), one.recommend([3], k=5, beside=[two]), one.evaluate(two, k=5),
             compare(one, two, k=5), one.map(color="genres")]
    assert {type(each).__name__ for each in found} == {name for _, name in VIEWS}
    return found


def test_an_untrusted_notebook_shows_the_static_forms(browser, tmp_path):
    shown = results()
    cells = []
    for number, each in enumerate(shown, start=1):
        bundle = {"text/plain": repr(each), "text/html": each._repr_html_() + "<script>window.hacked=1</script>",
                  LIVE: {"model_id": "0" * 32, "version_major": 2, "version_minor": 0}}
        output = new_output("execute_result", data=bundle, execution_count=number)
        cells.append(new_code_cell(type(each).__name__, outputs=[output], execution_count=number))
    (tmp_path / "notebooks").mkdir()
    nbformat.write(new_notebook(cells=cells, metadata=KERNEL), tmp_path / "notebooks" / "foreign.ipynb")
    lab = Lab(tmp_path / "notebooks", tmp_path)
    try:
        page = lab.open(browser, "foreign.ipynb")
        areas = page.locator(".jp-Notebook .jp-CodeCell .jp-OutputArea-output")
        areas.last.wait_for()
        assert areas.count() == len(shown)
        for area, each in zip(areas.all(), shown):
            assert area.get_attribute("data-mime-type") == "text/html", type(each).__name__
            assert area.locator("table, svg, pre").count(), type(each).__name__
            for picture in area.locator("img[src^='data:image/svg']").all():  # its SVG is taken out, its words unseen
                assert picture.evaluate("image => image.complete && image.naturalWidth > 100")
                words = picture.locator("xpath=preceding-sibling::span")
                assert words.evaluate("box => box.textContent.length > 20 && box.clientHeight === 0")
        assert areas.locator("svg").count() == 0 and areas.locator("img[src^='data:image/svg']").count() >= 4
        assert page.evaluate("window.hacked") is None
        assert page.locator(".jp-OutputArea script").count() == 0
    finally:
        lab.close()
