"""%config RecMagic takes what is right, says what is wrong, and leaves every other setting alone."""

import importlib
import os
import sys

import keras
import pytest
from IPython.core.interactiveshell import InteractiveShell

import recmagic
from recmagic.backends import NAMES
from recmagic.errors import MagicError
from recmagic.magics.config import INSTALLED_BY

RUNNING = keras.backend.backend()
OTHER = next(name for name in NAMES if name != RUNNING)


@pytest.fixture
def shell():
    started = InteractiveShell.instance()
    recmagic.load_ipython_extension(started)
    yield started
    recmagic.unload_ipython_extension(started)
    InteractiveShell.clear_instance()


@pytest.fixture
def there(monkeypatch, tmp_path):
    """Have a package of the other backend's name where Python looks for packages; nothing imports it."""
    (tmp_path / OTHER).mkdir()
    (tmp_path / OTHER / "__init__.py").touch()
    monkeypatch.syspath_prepend(tmp_path)


def refused(shell, line):
    with pytest.raises(MagicError) as caught:
        shell.run_line_magic("config", line)
    assert shell.run_line_magic("config", "RecMagic.backend") == RUNNING
    return str(caught.value)


def test_what_runs_may_be_chosen(shell):
    shell.run_line_magic("config", f"RecMagic.backend = '{RUNNING}'")
    assert shell.run_line_magic("config", "RecMagic.backend") == RUNNING


def test_another_one_is_refused_once_keras_runs(shell, there):
    assert refused(shell, f"RecMagic.backend = '{OTHER}'") == (
        f"Keras already runs on {RUNNING} in this kernel.\n"
        f"  Restart the kernel, then run %config RecMagic.backend = '{OTHER}' first.")


def test_one_that_is_not_installed_is_refused(shell, monkeypatch):
    monkeypatch.setitem(sys.modules, OTHER, None)
    error = refused(shell, f"RecMagic.backend = '{OTHER}'")
    assert f"{OTHER} is not installed here.\n  Run %pip install {INSTALLED_BY[OTHER]} first." == error


def test_a_typo_gets_a_hint(shell):
    assert refused(shell, "RecMagic.backend = 'tenserflow'").endswith("Did you mean tensorflow?")
    assert refused(shell, "RecMagic.backend = 5") == "There is no backend 5.\n  There are: jax, tensorflow, torch."
    assert refused(shell, "RecMagic.bakend = 'jax'") == "RecMagic has no setting 'bakend'.\n  Did you mean backend?"


def test_a_refusal_is_not_raised_again(shell, caplog):
    refused(shell, "RecMagic.backend = 'x'")
    shell.run_line_magic("config", f"RecMagic.backend = '{RUNNING}'")
    shell.run_line_magic("config", "PlainTextFormatter.max_width = 100")
    assert shell.display_formatter.formatters["text/plain"].max_width == 100
    assert not caplog.records


def test_the_users_own_files_are_read(shell):
    recmagic.unload_ipython_extension(shell)
    shell.config.RecMagic.backend = "x"
    with pytest.raises(MagicError, match="no backend 'x'"):
        recmagic.load_ipython_extension(shell)
    shell.config.RecMagic.backend = RUNNING
    recmagic.load_ipython_extension(shell)


def test_settings_tell_what_they_are(shell, capsys):
    shell.run_line_magic("config", "RecMagic")
    out = capsys.readouterr().out
    assert "RecMagic.backend" in out and f"Current: '{RUNNING}'" in out and "os.environ" in out
    assert os.environ["KERAS_BACKEND"] == RUNNING


@pytest.fixture
def project(shell, tmp_path, monkeypatch):
    """Return what loads the extension anew in a folder below a pyproject.toml of some text."""
    (tmp_path / "notebooks").mkdir()
    monkeypatch.chdir(tmp_path / "notebooks")

    def load(text):
        (tmp_path / "pyproject.toml").write_text(text)
        recmagic.load_ipython_extension(shell)
        return shell

    return load


def test_a_project_settles_what_config_may_change(project, tmp_path):
    shell = project("[tool.recmagic]\ntop_k = 7\n")
    assert shell.run_line_magic("config", "RecMagic.top_k") == 7
    assert shell.run_line_magic("recinfo", "")["top_k"] == f"7 ({tmp_path / 'pyproject.toml'})"
    shell.run_line_magic("config", "RecMagic.top_k = 3")
    assert shell.run_line_magic("recinfo", "")["top_k"] == "3 (%config)"


@pytest.mark.parametrize(("text", "said"), [
    ("[tool.recmagic]\ntop_n = 3", r"pyproject.toml, \[tool.recmagic\], top_n: RecMagic has no setting 'top_n'"),
    ("[tool.recmagic]\ntop_k = 0", r"pyproject.toml, \[tool.recmagic\], top_k: "),
    ("[tool.recmagic\n", r"pyproject.toml cannot be read"),
])
def test_a_mistake_in_a_project_names_file_and_key(project, text, said):
    with pytest.raises(MagicError, match=said):
        project(text)


def test_a_list_is_as_long_as_set(shell):
    parser = importlib.import_module("recmagic.magics.recommend").PARSER
    shell.run_line_magic("config", "RecMagic.top_k = 4")
    shell.run_line_magic("recommend", "-h")
    assert parser.read("m --all", {}).k == 4 and parser.read("m --all -k 2", {}).k == 2
