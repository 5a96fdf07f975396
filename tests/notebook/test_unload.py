"""%unload_ext in a real kernel takes everything away."""

from recmagic.magics.registry import NAMES


def test_load_and_unload_three_times(kernel):
    count = "sum('rec' == name[:3] for kind in ('line', 'cell') for name in get_ipython().magics_manager.magics[kind])"
    settings = "sum(type(each).__name__ == 'RecMagic' for each in get_ipython().configurables)"
    before = int(kernel.run(count).text)
    for _ in range(3):
        kernel.run("%unload_ext recmagic")
        assert int(kernel.run(count).text) == before - len(NAMES) - 1  # %%recmodel is a cell's magic too
        assert kernel.run(settings).text == "0"
        kernel.run("%load_ext recmagic")
        assert int(kernel.run(count).text) == before
        assert kernel.run(settings).text == "1"
    kernel.run("%unload_ext recmagic")
    assert "not found" in kernel.run("%recinfo").stream + kernel.run("%recinfo").error
