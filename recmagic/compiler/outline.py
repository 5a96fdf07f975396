"""What a model is made of, line by line, as its card shows it."""

from __future__ import annotations

from dataclasses import dataclass

from recmagic.compiler.builder import Builder
from recmagic.data.dataset import Dataset
from recmagic.spec import Spec, columns_used, names_used, write_node

LEARNING_NAMES = ("loss", "target", "negatives", "weights", "augment", "optimizer", "metrics", "rank_by")


@dataclass(frozen=True)
class Line:
    """One statement on the card: its text, the shape of its value, the sides it depends on, its trained numbers."""

    name: str
    text: str
    shape: str = ""
    sides: tuple[str, ...] = ()
    parameters: int = 0

    @property
    def told(self) -> str:
        """The shape and the sides, behind the text; nothing for a line without a value."""
        return f"   [{self.shape}; {' × '.join(self.sides)}]" if self.shape else ""


@dataclass(frozen=True)
class Outline:
    """The text that declared a model, its lines, `edges` from a column or a line to the line that it feeds, and notes.
    """

    text: str
    lines: tuple[Line, ...]
    edges: tuple[tuple[str, str], ...]
    notes: tuple[str, ...] = ()


def outline(spec: Spec, build: Builder, data: Dataset) -> Outline:
    """Return what a cell is made of."""
    lines = tuple(_line(spec, build, statement.name) for statement in spec.statements)
    return Outline(spec.text, lines, _edges(spec), tuple(_notes(spec, data)))


def learning_lines(spec: Spec) -> tuple[Line, ...]:
    """Return the lines that say what is learned."""
    return tuple(Line(each.name, write_node(spec, each.name)) for each in spec.statements
                 if each.name in LEARNING_NAMES)


def _line(spec: Spec, build: Builder, name: str) -> Line:
    text, value = write_node(spec, name), build.shown.get(name)
    size = sum(int(layer.count_params()) for layer in build.layers.get(name, []))
    if name in LEARNING_NAMES or value is None:
        return Line(name, text, parameters=size)
    return Line(name, text, str(value.width) if name == "score" else value.shape, tuple(sorted(value.sides)), size)


def _edges(spec: Spec) -> tuple[tuple[str, str], ...]:
    """Return which columns and statements feed which statement."""
    return tuple(
        (source, statement.name)
        for statement in spec.statements if statement.name not in LEARNING_NAMES
        for source in (*names_used(statement.value), *columns_used(statement.value))
    )


def _notes(spec: Spec, data: Dataset) -> list[str]:
    used = {name for statement in spec.statements for name in names_used(statement.value)}
    idle = [statement.name for statement in spec.statements
            if statement.name not in used and statement.name not in (*LEARNING_NAMES, "score")]
    hidden = [statement.name for statement in spec.statements if statement.name in data.columns]
    notes = [f"Not used by the score: {', '.join(idle)}."] if idle else []
    return [*notes, *([f"These lines hide columns of the same name: {', '.join(hidden)}."] if hidden else [])]
