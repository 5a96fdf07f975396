"""A strategy of valid specs: every shape of node, every kind of statement, names and texts of all alphabets."""

from collections.abc import Callable

from hypothesis import strategies as st

from recmagic.spec import Call, Column, Function, Group, Literal, Name, Node, Spec, Statement, Word, is_class
from recmagic.spec.positions import ANYTHING, STATEMENTS, Position, argument_position, find_word
from tests.spec.words import VOCABULARY

NAMES = ("user", "item", "width", "größe", "项目", "x1", "_a", "relu", "age", "Tower", "mean", "column")
COLUMNS = (
    "user_id",
    "item_id",
    "rating",
    "age",
    "genres",
    "größe",
    "movie title",
    "class",
    "user",
    "\"'\\",
    "a\u2028b🎬",
)
Make = Callable[[int, Position], Node]
FUNCTIONS = tuple(VOCABULARY.names(("function",)))

_texts = st.text(st.characters(exclude_categories=("Cs",)), max_size=8)
literals = st.builds(
    Literal,
    st.one_of(
        st.integers(-(2**63), 2**63 - 1),
        st.floats(allow_nan=False, allow_infinity=False),
        _texts,
        st.booleans(),
        st.none(),
    ),
)


class Cell:
    """Draws the statements of one cell; `held` is what each earlier name holds."""

    def __init__(self, draw: st.DrawFn) -> None:
        self.draw = draw
        self.held: dict[str, str] = {}

    def pick(self, *options: object) -> object:
        return self.draw(st.sampled_from(options))

    def names(self, *kinds: str) -> list[Node]:
        return [Name(name) for name, kind in self.held.items() if kind in kinds]

    def word(self, position: Position, *kinds: str) -> Word:
        """A word of one of the kinds that its name means at the position."""
        words = [
            each
            for each in VOCABULARY.words
            if each.kind in kinds and find_word(VOCABULARY, each.name, position) is each
        ]
        return self.draw(st.sampled_from(words))

    def call(self, word: Word, depth: int) -> Call:
        """A call with some of its arguments by position and some by name, in any order."""
        make = self.setting if is_class(word.name) else self.argument
        if any(parameter.many for parameter in word.parameters):
            many = argument_position(word.name, word.parameters[0].name)
            return Call(word.name, tuple(make(depth, many) for _ in range(self.draw(st.integers(1, 3)))))
        parameters = [each for each in word.parameters if each.name != "from_logits"]
        given = [each for each in parameters if each.required or self.draw(st.booleans())]
        prefix = next((at for at, (a, b) in enumerate(zip(given, word.parameters)) if a is not b), len(given))
        positional = self.draw(st.integers(0, prefix))
        options = self.draw(st.permutations([each.name for each in given[positional:]]))
        return Call(
            word.name,
            tuple(make(depth, argument_position(word.name, each.name)) for each in given[:positional]),
            tuple((name, make(depth, argument_position(word.name, name))) for name in options),
        )

    def group(self, kind: str, make: Make, depth: int, position: Position = ANYTHING) -> Group:
        least = 2 if kind == "tuple" else 1
        return Group(kind, tuple(make(depth, position) for _ in range(self.draw(st.integers(least, 3)))))

    def setting(self, depth: int, position: Position) -> Node:
        """What stands in a capital call."""
        choices: list[Node] = [self.draw(literals), *self.names("literal", "schedule", "initializer")]
        choices += [Function(name) for name in FUNCTIONS if name not in self.held]
        if depth > 0:
            kind = self.pick("call", "layers", "list", "tuple", "plain")
            if kind == "call":
                return self.call(
                    self.word(position, "layer", "initializer", "regularizer", "schedule", "search"), depth - 1
                )
            if kind == "layers":
                return Call(">>", (self.layer(depth - 1), self.layer(depth - 1)))
            if kind in ("list", "tuple"):
                return self.group(str(kind), self.setting, depth - 1, position)
        return self.draw(st.sampled_from(choices))

    def argument(self, depth: int, position: Position) -> Node:
        """What stands in a lower-case call."""
        kind = self.pick("literal", "column", "name", "value", "list", "search")
        names = self.names("literal", "value", "column", "values")
        if kind == "name" and names:
            return self.draw(st.sampled_from(names))
        if kind == "value":
            return self.value(depth)
        if kind == "list" and depth > 0:
            return self.group("list", self.argument, depth - 1, position)
        if kind == "search" and depth > 0:
            return self.call(self.word(position, "search", "initializer"), depth - 1)
        return self.draw(literals) if kind == "literal" else Column(str(self.pick(*COLUMNS)))

    def layer(self, depth: int, position: Position = ANYTHING) -> Node:
        names = self.names("layer")
        kind = self.pick("call", "call", "name", "chain")
        if kind == "name" and names:
            return self.draw(st.sampled_from(names))
        if kind == "chain" and depth > 0:
            return Call(">>", (self.layer(depth - 1), self.layer(depth - 1)))
        return self.call(self.word(ANYTHING, "layer"), depth - 1)

    def value(self, depth: int, position: Position = ANYTHING) -> Node:
        names = self.names("value")
        kind = self.pick("call", "name", "apply", "apply", "join", "join")
        if kind == "name" and names:
            return self.draw(st.sampled_from(names))
        if kind == "apply" and depth > 0:
            grouped = self.pick("", "", "list", "tuple")
            left = self.group(str(grouped), self.value, depth - 1) if grouped else self.value(depth - 1)
            return Call(">>", (left, self.layer(depth - 1)))
        if kind == "join" and depth > 0:
            return Call(str(self.pick("+", "*", "@")), (self.value(depth - 1), self.value(depth - 1)))
        return self.call(self.word(ANYTHING, "value"), depth - 1)

    def ordinary(self) -> tuple[str, Node]:
        """What an ordinary name may hold, and the kind of it."""
        kind = str(self.pick("literal", "value", "layer", "column", "values", "schedule", "initializer"))
        if kind == "literal":
            return kind, self.draw(literals)
        if kind == "column":
            return kind, Column(str(self.pick(*COLUMNS)))
        if kind == "values":
            return kind, self.group("list", self.value, 1)
        if kind in ("value", "layer"):
            return kind, self.value(3) if kind == "value" else self.layer(2)
        return kind, self.call(self.word(ANYTHING, kind), 1)

    def role(self, name: str) -> Node:
        """What a statement with a meaning holds."""
        if name == "rank_by":
            return Name("score")
        if name == "target" and self.draw(st.booleans()):
            return Column(str(self.pick(*COLUMNS)))
        kind = STATEMENTS[name].kinds[0]
        if STATEMENTS[name].listed:
            return self.group(
                "list", lambda depth, position: self.call(self.word(position, kind), depth), 1, STATEMENTS[name]
            )
        return self.value(3) if kind == "value" else self.call(self.word(STATEMENTS[name], kind), 2)


@st.composite
def specs(draw: st.DrawFn) -> Spec:
    """A valid spec of one to about ten statements."""
    cell = Cell(draw)
    statements = []
    for name in draw(st.lists(st.sampled_from(NAMES), unique=True, max_size=5)):
        kind, node = cell.ordinary()
        statements.append(Statement(name, node))
        cell.held[name] = kind
    roles = draw(st.lists(st.sampled_from([name for name in STATEMENTS if name != "score"]), unique=True, max_size=4))
    for name in ("score", *roles):
        statements.append(Statement(name, cell.role(name)))
        cell.held[name] = "value" if name == "score" else name
    return Spec(tuple(statements))
