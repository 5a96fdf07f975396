"""Which parameter takes which argument, and what is wrong where none does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from recmagic.errors import did_you_mean
from recmagic.spec.positions import parameter_name
from recmagic.spec.tree import Call, Node
from recmagic.spec.vocabulary import Word


@dataclass(frozen=True)
class Mismatch:
    """A call that does not fit its word: the culprit is a positional index, an option's index, or the call (None)."""

    message: str
    hint: str
    positional: int | None = None
    option: int | None = None


def mismatch(word: Word, count: int, options: Sequence[str]) -> Mismatch | None:
    """Return the first thing wrong with `count` positional arguments and options of these names, or None."""
    given = {parameter_name(word, index) for index in range(count)}
    if None in given:
        return _too_many(word, count)
    many = {parameter.name for parameter in word.parameters if parameter.many}
    for index, name in enumerate(options):
        if name in many or name not in {parameter.name for parameter in word.parameters}:
            return Mismatch(f"{word.name} has no '{name}'.", _unknown_hint(word, name), option=index)
        if name in given:
            return Mismatch(f"'{name}' is given twice.", "Leave one of them out.", option=index)
        given.add(name)
    for parameter in word.parameters:
        if parameter.required and parameter.name not in given:
            return Mismatch(f"{word.name} needs '{parameter.name}'.", takes(word))
    return None


def takes(word: Word) -> str:
    """Return the sentence that lists a word's parameters, the first eight of them."""
    names = [f"{parameter.name}, ..." if parameter.many else parameter.name for parameter in word.parameters]
    if not names:
        return f"{word.name} takes nothing: {word.name}()."
    return f"{word.name} takes {', '.join(names[:8])}{' and more' if len(names) > 8 else ''}."


def _too_many(word: Word, count: int) -> Mismatch:
    first = next(index for index in range(count) if parameter_name(word, index) is None)
    message = f"{word.name} takes at most {first} argument{'' if first == 1 else 's'}; here are {count}."
    return Mismatch(message, takes(word), positional=first)


def _unknown_hint(word: Word, name: str) -> str:
    return did_you_mean(name, [parameter.name for parameter in word.parameters if not parameter.many]) or takes(word)


def bind(word: Word, call: Call) -> dict[str, Node | tuple[Node, ...]]:
    """Return a call's arguments by the names of the parameters that take them, in the order of the parameters.

    A parameter of any number of arguments gets a tuple of them. The call must fit the word, as those of `read` do;
    what it does not know (a spec made under another vocabulary) keeps its option's name or is left out.
    """
    bound: dict[str, Node | tuple[Node, ...]] = {}
    for at, parameter in enumerate(word.parameters):
        if parameter.many:
            bound[parameter.name] = call.arguments[at:]
            break
        if at < len(call.arguments):
            bound[parameter.name] = call.arguments[at]
    options = dict(call.options)
    for parameter in word.parameters:
        if parameter.name in options:
            bound[parameter.name] = options.pop(parameter.name)
    return bound | options
