"""The card of a model: its text, its graph, its shapes and sizes, what kind it is, and what it left open."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from recmagic import html
from recmagic.compiler.blend import Blend
from recmagic.compiler.feeds import Feed
from recmagic.compiler.learning import Default
from recmagic.compiler.outline import Line
from recmagic.compiler.program import Program
from recmagic.compiler.scorer import knows_cold_items
from recmagic.compiler.solved import Solved
from recmagic.data.dataset import Dataset

BESIDE = ("", "original", "this", "change")


@dataclass(frozen=True)
class Card:
    """What a model shows of itself; `state` says whether it is trained.

    `beside` are rows of a label, another model's number, its own and the change, and `told` says what of.
    """

    name: str
    data: str
    text: str
    kind: str
    family: str
    lines: tuple[Line, ...]
    edges: tuple[tuple[str, str], ...]
    defaults: tuple[Default, ...]
    parameters: int
    state: str
    notes: list[str] = field(default_factory=list)
    told: str = ""
    beside: Sequence[Sequence[str]] = ()

    def __repr__(self) -> str:
        size = f"{self.parameters:,} parameters"
        head = f"Model {self.name} on {self.data}: {self.family}, {self.kind}, {size}, {self.state}"
        rows = [f"  {line.name} = {line.text}{line.told}" for line in self.lines]
        taken = [f"  {each.what} = {each.text}   (default: {each.why})" for each in self.defaults]
        notes = [f"  {note}" for note in self.notes]
        beside = [f"  {self.told}", *(f"    {' | '.join(row)}" for row in self.beside)] if self.beside else []
        return "\n".join([head, *beside, *rows, *taken, *notes])

    @property
    def head(self) -> str:
        """What it is, in a sentence."""
        return (f"{self.name} on {self.data}: {self.family}; a {self.kind} model with "
                f"{self.parameters:,} parameters; {self.state}.")

    @property
    def nodes(self) -> list[html.GraphNode]:
        """The boxes of its drawing: the columns that it reads, and the lines that have a value."""
        nodes = [html.GraphNode(line.name, line.shape, _side(line.sides), line.shape) for line in self.lines
                 if line.shape]
        inputs = sorted({start for start, _ in self.edges} - {line.name for line in self.lines})
        return [html.GraphNode(name, "column", "none") for name in inputs] + nodes

    @property
    def rows(self) -> list[list[object]]:
        """Its lines as a table: line, is, shape, sides, parameters."""
        rows: list[list[object]] = [[line.name, line.text, line.shape, " × ".join(line.sides), line.parameters or ""]
                                    for line in self.lines]
        return rows + [[each.what, each.text, "", "", f"default: {each.why}"] for each in self.defaults]

    def _repr_html_(self) -> str:
        table = html.table(["line", "is", "shape", "sides", "parameters"], self.rows, f"What {self.name} is made of")
        drawing = html.graph(self.nodes, self.edges, f"Graph of {self.name}")
        beside = [html.table(BESIDE, self.beside, self.told, numeric=BESIDE[1:])] if self.beside else []
        fold = html.fold("Shapes, sides and parameters", table)
        return html.page([self.head, *beside, html.code(self.text), drawing, fold,
                          *self.notes])


def card(program: Program | Solved | Blend, name: str, state: str) -> Card:
    """Return the card of a model."""
    if isinstance(program, Blend):
        kind = "switching hybrid" if program.below is not None else "weighted hybrid"
        notes = ["It has no weights of its own: train its parts, and it follows."]
        return Card(name, program.data.name, program.text, "ranking", kind, (Line("score", program.text),), (), (), 0,
                    state, notes)
    if isinstance(program, Solved):
        notes = ["Solved or counted at once from who has what: no epochs, no negatives.", *_positives(program.data)]
        return Card(name, program.data.name, program.spec.text.strip("\n"), "ranking", "closed-form",
                    program.lines(), (), program.defaults, 0, state, notes)
    kind, outline = "retrieval" if program.cut.retrieval else "ranking", program.outline()
    return Card(name, program.data.name, outline.text.strip("\n"), kind, family(program), outline.lines,
                outline.edges, program.learning.defaults, program.parameters, state, [*_notes(program), *outline.notes])


def family(program: Program) -> str:
    """Return what kind of recommender it is, in the field's words."""
    items = {feed.table for feed in program.cut.item_feeds if _is_column(feed)}
    windows = [feed for feed in program.cut.query_feeds if feed.window is not None and _is_column(feed)]
    users = {feed.table for feed in program.cut.query_feeds if feed.window is None and _is_column(feed)}
    features = bool((items | users) - {"item/item_id", "user/user_id"})
    if program.cut.every_step or any(feed.window and feed.window.kind in ("history", "masked") for feed in windows):
        base = "sequential"
    elif "item/item_id" not in items:
        return "content-based"
    else:
        base = "hybrid" if features else "collaborative"
    return f"{base} with features" if base == "sequential" and features else base


def _is_column(feed: Feed) -> bool:
    return feed.table != "zero" and not feed.of_graph


def _side(sides: tuple[str, ...]) -> str:
    if {"user", "item"} <= set(sides):
        return "both"
    return next((side for side in ("user", "item") if side in sides), "none")


def _notes(program: Program) -> list[str]:
    notes = []
    if not knows_cold_items(program.cut):
        notes.append("Items are known by their id only: cold items are left out of recommendations.")
    if program.cut.sigmoid and program.learning.kind in ("softmax", "pairwise", "listwise"):
        notes.append(f"The sigmoid that ends the score has no use under {type(program.learning.loss).__name__}: "
                     "it compares logits.")
    return [*notes, *_positives(program.data)] if program.learning.ranking else notes


def _positives(data: Dataset) -> list[str]:
    positive = data.options.get("positive")
    return [f"Positives are the rows where {positive}." if positive else "Every interaction is a positive."]
