"""From a call in `ast` to a node: the word is looked up, its arguments bound, and each read where it stands."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable

from recmagic.errors import Place, did_you_mean
from recmagic.spec.arguments import mismatch
from recmagic.spec.positions import STATEMENTS, Position, argument_position, find_word, is_class, parameter_name
from recmagic.spec.refusals import refusal_of
from recmagic.spec.scope import CLASS_KINDS, Held, Scope, held, whole_text
from recmagic.spec.source import Refusal
from recmagic.spec.tree import Call, Column, Node
from recmagic.spec.vocabulary import Word

Read = Callable[[Scope, ast.expr, Position], tuple[Node, Held]]

COLUMN = "column"
_ROLE_NAMES = {"loss": "a loss", "optimizer": "an optimizer", "metrics": "a metric"}
_OWN = {"loss": "A loss of your own goes with a Keras model: recmagic.Model(model, data, loss=Mine(), target=...).",
        "metrics": "A metric of your own is computed from NAME.recommend(...).df, or NAME.predict(...).",
        "": "A layer of your own is a word once its class stands under @recmagic.layer: run that cell first."}
_KEYWORD = re.compile(r"\w+")
_LOGITS = "A score is a logit, so from_logits has no meaning here."
_LOGITS_HINT = "Leave it out: a sigmoid at the end of the score is recognised, and predict applies it."


def read_call(scope: Scope, node: ast.Call, position: Position, place: Place, read: Read) -> tuple[Node, Held]:
    """Return the node of a call of the vocabulary and what it holds; `read` reads an argument."""
    name = _name(scope, node)
    if name == COLUMN:
        return _column(scope, node, place), held("column")
    word = _word(scope, node, name, position)
    options = _options(scope, node)
    _refuse_logits(scope, node, word)
    _refuse_mismatch(scope, node, word)
    arguments = tuple(
        read(scope, argument, argument_position(name, parameter_name(word, index)))[0]
        for index, argument in enumerate(node.args)
    )
    values = tuple((option, read(scope, value, argument_position(name, option))[0]) for option, value in options)
    return Call(name, arguments, values, place), held(word.kind)


def _name(scope: Scope, node: ast.Call) -> str:
    """Return the name that is called; refuse whatever else Python can call."""
    function = node.func
    if isinstance(function, ast.Name):
        return function.id
    message, hint = "Only a word or a class can be called.", "A layer is applied with >>: value >> layer."
    if isinstance(function, ast.Call) and len(node.args) == 1 and (value := scope.source.piece(node.args[0])):
        message, hint = "A layer is applied with >>.", f"Write {value} >> {scope.source.piece(function)}."
    elif isinstance(function, (ast.Attribute, ast.Lambda, ast.Subscript)):
        message, hint = refusal_of(function)
    if isinstance(function, ast.Attribute) and scope.vocabulary.find(function.attr):
        whole, called = scope.source.piece(node), scope.source.piece(function)
        hint = f"Write {function.attr}{whole[len(called) :] or '(...)'}."
    raise scope.source.refuse(function, message, hint)


def _column(scope: Scope, node: ast.Call, place: Place) -> Column:
    """Return the column that `column("any name")` always means."""
    if len(node.args) == 1 and not node.keywords and isinstance(node.args[0], ast.Constant):
        name = node.args[0].value
        if isinstance(name, str) and name:
            whole_text(scope, name, place)
            return Column(name, place)
    raise scope.source.refuse(place, "column takes one name in quotes.", 'Write column("movie title").')


def _word(scope: Scope, node: ast.Call, name: str, position: Position) -> Word:
    """Return the word that a call means at its position; refuse a name that is none."""
    vocabulary = scope.vocabulary
    if name in vocabulary.refused:
        raise scope.source.refuse(node.func, f"'{name}' cannot stand in a cell.", vocabulary.refused[name])
    word = find_word(vocabulary, name, position)
    if word is None:
        raise _unknown(scope, node, name, position)
    if word.kind == "function":
        hint = f"Write it without its parentheses: Dense(64, {name})."
        raise scope.source.refuse(node.func, f"'{name}' is a function, which stands inside a layer.", hint)
    return word


def _unknown(scope: Scope, node: ast.Call, name: str, position: Position) -> Refusal:
    """Return the refusal of a call whose name is no word."""
    vocabulary = scope.vocabulary
    if name in scope.names:
        return scope.source.refuse(
            node.func, f"'{name}' is an earlier name and cannot be called.", f"Apply a layer with >>: x >> {name}."
        )
    role = next((each for each in _ROLE_NAMES if STATEMENTS[each].kinds == position.kinds), None)
    if not is_class(name) and role != "metrics":
        words = [COLUMN, *(word.name for word in vocabulary.words if word.kind != "function")]
        return scope.source.refuse(node.func, f"'{name}' is not a word of the language.", did_you_mean(name, words))
    message = f"'{name}' is not a layer, loss, metric or optimizer."
    kinds: tuple[str, ...] = CLASS_KINDS
    if role is not None:
        message, kinds = f"'{name}' is not {_ROLE_NAMES[role]}.", position.kinds
    hint = did_you_mean(name, vocabulary.names(kinds)) or _OWN.get(role or "", "")
    return scope.source.refuse(node.func, message, hint)


def _options(scope: Scope, node: ast.Call) -> list[tuple[str, ast.expr]]:
    """Return the options of a call; refuse what unpacks into arguments."""
    for argument in node.args:
        if isinstance(argument, ast.Starred):
            raise scope.source.refuse(argument, *refusal_of(argument))
    options = []
    for option in node.keywords:
        if option.arg is None:
            raise scope.source.refuse(option, "`**` has no meaning here.", "Write the settings out: name=value.")
        options.append((option.arg, option.value))
    return options


def _refuse_logits(scope: Scope, node: ast.Call, word: Word) -> None:
    """Refuse `from_logits`, named or not: the one departure from Keras's signatures."""
    for index, argument in enumerate(node.args):
        if parameter_name(word, index) == "from_logits":
            raise scope.source.refuse(argument, _LOGITS, _LOGITS_HINT)
    for option in node.keywords:
        if option.arg == "from_logits":
            raise scope.source.refuse(_option_place(scope, option), _LOGITS, _LOGITS_HINT)


def _refuse_mismatch(scope: Scope, node: ast.Call, word: Word) -> None:
    """Refuse arguments that the word's parameters do not take, or lack."""
    wrong = mismatch(word, len(node.args), [option.arg or "" for option in node.keywords])
    if wrong is None:
        return
    if wrong.positional is not None:
        raise scope.source.refuse(node.args[wrong.positional], wrong.message, wrong.hint)
    if wrong.option is not None:
        option = node.keywords[wrong.option]
        hint = _line_hint(option) if option.arg in STATEMENTS and "twice" not in wrong.message else wrong.hint
        raise scope.source.refuse(_option_place(scope, option), wrong.message, hint)
    raise scope.source.refuse(node.func, wrong.message, wrong.hint)


def _line_hint(option: ast.keyword) -> str:
    """Return the hint for an option that is a line of its own in a cell, such as negatives=4."""
    if option.arg == "negatives" and isinstance(option.value, ast.Constant) and type(option.value.value) is int:
        return f"Write a line: negatives = uniform({option.value.value % 10**9})."
    return STATEMENTS[str(option.arg)].hint.replace("Write", "Write a line:")


def _option_place(scope: Scope, option: ast.keyword) -> Place:
    """Return where the name of an option stands."""
    place = scope.source.place(option)
    name = _KEYWORD.match(scope.source.line(option.lineno - 1), place.start)
    return Place(place.line, place.start, name.end() if name else place.end)
