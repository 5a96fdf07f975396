"""axe-core finds nothing against WCAG A and AA in any view or static form, in the light theme and in the dark one.

To have a further view checked, add the cells that show it.
"""

import importlib.util
import os
from pathlib import Path

import pytest

from tests.browser.lab import Lab, run_all
from tests.browser.pages import write

pytestmark = pytest.mark.browser
LOOK = os.environ.get("RECMAGIC_LOOK")  # a folder for pictures, for people to look at
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
HOSTILE = """import numpy as np, pandas as pd
from IPython.display import HTML
titles = ["<img src=x onerror=window.hacked=1>", "</script><script>window.hacked=1</script>", "\\u202eevil", "x" * 5000]
items = pd.DataFrame({"item": range(60), "title": [f"{titles[n % 4]}{n}" for n in range(60)],
                      "genre": [titles[n % 3] for n in range(60)]})
rng = np.random.default_rng(0)
rows = pd.DataFrame({"user": np.repeat(range(40), 15), "item": rng.integers(0, 60, 600), "time": range(600)})"""
CELLS = [
    "%load_ext recmagic",
    HOSTILE,
    "%recdata evil rows --user user --item item --time time --items items --split last",
    "%%recmodel one --data evil\nuser = embedding(user_id, 4)\nitem = embedding(item_id, 4)\nscore = user @ item\n",
    "%%recmodel two --data evil\nscore = ItemKNN()",
    "%rectrain one --epochs 3",
    "%rectrain two;",
    "%receval one two --k 5 --by popularity",
    "%receval one two --k 5 --compare",
    "%recmap one --color genre",
    "%recommend one two --user 3 -k 5 --as-of test",
    "%recommend one --user 3 -k 5",
    "one",
    "HTML(''.join(each._repr_html_() for each in (_8, _9, _10, _11, _12, _13)))",  # the static forms
    # A training that stands still, so that its view can be looked at.
    """from recmagic.widgets.training import TrainingView
from recmagic.training.events import EpochEnded, Progress, RunStarted
view = TrainingView()
view(RunStarted("one", "CPU", 0, 4, 64, 10, 640, 100, "ndcg@10"))
for epoch in (1, 2):
    view._shown_at = 0
    view(EpochEnded(epoch, 1 / epoch, {"ndcg@10": epoch / 10}, 1.0, True))
view""",
]
VIEWS = (".rm-comparison", ".rm-map", ".rm-training", ".rm-recs", ".rm-card")


@pytest.fixture(scope="module")
def axe():
    found = importlib.util.find_spec("axe_playwright_python")
    if found is None or found.origin is None:
        pytest.skip("axe-core is not installed: pip install axe-playwright-python")
    return (Path(found.origin).parent / "axe.min.js").read_text()


@pytest.fixture(params=["light", "dark"])
def page(request, browser, tmp_path):
    write(tmp_path / "notebooks", "views.ipynb", CELLS)
    lab = Lab(tmp_path / "notebooks", tmp_path, dark=request.param == "dark")
    opened = lab.open(browser, "views.ipynb")
    run_all(opened)
    for view in VIEWS:
        opened.locator(view).first.wait_for()
    yield opened
    if LOOK:
        Path(LOOK).mkdir(parents=True, exist_ok=True)
        for number, shown in enumerate(opened.locator(".rm-view, .jp-RenderedHTMLCommon").all()):
            if shown.is_visible():
                shown.screenshot(path=f"{LOOK}/axe_{request.param}_{number}.png")
    opened.close()
    lab.close()


def test_axe_finds_nothing_and_hostile_titles_stay_text(page, axe):
    page.locator(".rm-map").get_by_label("Find an item", exact=True).fill("img")
    page.keyboard.press("Enter")
    page.locator(".rm-map tbody tr").first.wait_for()
    drive_the_comparison(page)
    open_the_lists(page)
    page.evaluate(axe)
    found = page.evaluate("""(tags) => axe.run(
        {include: [['.jp-OutputArea-output']], exclude: [['.jp-OutputPrompt']]}, {runOnly: tags})""", RULES)
    told = [(each["id"], [node["html"][:160] for node in each["nodes"][:3]]) for each in found["violations"]]
    assert told == []
    assert len(found["passes"]) > 10  # it has looked at something
    assert page.evaluate("window.hacked") is None
    theirs = ".jp-OutputArea img:not(.recmagic-drawing > img)"  # all but our own drawings
    assert page.locator(f"{theirs}, .jp-OutputArea script").count() == 0
    width = page.locator(".jp-Notebook").bounding_box()["width"]
    assert all(each.bounding_box()["width"] <= width for each in page.locator(".rm-view").all())


def open_the_lists(page):
    """Have the lists show a reason and their folds, for these are looked at too."""
    lists = page.locator(".rm-recs").last
    lists.get_by_role("button", name="Why").first.click()
    lists.locator("[aria-expanded=true]").first.wait_for()
    reason = lists.locator(".rm-reason p").first.inner_text()
    assert reason.endswith("of the user's history: cosine by the model's vectors."), reason  # however long the titles
    for fold in lists.locator("summary").all():
        fold.click()


def drive_the_comparison(page):
    """Sort by keyboard alone, and look at the verdicts in words."""
    report = page.locator(".rm-comparison").first
    assert report.locator("svg[role=img] title").first.text_content().startswith("ndcg@5 upwards against coverage@5")
    head = report.get_by_role("columnheader", name="ndcg@5").first
    head.get_by_role("button").focus()
    page.keyboard.press("Enter")
    assert head.get_attribute("aria-sort") == "descending"
    cells = report.locator("table").first.locator("tbody td:nth-child(3)").all_inner_texts()
    column = [float(text.split()[0]) for text in cells]
    assert column == sorted(column, reverse=True)
    page.keyboard.press("Enter")
    assert head.get_attribute("aria-sort") == "ascending"
    words = page.locator(".rm-comparison").nth(1).locator(".rm-verdict").all_inner_texts()
    assert words and set(words) <= {"better", "worse", "higher", "lower", "no clear difference"}
