"""What the rounds of a work found, as rows of a Markdown table."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from typing import Any

from running import Engine
from works import OURS, Work

Round = dict[str, dict[str, Any]]


def short(number: float) -> str:
    """Return a number with three figures, and k or M."""
    for unit, size in (("M", 1e6), ("k", 1e3)):
        if number >= size:
            return f"{number / size:.3g} {unit}"
    return f"{number:.3g}"


def ratio(work: Work, rounds: Sequence[Round], ours: str, theirs: str) -> str:
    """Return how many times better one engine is than another, paired by round: median and range; "" if unknown."""
    pairs = [(work.unit.value(each[ours]), work.unit.value(each[theirs]))
             for each in rounds if ours in each and theirs in each]
    if not pairs or ours == theirs:
        return ""
    times = [own / other if work.unit.more else other / own for own, other in pairs]
    return f"{statistics.median(times):.2f} [{min(times):.2f}-{max(times):.2f}]"


def row(work: Work, engine: Engine, rounds: Sequence[Round]) -> list[str]:
    """Return the cells of an engine's row."""
    said = [each[engine.name] for each in rounds if engine.name in each]
    values = [work.unit.value(each) for each in said]
    spread = " / ".join(short(each) for each in (min(values), statistics.median(values), max(values)))
    cells = [engine.name, spread, ratio(work, rounds, work.reference, engine.name)]
    own = OURS.get(engine.framework, "")
    beside = own != work.reference and any(each.name == own for each in work.engines)
    cells.append(ratio(work, rounds, own, engine.name) if beside else "")
    return [*cells, f"{max(each['peak_mb'] for each in said):,.0f}", said[-1].get("note", "")]


def rows(work: Work, engines: Sequence[Engine], rounds: Sequence[Round]) -> list[str]:
    """Return the lines of a work's table; columns with nothing in them are left out."""
    heads = ["engine", f"{work.unit.name} (min / median / max)", f"{work.reference} is … x this (median [range])",
             "recmagic on its framework is … x this", "peak MB", "note"]
    found = [row(work, engine, rounds) for engine in engines if any(engine.name in each for each in rounds)]
    if not found:
        return ["nothing was measured"]
    kept = [place for place in range(len(heads)) if any(cells[place] for cells in found)]
    lines = [heads, ["---"] * len(heads), *found]
    return [f"| {' | '.join(cells[place] for place in kept)} |" for cells in lines]
