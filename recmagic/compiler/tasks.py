"""The tasks of a cell: one, or several that are learned beside each other, written as parallel lists."""

from __future__ import annotations

from dataclasses import dataclass, replace

from recmagic.errors import SpecError
from recmagic.spec import Group, Name, Node, Spec, Statement, problem

PARALLEL = ("score", "loss", "target")
TOGETHER = "Write lists of one length: score = [click, stars], loss = [..., ...], target = [clicked, rating]."


@dataclass(frozen=True)
class Tasks:
    """`specs` are the cell as each task sees it, `names` what its scores are called; `ranked` is the one that ranks."""

    specs: tuple[Spec, ...]
    names: tuple[str, ...]
    ranked: int = 0

    @property
    def several(self) -> bool:
        """Whether there is more than one."""
        return len(self.specs) > 1


def tasks_of(spec: Spec) -> Tasks:
    """Return the tasks of a cell; SpecError where its lists do not fit together."""
    scores = _items(spec, "score")
    if scores is None:
        _check_single(spec)
        return Tasks((spec,), ("score",))
    names = tuple(_name_of(spec, node) for node in scores)
    for name in PARALLEL:
        _check_parallel(spec, name, len(names))
    specs = tuple(_seen_by(spec, place) for place in range(len(names)))
    return Tasks(specs, names, _ranked(spec, names))


def _items(spec: Spec, name: str) -> tuple[Node, ...] | None:
    """Return what a line's list holds, None where the line is absent or holds a single thing."""
    statement = spec.statement(name)
    return statement.value.items if statement is not None and isinstance(statement.value, Group) else None


def _check_single(spec: Spec) -> None:
    for name in ("loss", "target", "negatives"):
        if _items(spec, name) is not None:
            raise _error(spec, name, f"There is one score, and {name} is a list.", TOGETHER)
    if spec.statement("rank_by") is not None:
        raise _error(spec, "rank_by", "There is one score, so there is nothing to choose.", "Leave the line out.")


def _name_of(spec: Spec, node: Node) -> str:
    if isinstance(node, Name):
        return node.name
    raise SpecError([problem(spec, node, "Each of several scores has a name of its own.",
                             "Write it on a line above: click = ... >> Dense(1), then score = [click, stars].")])


def _check_parallel(spec: Spec, name: str, count: int) -> None:
    if spec.statement(name) is None:
        if name == "target":
            raise _error(spec, "score", "Each of several scores needs a target of its own.",
                         "Write target = [clicked, rating], a column for each score.")
        return
    items = _items(spec, name)
    if items is None or len(items) != count:
        found = "is one" if items is None else f"has {len(items)}"
        raise _error(spec, name, f"There are {count} scores, and {name} {found}.", TOGETHER)
    if count < 2:
        raise _error(spec, name, "A list of one is not several scores.", "Write score = click, without the brackets.")


def _seen_by(spec: Spec, place: int) -> Spec:
    """Return the cell with one entry of each parallel list."""
    def narrowed(statement: Statement) -> Statement:
        if statement.name in PARALLEL and isinstance(statement.value, Group):
            return replace(statement, value=statement.value.items[place])
        return statement

    kept = (each for each in spec.statements if each.name != "rank_by")
    return replace(spec, statements=tuple(narrowed(each) for each in kept))


def _ranked(spec: Spec, names: tuple[str, ...]) -> int:
    statement = spec.statement("rank_by")
    if statement is None:
        return 0
    if isinstance(statement.value, Name) and statement.value.name in names:
        return names.index(statement.value.name)
    raise _error(spec, "rank_by", "This is none of the scores.", f"Take one of {', '.join(names)}.")


def _error(spec: Spec, name: str, message: str, hint: str) -> SpecError:
    statement = spec.statement(name)
    assert statement is not None
    return SpecError([problem(spec, statement.value, message, hint)])
