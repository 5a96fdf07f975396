"""The model's card in JupyterLab: pointing at a statement, or moving the focus to it, marks it in text and drawing."""

import pytest
from nbformat.v4 import new_code_cell, new_notebook, writes

from tests.browser.lab import Lab, run_all

pytestmark = pytest.mark.browser
CELLS = [
    "%load_ext recmagic",
    """import pandas as pd
rows = pd.DataFrame({"user": [n % 30 for n in range(360)], "item": [n % 41 for n in range(360)],
                     "time": range(360)})""",
    "%recdata shop rows --user user --item item --time time --split random",
    "%%recmodel m --data shop\nwidth = 8\nuser = embedding(user_id, width)\nitem = embedding(item_id, width) >> "
    "Dense(width)\nscore = user @ item\n# </script><img src=x onerror=window.hacked=1>",
]


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    home = tmp_path_factory.mktemp("card")
    (home / "notebooks").mkdir()
    notebook = new_notebook(cells=[new_code_cell(each) for each in CELLS])
    notebook.metadata.kernelspec = {"name": "python3", "display_name": "Python 3", "language": "python"}
    (home / "notebooks" / "card.ipynb").write_text(writes(notebook))
    started = Lab(home / "notebooks", home)
    yield started
    started.close()


def test_a_statement_is_marked_in_text_and_drawing(lab, browser):
    page = lab.open(browser, "card.ipynb")
    run_all(page)
    card = page.locator(".rm-card")
    card.wait_for()
    lit = lambda: sorted(set(card.locator("[data-name].rm-lit").evaluate_all(  # noqa: E731
        "all => all.map(each => each.tagName.toLowerCase() + ' ' + each.dataset.name)")))
    assert lit() == []
    card.get_by_role("button", name="user = embedding").hover()
    assert lit() == ["button user", "g user"] and card.locator(".rm-edge.rm-lit").count() == 2
    card.get_by_role("button", name="score, shape 1").hover()
    assert lit() == ["button score", "g score"]
    page.mouse.move(2, 2)
    card.get_by_role("button", name="user = embedding").focus()
    page.keyboard.press("Tab")  # on to the next statement, by keyboard alone
    assert lit() == ["button item", "g item"]
    assert card.get_by_role("status").inner_text() == "item, made of item_id"
    assert page.evaluate("window.hacked") is None and card.locator("img, script").count() == 0
    assert card.locator(".rm-flows").all_text_contents() == ["8", "8"]
    page.close()
