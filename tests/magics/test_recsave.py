"""%recsave and %recload keep a model and give it back under another name."""

import pytest
from IPython.core.interactiveshell import InteractiveShell

import recmagic
from recmagic.errors import DataError
from tests.compiler.tiny import data


@pytest.fixture
def shell():
    shell = InteractiveShell.instance()
    recmagic.load_ipython_extension(shell)
    yield shell
    InteractiveShell.clear_instance()


def test_a_model_is_kept_and_given_back(shell, tmp_path):
    shell.user_ns["mine"] = recmagic.Model.from_zoo("Popularity", data(), name="mine")
    shell.user_ns["mine"].train()
    path = shell.run_line_magic("recsave", f"mine {tmp_path / 'kept.zip'}")
    assert path == tmp_path / "kept.zip"
    again = shell.run_line_magic("recload", f"again {path}")
    assert again is shell.user_ns["again"] and again.name == "again"
    assert again.recommend().df.equals(shell.user_ns["mine"].recommend().df)
    with pytest.raises(DataError, match="no saved model"):
        shell.run_line_magic("recload", f"none {tmp_path / 'nothing'}")
    assert "none" not in shell.user_ns
