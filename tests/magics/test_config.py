"""%config RecMagic takes what is right, says what is wrong, and leaves every other setting alone."""

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
