"""Completion and Shift-Tab through a real kernel: only ours in our cells, no Keras for it, and gone on unload."""

import pytest

from tests.notebook.kernel import ANSI, Kernel

BODY = "%%recmodel m --data films\nwidth = 16\nuser = embedding(user_id, width)\n"


@pytest.fixture(scope="module")
def fresh():
    started = Kernel()
    assert not started.run("%load_ext recmagic").error
    yield started
    started.close()


def completed(kernel, code):
    reply = kernel.client.complete(code, reply=True, timeout=60)["content"]
    told = [each["type"] for each in reply["metadata"].get("_jupyter_types_experimental", [])]
    return code[reply["cursor_start"] : reply["cursor_end"]], reply["matches"], told


def shown(kernel, code, at):
    reply = kernel.client.inspect(code, code.index(at) + len(at), reply=True, timeout=60)["content"]
    return ANSI.sub("", reply["data"].get("text/plain", ""))


def test_words_need_no_keras_and_no_data(fresh):
    assert completed(fresh, BODY + "score = user >> Dens") == ("Dens", ["Dense"], ["layer"])
    typed, matches, told = completed(fresh, BODY + "score = user >> Dense(")
    assert (typed, matches[:4]) == ("", ["width", "units=", "activation=", "use_bias="])
    assert told[:4] == ["earlier name", "required", "default None", "default True"]
    assert shown(fresh, BODY + "x = user >> Dense(8)", "Den").startswith("Docstring:\nDense(units, activation=None, ")
    fresh.run("import sys")
    assert fresh.run("'keras' in sys.modules").text == "False"
    assert completed(fresh, BODY + "score = user ")[1] == []  # and Jedi says nothing either


def test_lines(kernel):
    kernel.run("import pandas as pd\nshop = pd.DataFrame({'customer': [1], 'sku': [2]})")
    assert completed(kernel, "%recdata d shop --user cu") == ("cu", ["customer"], ["column"])
    assert completed(kernel, "%recmodel m = SASRec(wi") == ("wi", ["width="], ["default 64"])
    assert completed(kernel, "h = %rectrain m --pre")[1] == ["--precision"]
    assert completed(kernel, "%recdata d ./READ")[1] == ["./README.md"]


def test_columns_and_names(kernel):
    assert completed(kernel, BODY + "item = embedding(gen")[1] == ["genres"]
    assert completed(kernel, BODY + "score = us") == ("us", ["user"], ["earlier name"])
    code = BODY + "score = user @ item"
    cursor = code.index("user_id") + 4
    reply = kernel.client.complete(code, cursor, reply=True, timeout=60)["content"]
    assert reply["matches"] == ["user_id"] and reply["cursor_start"] == cursor - 4


@pytest.mark.parametrize(("code", "at", "text"), [
    (BODY + "x = user >> Dense(8, activation=relu)", "activ", "activation=None\na setting of Dense\n\nActivation func"),
    (BODY, "embed", "embedding(column, width, l2=0.0, "),
    (BODY, "user_i", "user_id\nuser column, id"),
    (BODY, ", wid", "width = 16\na name of this cell"),
    (BODY + "loss = BPR()", "los", "loss = "),
    ("%recommend m --user 3", "--us", "--user ID\noption of %recommend\n\none or more user ids"),
    ("%recommend m --user 3", "%recom", "%recommend [-h] [--user ID"),
])
def test_shift_tab(kernel, code, at, text):
    assert shown(kernel, code, at).removeprefix("Docstring:\n").startswith(text)


def test_a_word_is_not_explained_in_other_cells(kernel):
    assert shown(kernel, "x = embedding(3)", "embed") == ""


@pytest.mark.parametrize("line", ["%recmodel?", "%rectrain -h", "%recdata --help"])
def test_help(kernel, line):
    message = kernel.client.execute(line)
    pages = []
    while True:
        reply = kernel.client.get_shell_msg(timeout=60)
        if reply["parent_header"]["msg_id"] == message:
            pages = [each["data"]["text/plain"] for each in reply["content"]["payload"]]
            break
    assert "usage" in str(pages) or line.split()[0].strip("%?") in str(pages) or "-h" in line
    assert line.endswith("?") == bool(pages)


def test_unloading_takes_both_away(fresh):
    fresh.run("%unload_ext recmagic")
    assert "'recmagic'" not in fresh.run("[each.matcher_identifier for each in "
                                         "get_ipython().Completer.custom_matchers]").text
    assert fresh.run("'_object_find' in vars(get_ipython())").text == "False"
    assert fresh.run("Dense?").stream == "Object `Dense` not found.\n"
