"""What could not fit is refused with an estimate under the guilty piece, before it is allocated, whichever layer asks.

The process's peak is held to what the frameworks themselves take.
"""

import resource
import sys
import time

import pytest
from keras.src.backend.common import global_state

from recmagic import backends
from recmagic.backends.protocol import Device
from recmagic.errors import SpecError
from tests.compiler.tiny import compiled

U, V = "embedding(user_id, 4)", "embedding(item_id, 4)"
BOTH = f"concat({U}, {V})"
BILLION = 10**9
WEIGHTS = r"weights up to here are .* GB; training them takes"
ROW, THERE = r"needs .* GB for each row, and there are 24 GB here", r"needs .* GB, and there are 24 GB here"
CHAIN = " >> ".join(["Dense(8000)"] * 40)
HUGE = {
    "a table": (f"score = {U} @ «embedding(item_id, {BILLION})»", WEIGHTS),
    "a bias of many": (f"score = «fields({BILLION})» >> FactorizationMachine()", WEIGHTS),
    "wide after wide": (f"score = {BOTH} >> Dense(100000) >> «Dense(100000, relu)» >> Dense(1)", WEIGHTS),
    "a chain": (f"score = {BOTH} >> {CHAIN} >> Dense(1)", WEIGHTS),
    "recurrent": (f"score = last(history({V}, 5) >> «GRU(100000)» >> Dense(4)) @ {V}", WEIGHTS),
    "experts": (f"score = {BOTH} >> «Experts({BILLION}, 4)» >> Dense(1)", WEIGHTS),
    "filters": (f"score = (history({V}, 5) >> «CaserConvolution({BILLION})» >> Dense(4)) @ {V}", WEIGHTS),
    "a long past": (f"score = mean(«history({V}, {BILLION})») @ {V}", ROW),
    "every step of it": (f"score = («history({V}, {BILLION})» >> GRU(4, return_sequences=True)) @ {V}", ROW),
    "repeated": (f"score = {BOTH} >> «RepeatVector({BILLION})» >> GlobalAveragePooling1D() >> Dense(1)", ROW),
    "padded": (f"score = mean(history({V}, 5) >> «ZeroPadding1D({BILLION})») @ {V}", ROW),
    "tokens": (f"score = {U} @ mean(embedding(«tokens(title, {BILLION})», 4))", THERE),
    "buckets": (f"score = {U} @ embedding(buckets(«price», {BILLION}), 4)", "more than 10,000"),
    "propagations": (f"score = «propagate({U}, {V}, {BILLION})» @ {V}", "from 1 to 100"),
}


def peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1024 if sys.platform.startswith("linux") else 1)


@pytest.mark.parametrize("name", HUGE)
def test_what_cannot_fit_is_refused_before_it_is_allocated(monkeypatch, name):
    marked, message = HUGE[name]
    backend = backends.current()
    monkeypatch.setattr(backend, "device", lambda: Device("a device", 24 * 10**9))
    before, began = peak(), time.process_time()
    with pytest.raises(SpecError, match=message) as caught:
        compiled(marked.replace("«", "").replace("»", ""))
    assert peak() - before < 10**9 and time.process_time() - began < 30
    waiting = global_state.get_global_attribute("uninitialized_variables")
    assert not waiting, "Keras would give them values when it is next asked for weights"
    place = caught.value.problems[0].place
    if "«" in marked:
        assert marked.split("\n")[place.line - 1].index("«") == place.start


def test_large_weights_that_fit_are_made_as_any_others_are(monkeypatch):
    from recmagic.compiler import sizes

    cell = f"score = {BOTH} >> Dense(8, relu) >> BatchNormalization() >> Dense(1)"
    small = compiled(cell, seed=3).cut.get_weights()
    monkeypatch.setattr(sizes, "SMALL", 100)  # so that they are counted first
    assert all((one == other).all() for one, other in zip(small, compiled(cell, seed=3).cut.get_weights()))
