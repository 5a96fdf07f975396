"""What may be typed next in the body of a `%%recmodel` cell: names, columns, words, parameters and their values."""

from __future__ import annotations

import ast
import json
import keyword
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from recmagic.magics.assist import words
from recmagic.magics.assist.cursor import Bracket, Spot
from recmagic.spec.positions import STATEMENTS, argument_position, is_class, statement_position
from recmagic.spec.vocabulary import Parameter, Word

INNER = ("initializer", "regularizer", "constraint", "layer")  # kinds that a parameter may be named after
OF_COLUMNS = ("column", "also")  # parameters of lower-case words that take a column
OF_VALUES = ("value", "values", "sequence", "own", "other")


@dataclass(frozen=True)
class Choice:
    """A text that may stand at the cursor, and what it is: `layer`, `column`, `default None`."""

    text: str
    told: str


def choices(here: Spot, columns: Mapping[str, str]) -> list[Choice]:
    """Return what goes on from a place, those that start as the fragment does; `columns`: name -> what it is."""
    if here.comment:
        return []
    found = _in_quotes(here, columns) if here.quote else _anywhere(here, columns)
    return starting(here.fragment, found)


def starting(fragment: str, found: Iterable[Choice]) -> list[Choice]:
    """Return the choices that start with a fragment, those in the same case first: `GR` is GRU, then GroupNorm."""
    kept = {each.text: each for each in found if each.text.lower().startswith(fragment.lower())}
    return sorted(kept.values(), key=lambda each: not each.text.startswith(fragment))


def _in_quotes(here: Spot, columns: Mapping[str, str]) -> Iterator[Choice]:
    """In quotes only the name of a column is a choice: column("movie title")."""
    if here.call is not None and here.call.word == "column":
        yield from (Choice(name + here.quote, told) for name, told in columns.items())


def _anywhere(here: Spot, columns: Mapping[str, str]) -> Iterator[Choice]:
    if here.statement is None:
        yield from _starts(here) if not here.before else ()
    elif here.call is not None:
        yield from _arguments(here, here.call, columns)
    elif here.before:  # behind a complete value only a sign can stand
        yield from _values(here, columns)


def _starts(here: Spot) -> Iterator[Choice]:
    """The statements that the language knows and this cell has not said yet."""
    said = {name for name, _ in here.earlier}
    for name, position in STATEMENTS.items():
        if name not in said and (words.names(position.kinds) or name == "score"):
            yield Choice(f"{name} = ", "statement")


def _values(here: Spot, columns: Mapping[str, str]) -> Iterator[Choice]:
    """What may stand behind the `=` or an operator of a statement."""
    position = statement_position(str(here.statement))
    if here.before == ">>":
        yield from _earlier(here)
        yield from _words(("layer",))
    elif here.before in "+*@" or "value" in position.kinds:
        yield from _earlier(here)
        yield from _words(("value", "scorer") if here.before == "=" else ("value",))
        if position.kinds[:1] != ("value",) and here.before == "=":  # a name may hold a layer as well
            yield from _words(("layer",))
    else:
        yield from _words(position.kinds)
        if "column" in position.kinds:
            yield from _columns(columns)


def _arguments(here: Spot, call: Bracket, columns: Mapping[str, str]) -> Iterator[Choice]:
    """What may stand inside a call: values of the parameter that is being typed, and names of further ones."""
    word = words.find(call.word, call_kinds(here))
    parameters = word.parameters if word else ()
    taken = next((each for at, each in enumerate(parameters)
                  if (each.many or at == len(call.arguments) - 1) and not call.given), None)
    named = next((each for each in parameters if each.name == call.option), None)
    parameter = named or (None if call.option else taken)
    fresh = call.option is None and here.brackets[-1] is call and here.before in ("(", ",")
    yield from _settings(here, parameter) if is_class(call.word) else _operands(here, word, parameter, columns)
    if fresh:
        behind = parameters[len(call.arguments) - 1 :] if not call.given else parameters
        yield from (Choice(f"{each.name}=", _default(each)) for each in behind
                    if each.name not in call.given and not each.many)


def call_kinds(here: Spot) -> tuple[str, ...]:
    """Return the kinds that a call may be of, the likeliest first: in the call around it, else in its statement."""
    called = [each for each in here.brackets if each.word]
    outer = called[-2] if len(called) > 1 else None
    if outer is not None:
        return (*argument_position(outer.word, outer.option).kinds, *statement_position("").kinds)
    return (*statement_position(str(here.statement)).kinds, *statement_position("").kinds)


def _settings(here: Spot, parameter: Parameter | None) -> Iterator[Choice]:
    """What may be set in a class: by the parameter's name and its default."""
    if parameter is None or not here.before:
        return
    if isinstance(parameter.default, bool):
        yield from (Choice(text, "value") for text in ("True", "False"))
        return
    kinds = tuple(kind for kind in INNER if parameter.name.endswith(kind))
    if parameter.name.endswith("activation"):
        kinds = ("function",)
    elif parameter.name == "learning_rate":
        kinds = ("schedule",)
    yield from _words(kinds)
    yield from (_literals(here) if kinds != ("layer",) else ())


def _operands(here: Spot, word: Word | None, parameter: Parameter | None,
              columns: Mapping[str, str]) -> Iterator[Choice]:
    """What one of our own words takes: columns, values, or numbers that have a name."""
    name = parameter.name if parameter else ""
    if here.before == ">>":
        yield from _words(("layer",))
        return
    if word is None or not here.before:
        return
    if name == "scorer":
        yield from _words(("scorer",))
    elif name in OF_COLUMNS:
        yield from _columns(columns)
        yield from _words(("value",))
    elif name in OF_VALUES or here.before in "+*@":
        yield from _earlier(here)
        yield from _words(("value",))
        yield from _columns(columns)
    else:
        yield from _literals(here)


def _earlier(here: Spot) -> Iterator[Choice]:
    yield from (Choice(name, "earlier name") for name, _ in here.earlier if name not in STATEMENTS)


def _literals(here: Spot) -> Iterator[Choice]:
    """The names above that hold a number or a text."""
    for name, text in here.earlier:
        try:
            ast.literal_eval(text.split("=", 1)[1].split("#")[0].strip())
        except (ValueError, SyntaxError, MemoryError, RecursionError):
            continue
        yield Choice(name, "earlier name")


def _words(kinds: tuple[str, ...]) -> Iterator[Choice]:
    # Keras's initializers have a name in lower case too, which a cell would read as one of our own words.
    yield from (Choice(name, kind) for name, kind in words.names(kinds).items()
                if kind not in INNER or is_class(name))


def _columns(columns: Mapping[str, str]) -> Iterator[Choice]:
    for name, told in columns.items():
        plain = name.isidentifier() and not keyword.iskeyword(name)
        yield Choice(name if plain else f"column({json.dumps(name, ensure_ascii=False)})", told)


def _default(parameter: Parameter) -> str:
    return "required" if parameter.required else f"default {parameter.default!r}"
