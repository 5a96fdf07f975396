"""Random cells from the words that there are, valid or nearly so, and texts of the zoo with a few pieces exchanged."""

import re
from random import Random

from recmagic import zoo
from recmagic.compiler.vocabulary import vocabulary
from recmagic.spec import Word
from tests.compiler.tiny import METRICS

WORDS = vocabulary(METRICS)
COLUMNS = ("user_id", "item_id", "age", "country", "title", "genres", "price", "rating", "device", "minutes",
           "timestamp", "nothing", 'column("odd name")')
USUAL = ("1", "2", "3", "4", "4", "4", "8")
HOSTILE = ("0", "-1", "2.5", "1e-9", "1e30", "True", "None", "'x'", "''", "1000000000", "100000", "300", "relu",
           "(2, 3)", "[1, 2]", "()", "(3,)", "L2(0.1)", "Dense(4)", "Orthogonal()",
           "-1000000000", "9999999999999999999999")
ROLES = {"loss": "loss", "target": "target", "negatives": "negatives", "optimizer": "optimizer"}
TOKEN = re.compile(r"\w+|\s+|.", re.DOTALL)


class Cells:
    """Draws from one source of random numbers; `odd` is how often what does not belong stands somewhere."""

    def __init__(self, random: Random, odd: float = 0.05) -> None:
        self.random, self.odd, self.names = random, odd, list[str]()

    def one(self, *options: str) -> str:
        return self.random.choice(options)

    def argument(self) -> str:
        return self.one(*HOSTILE) if self.random.random() < self.odd else self.one(*USUAL)

    def column(self) -> str:
        return self.one(*COLUMNS) if self.random.random() < self.odd else self.one(*COLUMNS[:10])

    def call(self, kind: str) -> str:
        """A call of any word of a kind, with what it needs and a little of what it may have."""
        word: Word = self.random.choice([each for each in WORDS.words if each.kind == kind])
        given = [self.argument() for each in word.parameters if each.required]
        if word.parameters and self.random.random() < 0.3:
            given.append(f"{self.random.choice(word.parameters).name}={self.argument()}")
        return f"{word.name}({', '.join(given)})"

    def embedded(self) -> str:
        number = self.argument
        return self.one(
            f"embedding(user_id, {number()})", f"embedding(item_id, {number()})",
            f"embedding({self.column()}, {number()})", f"bias({self.column()})",
            f"number({self.column()})", f"embedding(buckets({self.column()}, {number()}), 4)",
            "embedding(words(title), 4)", f"mean(embedding(tokens(title, {number()}), 4))")  # fmt: skip

    def value(self, depth: int) -> str:
        """A value made of at most so many steps."""
        if depth == 0:
            return self.one(*self.names, self.embedded(), self.embedded())
        inner, number = self.value(depth - 1), self.argument()
        return self.random.choice([
            lambda: f"mean(history({inner}, {number}))", lambda: f"history({inner}, {number})",
            lambda: f"last(history({inner}, {number}) >> {self.call('layer')})", lambda: f"mean(profile({inner}))",
            lambda: f"concat({inner}, {self.value(0)})", lambda: f"({inner} {self.one('+', '*', '@')} {self.value(0)})",
            lambda: f"({inner} >> {self.call('layer')})", lambda: f"({inner} >> Dense({number}))",
            lambda: f"(({inner}, {self.value(0)}) >> {self.call('layer')})",
            lambda: f"([{inner}, {self.value(0)}] >> {self.call('layer')})",
            lambda: f"propagate({inner}, {self.value(0)})", lambda: f"(fields({number}) >> {self.call('layer')})"])()

    def cell(self) -> str:
        lines = []
        for name in self.random.sample(["user", "item", "x", "größe"], self.random.randint(0, 2)):
            lines.append(f"{name} = {self.value(self.random.randint(0, 2))}")
            self.names.append(name)
        left, right = self.value(self.random.randint(0, 2)), self.value(self.random.randint(0, 1))
        lines.append(self.one(f"score = {left} @ {right}", f"score = concat({left}, {right}) >> Dense(1)",
                              f"score = {left}",
                              f"score = embedding(user_id, 4) @ embedding(item_id, 4) + ({left} >> Dense(1))"))
        lines += [f"{role} = {self.call(kind)}" for role, kind in ROLES.items() if self.random.random() < 0.25]
        return "\n".join(lines) + "\n"

    def of_the_zoo(self) -> str:
        """The text of a model of the zoo in which one to three words or numbers are others."""
        tokens = TOKEN.findall(zoo.text(self.one(*zoo.names())))
        start = tokens.index("\n")  # after the paper
        for _ in range(self.random.randint(1, 3)):
            place = self.random.choice([at for at in range(start, len(tokens)) if re.fullmatch(r"\w+", tokens[at])])
            numeric = tokens[place].isdigit()
            tokens[place] = self.one(*HOSTILE) if numeric else self.one(
                tokens[self.random.choice([at for at in range(start, len(tokens)) if tokens[at].isidentifier()])],
                self.random.choice(WORDS.words).name, *COLUMNS)
        return "".join(tokens)
