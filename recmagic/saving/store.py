"""How a document and its arrays lie on disk: a folder or a .zip, written beside the old one, read with suspicion.

A folder holds `model.json` and the arrays that it names, `arrays-<digits of their hash>.safetensors`. The arrays are
written first and the document takes the old one's place in one step, so a crash at any moment leaves the old one or the
new one, whole. A .zip is written whole beside the old one, and is never compressed: what it holds is as large as it is.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load, save

from recmagic.errors import DataError

DOCUMENT = "model.json"
_SEAL = re.compile(rb'\{"seal": "([0-9a-f]{64})", ')
_ARRAYS = re.compile(r"arrays-[0-9a-f]{16}\.safetensors")

Arrays = dict[str, NDArray[Any]]


def write(path: Path, document: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]) -> Path:
    """Write a document of plain JSON and its arrays to a folder or a .zip; return the path.

    Raises DataError where it cannot be written; what lay there before is then as it was.
    """
    packed = save({name: np.require(array, requirements="C") for name, array in arrays.items()})
    digest = hashlib.sha256(packed).hexdigest()
    named = f"arrays-{digest[:16]}.safetensors"
    text = _sealed({**document, "arrays": {"file": named, "sha256": digest}})
    try:
        if path.suffix == ".zip":
            _write_zip(path, {named: packed, DOCUMENT: text})
        else:
            _write_folder(path, named, packed, text)
    except OSError as error:
        raise DataError(f"{path} cannot be written: {error.strerror or error}.",
                        "Choose another place, with room enough.") from error
    return path


def read(path: Path) -> tuple[dict[str, Any], Arrays]:
    """Return the document and the arrays that `write` has written.

    Raises DataError, with what is wrong, where they are not there, not whole, or not as they were written.
    """
    try:
        with _opened(path) as fetch:
            document = _unsealed(fetch(DOCUMENT), path)
            told = document.pop("arrays", None)
            if not (isinstance(told, dict) and _ARRAYS.fullmatch(str(told.get("file")))):
                raise damaged(path, f"{DOCUMENT} names no arrays")
            packed = fetch(told["file"])
    # zipfile's own: RuntimeError where an entry says that it is encrypted, or packed in a way that nobody knows
    except (OSError, zipfile.BadZipFile, zipfile.LargeZipFile, RuntimeError, EOFError) as error:
        raise damaged(path, str(error)) from error
    if hashlib.sha256(packed).hexdigest() != told.get("sha256"):
        raise damaged(path, f"{told['file']} has been changed, or is not whole")
    try:
        return document, load(packed)
    except (SafetensorError, ValueError, KeyError, TypeError) as error:
        raise damaged(path, f"{told['file']} holds no arrays ({error})") from error


def damaged(path: Path, why: str) -> DataError:
    """Return the error for a file or folder that is not as it was written."""
    return DataError(f"{path} cannot be read: {why}.", "Save the model again, or take another copy.")


def _write_folder(path: Path, named: str, packed: bytes, text: bytes) -> None:
    path.mkdir(parents=True, exist_ok=True)
    for name, content in ((named, packed), (DOCUMENT, text)):
        with _taking_the_place_of(path / name) as file:
            file.write(content)
    for old in path.iterdir():
        if _ARRAYS.fullmatch(old.name) and old.name != named:
            old.unlink(missing_ok=True)


def _write_zip(path: Path, members: Mapping[str, bytes]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with _taking_the_place_of(path) as file, zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as packed:
        for name, content in members.items():
            packed.writestr(name, content)


@contextmanager
def _taking_the_place_of(path: Path) -> Iterator[IO[bytes]]:
    """Yield a new file beside this one, which takes its place once all of it is on the disk."""
    with NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}-", delete=False) as file:
        try:
            yield file
            file.flush()
            os.fsync(file.fileno())
            file.close()
            os.chmod(file.name, 0o666 & ~_mask())  # as any new file, not for the owner alone
            os.replace(file.name, path)
        except BaseException:
            Path(file.name).unlink(missing_ok=True)
            raise


def _mask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


@contextmanager
def _opened(path: Path) -> Iterator[Any]:
    """Yield a function from a member's name to its bytes."""
    if path.is_dir():
        yield lambda name: (path / name).read_bytes()
        return
    if not path.exists():
        raise DataError(f"There is no saved model at {path}.", "Look at the path.")
    with zipfile.ZipFile(path) as packed:
        members = {each.filename: each for each in packed.infolist()}
        if len(members) != 2 or len(packed.infolist()) != 2:
            raise damaged(path, "it does not hold two files, a document and its arrays")
        for each in members.values():
            if each.compress_type != zipfile.ZIP_STORED or each.file_size > path.stat().st_size:
                raise damaged(path, f"{each.filename!r} in it is compressed, which recmagic never does")
        yield lambda name: packed.read(members[name]) if name in members else _absent(path, name)


def _absent(path: Path, name: str) -> bytes:
    raise damaged(path, f"it does not hold {name}")


def _sealed(document: Mapping[str, Any]) -> bytes:
    """Return the document as JSON whose first entry is the hash of the bytes of all the rest."""
    text = json.dumps(document, ensure_ascii=True, allow_nan=False).encode()
    return b'{"seal": "%s", ' % hashlib.sha256(text).hexdigest().encode() + text[1:]


def _unsealed(text: bytes, path: Path) -> dict[str, Any]:
    sealed = _SEAL.match(text)
    if sealed is None:
        raise damaged(path, f"{DOCUMENT} does not begin as recmagic's do")
    body = b"{" + text[sealed.end():]
    if hashlib.sha256(body).hexdigest().encode() != sealed[1]:
        raise damaged(path, f"{DOCUMENT} has been changed, or is not whole")
    try:
        document = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise damaged(path, f"{DOCUMENT} is not JSON") from error
    if not isinstance(document, dict):
        raise damaged(path, f"{DOCUMENT} is no document")
    return document
