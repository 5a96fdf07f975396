"""Prints what a frame of the item map costs in a browser while a pointer moves over its points.

python tests/benchmarks/map_frames.py [--items 10000]

Drives Debian's chromium in a JupyterLab of its own, without a GPU.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
from itertools import pairwise
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from playwright.sync_api import sync_playwright

from tests.browser.lab import CHROMIUM, FLAGS, Lab, run_all
from tests.browser.pages import write

CELLS = [
    "%load_ext recmagic",
    """import numpy as np, pandas as pd
rng = np.random.default_rng(0)
items = pd.DataFrame({{"item": range({items}), "title": [f"title {{n}}" for n in range({items})],
                      "genre": rng.choice(list("abcdef"), {items})}})
rows = pd.DataFrame({{"user": rng.integers(0, 500, 3 * {items}), "item": np.tile(range({items}), 3)}})""",
    "%recdata many rows --user user --item item --items items --split random",
    "%%recmodel m --data many\nscore = embedding(user_id, 8) @ embedding(item_id, 8)",
    "%rectrain m --epochs 1",
    "%recmap m --color genre",
]
MOVES = 120
BETWEEN = """() => new Promise((done) => {
    const times = [];
    const next = (now) => { times.push(now); times.length > 60 ? done(times) : requestAnimationFrame(next); };
    requestAnimationFrame(next);
})"""


def main() -> None:
    """Draw the map, move the pointer, and print the drawing's cost and the time between two frames of the page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--items", type=int, default=10_000)
    count = parser.parse_args().items
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as play:
        cells = [cell.format(items=count) if "rng" in cell else cell for cell in CELLS]
        write(Path(folder) / "notebooks", "map.ipynb", cells)
        browser = play.chromium.launch(executable_path=CHROMIUM, args=FLAGS, headless=True)
        lab = Lab(Path(folder) / "notebooks", Path(folder))
        try:
            page = lab.open(browser, "map.ipynb")
            run_all(page)
            canvas = page.locator(".rm-map canvas")
            canvas.scroll_into_view_if_needed()
            page.wait_for_timeout(1000)
            first, box, costs = float(canvas.get_attribute("data-milliseconds")), canvas.bounding_box(), []
            for move in range(MOVES):
                page.mouse.move(box["x"] + 20 + 4 * move % (box["width"] - 40), box["y"] + 20 + 3 * move % 300)
                page.wait_for_timeout(20)
                costs.append(float(canvas.get_attribute("data-milliseconds")))
            times = page.evaluate(BETWEEN)
        finally:
            lab.close()
    gaps = sorted(later - earlier for earlier, later in pairwise(times))
    print(f"{count:,} items: the last drawing before the pointer moved took {first:.1f} ms; while it moved, a drawing "
          f"took {statistics.median(costs):.2f} ms (median), at most {max(costs):.2f}; between two frames of the page "
          f"{statistics.median(gaps):.1f} ms (median), p95 {gaps[int(0.95 * len(gaps))]:.1f}")


if __name__ == "__main__":
    main()
