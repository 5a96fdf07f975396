"""The words of the cell language for completion and Shift-Tab: what the compiler's vocabulary holds, unimported.

`recmagic.compiler.vocabulary` asks the classes themselves, and so needs Keras; this reads their source. A test holds
the two equal. The user's own layers are there once Keras is.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from functools import cache

from recmagic.compiler.sayable import (
    ABSTRACT,
    FILLED_FIRST,
    FOLDERS,
    NOT_ACTIVATIONS,
    NOT_SETTINGS,
    REFUSED,
    REGRESSION,
)
from recmagic.evaluation.metrics import WORDS as METRICS
from recmagic.magics.assist.written import Home, definition, exported, file_of, is_subclass
from recmagic.spec.vocabulary import KINDS, Parameter, Word

CLASSES = (
    ("keras.layers", "layer"),
    ("keras_rs.layers", "layer"),
    ("keras.optimizers", "optimizer"),
    ("keras.optimizers.schedules", "schedule"),
    ("keras.initializers", "initializer"),
    ("keras.regularizers", "regularizer"),
    ("keras.constraints", "constraint"),
)


def names(kinds: Iterable[str]) -> dict[str, str]:
    """Return all words of some kinds: name -> kind, in the order of the kinds; the first kind of a name counts."""
    found: dict[str, str] = {}
    for kind in kinds:
        of_users = [name for each, name in _own() if each == kind]
        for name in sorted({*_homes(kind), *of_users}, key=str.lower):
            found.setdefault(name, kind)
    return found


def find(name: str, kinds: Iterable[str] = KINDS) -> Word | None:
    """Return the word of a name, of the first of the kinds that has it, with its parameters and documentation."""
    for kind in kinds:
        own = _own().get((kind, name))
        if own is not None:
            return own
        if name in _homes(kind):
            return _read(kind, name)
    return None


@cache
def _homes(kind: str) -> dict[str, Home]:
    found: dict[str, Home] = {}
    for package, each in CLASSES:
        if each == kind:
            found |= {name: home for name, home in exported(package).items()
                      if name not in ABSTRACT and name not in REFUSED and is_subclass(home)}
    if kind == "function":
        found |= {name: home for name, home in exported("keras.activations").items()
                  if name.islower() and name not in NOT_ACTIVATIONS}
    if kind == "loss":
        found |= {name: exported("keras.losses")[name] for name in REGRESSION if name in exported("keras.losses")}
    for package, each in (*FOLDERS, METRICS):
        if each == kind:
            found |= _of_folder(package)
    return found


def _of_folder(package: str) -> dict[str, Home]:
    """Return the public word of every module in a folder: the definition that is named like its file."""
    file = file_of(package)
    found: dict[str, Home] = {}
    for path in sorted(file.parent.glob("[!_]*.py")) if file else ():
        text = path.read_text(encoding="utf-8")
        heads = [line.split("(")[0].split(":")[0].split()[1] for line in text.splitlines()
                 if line.startswith(("class ", "def "))]
        found |= {name: Home(f"{package}.{path.stem}", name) for name in heads
                  if name.replace("_", "").lower() == path.stem.replace("_", "")}
    return found


@cache
def _read(kind: str, name: str) -> Word:
    read = definition(_homes(kind)[name])
    if read is None or kind == "function":
        return Word(name, kind, (), read.doc if read else "")
    known = [each for each in read.parameters if each.name not in NOT_SETTINGS][kind in FILLED_FIRST :]
    if kind == "layer" and read.open:
        known += [Parameter("trainable", default=True), Parameter("dtype")]
    return Word(name, kind, tuple(known), read.doc)


def _own() -> dict[tuple[str, str], Word]:
    """Return the layers that the user has marked with `@recmagic.layer`: there are none before Keras is imported."""
    if "recmagic.compiler.own_layers" not in sys.modules:
        return {}
    from recmagic.compiler.keras_names import user_layers
    from recmagic.compiler.vocabulary import word

    return {(kind, name): word(kind, name, each) for (kind, name), each in user_layers().items()}
