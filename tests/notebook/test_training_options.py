"""Going on after a stop, numbers of 16 bits, and what the live view says before the first step."""

import pytest


@pytest.fixture(scope="module")
def declared(kernel, two_tower):
    kernel.run(two_tower("two_tower"))
    kernel.run("def weights(model): return [each.copy() for each in model.program.cut.get_weights()]")
    return kernel


def test_memory_and_compiling_are_told_before_the_first_epoch(declared):
    live = declared.run("%rectrain two_tower --epochs 1").live
    first = next(place for place, shown in enumerate(live) if shown["epoch"] == shown["epochs"] == 1)
    assert any("compiling" in shown["phase"] for shown in live[:first])
    devices = [shown["device"] for shown in live[:first]]
    assert any(device.startswith("on ") and " · needs about " in device for device in devices), live
    history = declared.run("h = %rectrain two_tower --epochs 1\nh.compile_seconds")
    assert history.text == "0.0"
    assert any("starting" in shown["phase"] for shown in history.live)
    assert not any("compil" in str(shown) for shown in history.live), history.live


def test_going_on_ends_as_if_it_had_never_stopped(declared):
    declared.run("h = %rectrain two_tower --epochs 5000 --patience 5000", interrupt_after=r"'epoch': 3\b")
    declared.run("done = len(h.epochs); whole = done + 2")
    declared.run("h = %rectrain two_tower --resume --epochs $whole --patience 5000")
    assert declared.run("len(h.epochs) - done, h.reason").text == "(2, 'finished')"
    declared.run("gone_on = weights(two_tower)\n%rectrain two_tower --epochs $whole --patience 5000")
    assert declared.run("all((a == b).all() for a, b in zip(gone_on, weights(two_tower)))").text == "True"


def test_what_going_on_cannot_do(declared):
    declared.run("%rectrain two_tower --epochs 1")
    error = declared.run("%rectrain two_tower --resume").error
    assert error.startswith("TrainingError: 'two_tower' was not stopped"), error
    error = declared.run("%rectrain two_tower --resume --seed 3").error
    assert error.startswith("MagicError: --seed does not go with --resume: "), error
    error = declared.run("%rectrain two_tower --resume --memory 9MB").error
    assert error.startswith("MagicError: --memory does not go with --resume: "), error
    error = declared.run("%rectrain two_tower --resume --batch 64 --epochs 30").error
    assert error.startswith("MagicError: --batch does not go with --resume: "), error


@pytest.mark.parametrize("precision", ["mixed_bfloat16", "mixed_float16"])
def test_numbers_of_16_bits(declared, precision):
    shown = declared.run(f"%rectrain two_tower --epochs 2 --precision {precision}")
    assert shown.text.startswith("History('two_tower', 2 epochs, loss"), shown
    assert declared.run("import keras; keras.config.dtype_policy().name").text == "'float32'"
    assert declared.run("%recommend two_tower --user 42 -k 3").error == ""
    error = declared.run("%rectrain two_tower --precision bfloat16").error
    assert error.endswith("Did you mean mixed_bfloat16?"), error
