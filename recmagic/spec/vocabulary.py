"""What a cell may say, as plain data: names, kinds and parameters, with no Keras in sight."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property

# The kinds of word. `value` words are ours (embedding, concat, ...); the rest are classes or functions of that kind.
# A `search` word (choose, between) may stand wherever a literal may.
KINDS = (
    "value",
    "layer",
    "loss",
    "optimizer",
    "metric",
    "negatives",
    "target",
    "augment",
    "weights",
    "initializer",
    "regularizer",
    "constraint",
    "schedule",
    "function",
    "scorer",
    "search",
)


@dataclass(frozen=True)
class Parameter:
    """One parameter of a word: required when it has no default; `many` takes any number of positional arguments."""

    name: str
    required: bool = False
    default: object = None
    many: bool = False


@dataclass(frozen=True)
class Word:
    """A name of the language with its kind, its parameters in order and a sentence of documentation."""

    name: str
    kind: str
    parameters: tuple[Parameter, ...] = ()
    doc: str = ""


@dataclass(frozen=True)
class Vocabulary:
    """All words, found by name and kind (one name may be a loss and a metric: roles resolve it).

    `refused` maps a name to the reason that it may not be used.
    """

    words: tuple[Word, ...]
    refused: dict[str, str] = field(default_factory=dict)

    @cached_property
    def _index(self) -> dict[tuple[str, str], Word]:
        return {(word.name, word.kind): word for word in reversed(self.words)}

    def find(self, name: str, kinds: Iterable[str] = KINDS) -> Word | None:
        """Return the word of that name and of one of the kinds, the first kind first, or None."""
        return next((self._index[name, kind] for kind in kinds if (name, kind) in self._index), None)

    def names(self, kinds: Iterable[str] = KINDS) -> list[str]:
        """Return the names of all words of these kinds, sorted."""
        wanted = set(kinds)
        return sorted({word.name for word in self.words if word.kind in wanted})
