"""A saved model that is cut, changed, newer, or made by an enemy is refused with what is wrong, and runs nothing."""

import hashlib
import json
import os
import re
import resource
import signal
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import numpy as np
import pytest

import recmagic
from recmagic import Model
from recmagic.errors import DataError, RecmagicError, SpecError
from recmagic.saving import store
from tests.compiler.tiny import data

CELL = "score = embedding(user_id, 4) @ embedding(item_id, 4) + embedding(buckets(price, 3), 1)"
ALL = bool(os.environ.get("RECMAGIC_ALL"))


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    """A saved model, as a folder and as a .zip."""
    model = Model.read(CELL, data(), name="m")
    model.train(epochs=1)
    folder = tmp_path_factory.mktemp("kept")
    return {"folder": model.save(folder / "kept"), "zip": model.save(folder / "kept.zip")}


def refused(path):
    with pytest.raises(RecmagicError) as caught:
        recmagic.load(path)
    assert isinstance(caught.value, (DataError, SpecError)), caught.value
    return str(caught.value)


def copied(path, to):
    """A copy of a saved folder whose files may be changed, by name."""
    to.mkdir()
    files = {each.name: to / each.name for each in path.iterdir()}
    for name, file in files.items():
        file.write_bytes((path / name).read_bytes())
    return {"document" if name == "model.json" else "arrays": file for name, file in files.items()}


@pytest.mark.parametrize("which", ["document", "arrays"])
def test_no_byte_may_be_another(which, kept, tmp_path):
    file = copied(kept["folder"], tmp_path / "copy")[which]
    whole = file.read_bytes()
    step = 1 if ALL and which == "document" else max(len(whole) // (400 if ALL else 40), 1)
    for place in range(0, len(whole), step):
        changed = bytearray(whole)
        changed[place] ^= 1 << place % 8
        file.write_bytes(changed)
        assert "copy" in refused(tmp_path / "copy")
    file.write_bytes(whole)
    assert recmagic.load(tmp_path / "copy").trained


def test_no_byte_of_a_zip_may_be_another(kept, tmp_path):
    path, whole = tmp_path / "copy.zip", kept["zip"].read_bytes()
    mine, same = Model.read(CELL, data(), name="m").fingerprint, 0
    for place in [*range(60), *range(60, len(whole), len(whole) // (2000 if ALL else 60)),
                  *range(len(whole) - 300, len(whole))]:
        changed = bytearray(whole)
        changed[place] ^= 1 << place % 8
        path.write_bytes(changed)
        try:  # a date, say, may be another: what is read must then be what was written
            loaded = recmagic.load(path)
        except (DataError, SpecError):
            continue
        assert loaded.fingerprint == mine
        same += 1
    assert same < 150


@pytest.mark.parametrize("which", ["document", "arrays", "zip"])
def test_a_file_that_ends_too_soon_is_refused(which, kept, tmp_path):
    if which == "zip":
        file = path = tmp_path / "copy.zip"
        file.write_bytes(kept["zip"].read_bytes())
    else:
        path = tmp_path / "copy"
        file = copied(kept["folder"], path)[which]
    whole = file.read_bytes()
    for length in sorted({0, 1, 2, 7, 8, 9, 64, len(whole) // 3, len(whole) // 2, len(whole) - 22, len(whole) - 1}):
        file.write_bytes(whole[:length])
        refused(path)
    file.unlink()
    refused(path)


def forged(kept, to, change):
    """Write a model with a valid seal after something in its document or arrays was changed."""
    document, arrays = store.read(kept["folder"])
    change(document, arrays)
    return store.write(to / "forged", document, arrays)


def put(*path, value):
    def change(document, arrays):
        for step in path[:-1]:
            document = document[step]
        document[path[-1]] = value
    return change


def array_is(name, value):
    return lambda document, arrays: arrays.update({name: np.asarray(value)})


def class_of_the_system(document, arrays):
    document["program"]["text"] = "score = system('touch /tmp/hacked') @ embedding(item_id, 4)"


FORGED = {
    "newer": (put("format", value=99), "format 99.* reads up to 3"),
    "no format": (put("format", value="1"), "format"),
    "a program of another kind": (put("program", "kind", value="pickle"), "blend, solved or cell"),
    "a class outside the vocabulary": (class_of_the_system, "system"),
    "a tree with a dotted name": (
        lambda document, arrays: document["program"]["spec"]["statements"][0].update(
            value={"call": "os.system", "arguments": ["x"], "options": {}}), "should be"),
    "a text that is not its tree": (put("program", "text", value="score = embedding(user_id, 8)"), "text of its tree"),
    "an encoder that is none": (put("data", "users", "columns", 0, "encoder", "type", value="Model"), "of encoder"),
    "a list for a vocabulary": (put("data", "users", "ids", value=[None, [1], 2]), "ids"),
    "two users of one id": (put("data", "users", "ids", value=[None, *[1] * 24]), "different"),
    "a label without a column": (put("data", "items", "label", value="../x"), "label"),
    "no data": (put("data", value=[]), "document.data"),
    "a column of another side": (put("data", "users", "columns", 0, "side", value="item"), "side"),
    "weights of another shape": (array_is("program/0", np.zeros((2, 2), np.float32)), "program/0"),
    "weights that are text": (array_is("program/0", np.zeros((25, 4), np.int8)), "program/0"),
    "rows outside": (lambda document, arrays: arrays["log/item_row"].fill(10**6), "0 to 16"),
    "rows below": (lambda document, arrays: arrays["log/item_row"].fill(-1), "0 to 16"),
    "codes outside": (lambda document, arrays: arrays["user/country/values"].fill(77), "0 to"),
    "a log that is not sorted": (lambda document, arrays: arrays["log/user_row"].__setitem__(0, 9), "sorted"),
    "a history of anything": (put("history", "epochs", value=[{"epoch": "1"}]), "rows of numbers"),
    "a reason that is none": (put("history", "reason", value="<script>"), "reason"),
    "an endless nest": (lambda document, arrays: document["program"]["spec"]["statements"][0].update(
        value=nested(300)), "nested"),
}


def nested(depth):
    node = {"call": "mean", "arguments": [1], "options": {}}
    for _ in range(depth):
        node = {"call": "mean", "arguments": [node], "options": {}}
    return node


@pytest.mark.parametrize("name", FORGED)
def test_what_an_enemy_has_sealed_is_refused(name, kept, tmp_path):
    change, told = FORGED[name]
    assert re.search(told, refused(forged(kept, tmp_path, change)))


def test_arrays_outside_the_folder_are_not_looked_for(kept, tmp_path):
    document, _ = store.read(kept["folder"])
    for file in ("../../secret", "/etc/passwd", "model.json", 7):
        (tmp_path / "model.json").write_bytes(store._sealed({**document, "arrays": {"file": file, "sha256": ""}}))
        assert "names no arrays" in refused(tmp_path)


@pytest.mark.parametrize("members", [
    {"../../evil": b"x", "model.json": b"{}"}, {"model.json": b"{}"}, {"a": b"", "b": b"", "model.json": b"{}"}, {}])
def test_a_zip_of_other_files_is_refused_and_nothing_is_unpacked(members, tmp_path):
    with zipfile.ZipFile(tmp_path / "odd.zip", "w") as packed:
        for name, content in members.items():
            packed.writestr(name, content)
    refused(tmp_path / "odd.zip")
    assert [each.name for each in tmp_path.iterdir()] == ["odd.zip"]


def test_a_zip_that_says_it_is_encrypted_is_refused(kept, tmp_path):
    whole = bytearray(kept["zip"].read_bytes())
    whole[whole.index(b"PK\x01\x02") + 8] |= 1  # a flag of the first entry in the zip's table of contents
    (tmp_path / "kept.zip").write_bytes(whole)
    assert "encrypted" in refused(tmp_path / "kept.zip")


def test_a_bomb_is_not_let_off(tmp_path):
    with zipfile.ZipFile(tmp_path / "bomb.zip", "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("model.json", b"0" * 300_000_000)
        packed.writestr("arrays-0123456789abcdef.safetensors", b"0")
    began = time.perf_counter()
    assert "compressed" in refused(tmp_path / "bomb.zip")
    assert time.perf_counter() - began < 1


def test_arrays_that_claim_to_be_huge_are_refused(kept, tmp_path):
    document, _ = store.read(kept["folder"])
    header = json.dumps({"program/0": {"dtype": "F32", "shape": [2**40], "data_offsets": [0, 2**42]}}).encode()
    packed = len(header).to_bytes(8, "little") + header
    digest = hashlib.sha256(packed).hexdigest()
    name = f"arrays-{digest[:16]}.safetensors"
    (tmp_path / name).write_bytes(packed)
    (tmp_path / "model.json").write_bytes(store._sealed({**document, "arrays": {"file": name, "sha256": digest}}))
    assert "holds no arrays" in refused(tmp_path)


WRITER = """import sys
from pathlib import Path
import numpy as np
from recmagic.saving import store
number = 0
while True:
    number += 1
    store.write(Path(sys.argv[1]), {"number": number}, {"all": np.full(400_000, number)})
    print(number, flush=True)
"""


@pytest.mark.parametrize("path", ["kept", "kept.zip"])
def test_a_writer_that_is_killed_leaves_one_whole_model(path, tmp_path):
    random = np.random.default_rng(0)
    for _ in range(25 if ALL else 3):
        writer = subprocess.Popen([sys.executable, "-c", WRITER, tmp_path / path], stdout=subprocess.PIPE,
                                  cwd=Path(__file__).parents[2], env={**os.environ, "KERAS_BACKEND": "jax"})
        writer.stdout.readline()
        time.sleep(random.uniform(0, 0.1))
        writer.send_signal(signal.SIGKILL)
        writer.wait()
        document, arrays = store.read(tmp_path / path)
        assert (arrays["all"] == document["number"]).all()


def test_a_place_that_cannot_be_written_is_told_and_the_old_model_stays(kept, tmp_path):
    model = recmagic.load(kept["folder"])
    model.save(tmp_path / "kept")
    (tmp_path / "file").write_text("")
    with pytest.raises(DataError, match="cannot be written"):
        model.save(tmp_path / "file" / "kept")

    had = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (2000, had[1]))  # as on a disk that is full
    try:
        with pytest.raises(DataError, match="File too large"):
            model.save(tmp_path / "kept")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, had)
    assert recmagic.load(tmp_path / "kept").fingerprint == model.fingerprint
    assert len(list((tmp_path / "kept").iterdir())) == 2
