"""A cell's text becomes a `Spec`: line by line, names resolved, and up to three problems told at once."""

from __future__ import annotations

import ast

from recmagic.errors import Place, Problem, SpecError
from recmagic.spec.expressions import read_value
from recmagic.spec.positions import STATEMENTS, statement_position
from recmagic.spec.refusals import ONE_DEFINITION, TARGETS, UNKNOWN, refusal_of
from recmagic.spec.scope import ROLES, Scope
from recmagic.spec.scope import UNKNOWN as HOLDS_ANYTHING
from recmagic.spec.source import Refusal, Source
from recmagic.spec.syntax import Broken, statements
from recmagic.spec.tree import Spec, Statement
from recmagic.spec.vocabulary import Vocabulary


def read(text: str, vocabulary: Vocabulary, first_line: int = 1, whole: bool = True) -> Spec:
    """Return the tree of a cell's text. Nothing of the text is ever evaluated, imported or looked up in Python.

    Args:
        text: the cell without its `%%` line.
        vocabulary: the words that it may use.
        first_line: the number of the text's first line, 2 where a `%%` line stands above it.
        whole: whether the text is all of a cell, which must have a score.

    Raises:
        SpecError: with up to three problems, each at its place. A line that uses a broken line is not blamed for it.
    """
    source = Source(text, first_line)
    scope = Scope(source, vocabulary)
    body = statements(source)
    scope.lines = {name: line for piece in reversed(body) for name, line in _defines(source, piece)}
    found: list[Statement] = []
    problems: list[Problem] = []
    previous_end = 0
    for piece in body:
        try:
            found.append(_statement(scope, piece, previous_end))
        except Refusal as refusal:
            problems.append(refusal.problem)
            for name, _ in _defines(source, piece):
                scope.names.setdefault(name, HOLDS_ANYTHING)
        previous_end = 0 if isinstance(piece, Broken) else piece.end_lineno or 0
    if whole and not problems and "score" not in scope.names:
        problems.append(_no_score(source, found))
    if problems:
        raise SpecError(problems)
    return Spec(tuple(found), source.text, first_line)


def _defines(source: Source, piece: ast.stmt | Broken) -> list[tuple[str, int]]:
    """Return the names that a piece of the cell defines or was meant to define, each with its line."""
    if isinstance(piece, Broken):
        return [(name, piece.problem.place.line) for name in piece.names]
    if isinstance(piece, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        return [(piece.name, source.place(piece).line)]
    targets = piece.targets if isinstance(piece, ast.Assign) else [getattr(piece, "target", None)]
    nodes = [node for target in targets if target is not None for node in ast.walk(target)]
    return [(node.id, source.place(node).line) for node in nodes if isinstance(node, ast.Name)]


def _statement(scope: Scope, piece: ast.stmt | Broken, previous_end: int) -> Statement:
    """Read one `name = value` and remember what the name holds."""
    if isinstance(piece, Broken):
        raise Refusal(piece.problem)
    if piece.lineno == previous_end:
        raise scope.source.refuse(piece, ONE_DEFINITION, "Start a new line.")
    if not isinstance(piece, ast.Assign):
        raise scope.source.refuse(piece, *_no_definition(piece))
    name = _target(scope, piece)
    scope.current = name
    value, what = read_value(scope, piece.value, statement_position(name))
    scope.names[name] = what
    return Statement(name, value, scope.source.place(piece))


def _no_definition(piece: ast.stmt) -> tuple[str, str]:
    """Return what to say of a statement that is no definition; a bare value is named for what it is first."""
    if isinstance(piece, ast.Expr) and isinstance(
        piece.value, (ast.Compare, ast.Await, ast.Yield, ast.YieldFrom, ast.NamedExpr)
    ):
        return refusal_of(piece.value)
    return refusal_of(piece)


def _target(scope: Scope, piece: ast.Assign) -> str:
    """Return the one new name at the left of the `=`."""
    target = piece.targets[0]
    if len(piece.targets) > 1:
        raise scope.source.refuse(piece.targets[1], "Each line defines one name.", "Write a line for each.")
    if not isinstance(target, ast.Name):
        raise scope.source.refuse(target, *TARGETS.get(type(target).__name__, UNKNOWN))
    if target.id in ROLES:
        raise scope.source.refuse(target, f"'{target.id}' always means {ROLES[target.id]}.", "Choose another name.")
    if target.id in scope.names:
        message = f"'{target.id}' is already defined, in line {scope.lines[target.id]}."
        hint = (
            f"A cell has one line {target.id} = ..." if target.id in STATEMENTS else "Give each line a name of its own."
        )
        raise scope.source.refuse(target, message, hint)
    return target.id


def _no_score(source: Source, found: list[Statement]) -> Problem:
    """Return the problem of a cell without a score, at its last line."""
    if not found:
        return source.problem(
            Place(source.first_line, 0, 1), "The cell is empty.", "Write a line such as score = user @ item."
        )
    return source.problem(found[-1].place, "The cell has no score.", "Add a line such as score = user @ item.")
