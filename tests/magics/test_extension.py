"""Loading leaves one of each magic, however often, and unloading leaves none."""

import pytest
from IPython.core.interactiveshell import InteractiveShell

import recmagic
from recmagic.magics.registry import NAMES


@pytest.fixture
def shell():
    yield InteractiveShell.instance()
    InteractiveShell.clear_instance()


def traces(shell):
    """Return every place where one of our names or functions can be found."""
    manager = shell.magics_manager
    found = [name for kind in ("line", "cell") for name in manager.magics[kind] if name in NAMES]
    found += [name for name in vars(manager.user_magics) if name in NAMES]
    found += [type(each).__name__ for each in shell.configurables if "recmagic" in type(each).__module__]
    found += ["%config" for function in [manager.magics["line"]["config"]] if "recmagic" in type(function).__module__]
    found += ["completion" for each in shell.Completer.custom_matchers if "recmagic" in each.__module__]
    found += ["Shift-Tab" for each in vars(shell).values() if "recmagic.magics.assist" in type(each).__module__]
    found += [name for name, functions in vars(shell.events).items() if "recmagic" in str(functions)]
    return sorted(found)


def test_three_times_leaves_one_then_none(shell):
    before = traces(shell)
    names = dict(shell.user_ns)
    for _ in range(3):
        recmagic.load_ipython_extension(shell)
        once = traces(shell)
        recmagic.load_ipython_extension(shell)
        assert traces(shell) == once and set(once) == {*NAMES, "RecMagic", "%config", "completion",
                                                              "Shift-Tab"}
        recmagic.unload_ipython_extension(shell)
        assert traces(shell) == before == []
    assert shell.user_ns.keys() == names.keys()


def test_names_are_those_of_the_readme():
    assert NAMES == ["recblend", "reccode", "reccompress", "recdata", "receval", "recexplain", "recinfo", "recload",
                     "recmap", "recmodel", "recommend", "recsave", "recsimilar", "rectrain", "recupdate"]


def test_help_is_returned_and_shown_as_written(shell):
    recmagic.load_ipython_extension(shell)
    text = shell.run_line_magic("recdata", "-h")
    assert repr(text) == str(text) and "--positive CONDITION" in text
    assert "--positive CONDITION" in shell.find_line_magic("recdata").__doc__


def test_info_names_versions(shell):
    recmagic.load_ipython_extension(shell)
    info = shell.run_line_magic("recinfo", "")
    assert info["python"] and info["keras"] and info["backend"] and info["device"] and info["memory"]
    assert "<table" in info._repr_html_() and "keras" in repr(info)
