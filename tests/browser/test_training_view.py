"""A training in JupyterLab: progress, a stop by the button, by the toolbar, and a page that is reloaded meanwhile."""

import os
from pathlib import Path

import pytest

from tests.browser.lab import IDLE, Lab
from tests.browser.pages import start, write

pytestmark = pytest.mark.browser
LOOK = os.environ.get("RECMAGIC_LOOK")  # a folder for pictures, for people to look at
CELL = """%%recmodel slow --data films
user = embedding(user_id, 16)
item = embedding(item_id, 16)
score = user @ item
loss = BPR()"""
CELLS = ["%load_ext recmagic", "%recdata films films;", CELL + "\n", "%rectrain slow --epochs 5000 --patience 5000"]


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    folder = tmp_path_factory.mktemp("lab")
    for name in ("button", "toolbar", "reload"):
        write(folder / "notebooks", f"{name}.ipynb", CELLS)
    started = Lab(folder / "notebooks", folder)
    yield started
    started.close()


def view(page):
    return page.locator(".rm-training")


def training(lab, browser, name):
    """Return a page on which a training has come to its fourth epoch."""
    page = lab.open(browser, f"{name}.ipynb")
    start(page)
    page.wait_for_function(
        "() => /[4-9] of 5000|\\d\\d of 5000/.test(document.querySelector('.rm-training')?.innerText)", timeout=120_000)
    return page


def look(page, name):
    if LOOK:
        Path(LOOK).mkdir(parents=True, exist_ok=True)
        view(page).screenshot(path=f"{LOOK}/{name}.png")


def ended(page):
    """Wait for the end, and return what the notebook then shows."""
    page.wait_for_selector(".jp-OutputArea-executeResult", timeout=30_000)
    page.wait_for_selector(IDLE)
    assert view(page).count() == 0  # the live view is gone, the history stays
    return page.locator(".jp-OutputArea-executeResult").last.inner_text()


def test_the_button_stops_and_keeps_what_was_learnt(lab, browser):
    page = training(lab, browser, "button")
    bar = view(page).get_by_role("progressbar", name="Epochs")
    assert int(bar.get_attribute("aria-valuenow")) >= 3 and bar.get_attribute("aria-valuemax") == "5000"
    assert view(page).locator("svg[role=img]").count() == 2
    look(page, "training")
    button = view(page).get_by_role("button", name="Stop training")
    button.wait_for()  # shown once the kernel has answered, in the middle of the cell
    button.focus()
    page.keyboard.press("Enter")
    assert "A stop was asked for" in view(page).inner_text()
    told = ended(page)
    assert "interrupted; what was learnt is kept" in told
    page.close()


def test_the_toolbars_stop_is_told_at_once(lab, browser):
    page = training(lab, browser, "toolbar")
    page.evaluate("window.told = []; new MutationObserver(() => window.told.push(document.querySelector('.rm-training')"
                  "?.innerText ?? '')).observe(document.body, {subtree: true, childList: true, characterData: true})")
    page.locator('[data-command="notebook:interrupt-kernel"]').first.click()
    assert "interrupted" in ended(page)
    assert page.evaluate("window.told.some((text) => text.includes('stopping'))")
    page.close()


def test_a_reloaded_page_goes_on_with_the_run(lab, browser):
    page = training(lab, browser, "reload")
    page.evaluate("window.jupyterapp.commands.execute('docmanager:save').then(() => null)")
    page.goto(f"{lab.url}/lab/tree/reload.ipynb")
    page.wait_for_selector(".rm-training svg", timeout=20_000)
    number = "() => Number(document.querySelector('.rm-training [aria-label=Epochs]').getAttribute('aria-valuenow'))"
    before = page.evaluate(number)
    page.wait_for_function(f"({number})() > {before + 2}")
    look(page, "reloaded")
    button = view(page).get_by_role("button", name="Stop training")
    button.wait_for()
    button.click()
    page.wait_for_selector(IDLE)
    page.close()
