"""The browser, or the reason why there is none here."""

import os
from pathlib import Path

import pytest

from tests.browser.lab import CHROMIUM, FLAGS


@pytest.fixture(scope="session")
def browser():
    if not Path(CHROMIUM).exists():
        reason = f"there is no {CHROMIUM} (apt-get install chromium)"
        (pytest.fail if os.environ.get("RECMAGIC_BROWSER") == "required" else pytest.skip)(reason)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        started = play.chromium.launch(executable_path=CHROMIUM, args=FLAGS, headless=True)
        yield started
        started.close()
