"""The reference of the cell language, made from docstrings and signatures: every word by kind, or one word whole."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from recmagic import html
from recmagic.errors import ModelError, did_you_mean
from recmagic.magics.assist.explaining import parameter_text, word_text
from recmagic.magics.assist.words import find, names
from recmagic.magics.line import HelpText
from recmagic.spec.vocabulary import KINDS, Word

SHOWN = 4  # parameters of a word in the list; GRU has twenty, and its own page has them all
OPENED = ("value", "negatives", "target")  # the kinds that no other manual has


@dataclass(frozen=True, repr=False)
class Words:
    """The words of the language, kind by kind, each with what it takes and one sentence."""

    words: tuple[Word, ...]

    def __repr__(self) -> str:
        lines = []
        for kind, found in self._by_kind():
            lines += [_title(kind, found), *(f"  {_call(word)}: {_sentence(word)}" for word in found), ""]
        return "\n".join([*lines, _more()])

    def _repr_html_(self) -> str:
        parts: list[object] = [_more()]
        for kind, found in self._by_kind():
            rows = [[_call(word), _sentence(word)] for word in found]
            table = html.table(["word", "what it is"], rows)
            parts.append(html.fold(_title(kind, found), table, opened=kind in OPENED))
        return html.page(parts)

    def _by_kind(self) -> list[tuple[str, list[Word]]]:
        every = [(kind, [word for word in self.words if word.kind == kind]) for kind in KINDS]
        return [(kind, found) for kind, found in every if found]


def words(name: str | None = None) -> Words | HelpText:
    """Return all words that a cell may say, by kind; or, of the one of that name, what it takes and its documentation.

    A name of several kinds has a text for each. Raises ModelError where the language has no such word.
    """
    if name is None:
        every = (find(each, (kind,)) for kind in KINDS for each in names((kind,)))
        return Words(tuple(word for word in every if word is not None))
    texts = [text for kind in KINDS if (text := word_text(name, (kind,)))]
    if not texts:
        hint = did_you_mean(name, names(KINDS)) or "%recmodel --words lists them all."
        raise ModelError(f"The language has no word '{name}'.", hint)
    return HelpText("\n\n\n".join(texts))


def _title(kind: str, found: Sequence[Word]) -> str:
    return f"{kind} ({len(found)})"


def _call(word: Word) -> str:
    if word.kind == "function":
        return word.name
    more = ["…"] if len(word.parameters) > SHOWN else []
    return f"{word.name}({', '.join([parameter_text(each) for each in word.parameters[:SHOWN]] + more)})"


def _sentence(word: Word) -> str:
    return " ".join(word.doc.split("\n\n")[0].split())


def _more() -> str:
    return "%recmodel WORD tells all of one: %recmodel embedding"
