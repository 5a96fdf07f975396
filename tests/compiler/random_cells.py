"""Random cells from the words that there are: nearly all valid, or with pieces exchanged that do not fit."""

import re
from random import Random
from typing import NamedTuple

from recmagic import zoo
from recmagic.compiler.settings import NOT_SETTINGS
from recmagic.compiler.vocabulary import vocabulary
from recmagic.spec import Word
from tests.compiler.tiny import METRICS

WORDS = vocabulary(METRICS)
COLUMNS = ("user_id", "item_id", "age", "country", "title", "genres", "price", "rating", "device", "minutes",
           "timestamp", "nothing", 'column("odd name")')
HOSTILE = ("0", "-1", "2.5", "1e-9", "1e30", "True", "None", "'x'", "''", "1000000000", "100000", "300", "relu",
           "(2, 3)", "[1, 2]", "()", "(3,)", "L2(0.1)", "Dense(4)", "Orthogonal()",
           "-1000000000", "9999999999999999999999")
ID = {"user": "user_id", "item": "item_id"}
LOOKED_UP = {"user": ("country", "buckets(age, 3)"), "item": ("genres", "buckets(price, 3)", "words(title)")}
NUMBERS = {"user": "age", "item": "price"}
ACTIVATIONS = ("relu", "gelu", "tanh", "sigmoid", "silu", "softmax", "linear")
INITIAL = ("HeNormal()", "Orthogonal()", "'zeros'", "RandomUniform(-0.1, 0.1)")
RANKING = ("BPR()", "WARP()", "BinaryCrossentropy()", "BinaryFocalCrossentropy()", "GBCE()", "GBCE(0.5)",
           "CategoricalCrossentropy()", "CategoricalCrossentropy(0.1)", "PairwiseHingeLoss()",
           "PairwiseLogisticLoss(0.5)", "PairwiseMeanSquaredError()", "PairwiseSoftZeroOneLoss()")
NEGATIVES = ("uniform(2)", "popular(3)", "uniform(4, shared=True)", "popular(2, 0.5, True)", "in_batch()",
             "catalogue()")
LABELLED = ("BinaryCrossentropy()", "BinaryFocalCrossentropy(gamma=1.5)", "MeanSquaredError()")
NUMERIC = ("MeanSquaredError()", "MeanAbsoluteError()", "Huber(0.5)", "LogCosh()", "ListMLE(5)")
TOKEN = re.compile(r"\w+|\s+|.", re.DOTALL)


class Value(NamedTuple):
    """A piece of a cell and what it stands for: so many numbers, at each of so many steps (0: no steps)."""

    text: str
    width: int
    steps: int = 0


class Cells:
    """Draws from one source of random numbers; `odd` is how often what does not belong stands somewhere."""

    def __init__(self, random: Random, odd: float = 0.0) -> None:
        self.random, self.odd = random, odd
        self.lines, self.named = list[str](), dict[str, list[Value]]()
        self.length = random.choice((1, 2, 3, 5))  # of the cell's histories

    def one(self, *options: str) -> str:
        return self.random.choice(options)

    def likely(self, share: float) -> bool:
        return self.random.random() < share

    def number(self, *usual: int) -> int:
        return self.random.choice(usual or (1, 2, 3, 4, 4, 4, 8))

    def said(self, value: object) -> str:
        """A setting as it is written, or what does not belong there."""
        return self.one(*HOSTILE) if self.likely(self.odd) else str(value)

    def column(self, name: str) -> str:
        return self.one(*COLUMNS) if self.likely(self.odd) else name

    def any_call(self, kind: str) -> str:
        """A call of any word of a kind, with what it needs and a little of what it may have: often it does not fit."""
        word: Word = self.random.choice([each for each in WORDS.words if each.kind == kind])
        given = [self.said(self.number()) for each in word.parameters if each.required]
        if word.parameters and self.likely(0.3):
            given.append(f"{self.random.choice(word.parameters).name}={self.said(self.number())}")
        return f"{word.name}({', '.join(given)})"

    def options(self, name: str, share: float = 0.2) -> str:
        """Now and then, a setting of a layer or optimizer that is a number, a truth or nothing by default."""
        word = WORDS.find(name, ["layer", "optimizer"])
        assert word is not None
        plain = [each for each in word.parameters if not each.required and each.name not in NOT_SETTINGS
                 and isinstance(each.default, (bool, float)) and not each.name.startswith(("return", "seed", "go_"))]
        if not plain or not self.likely(share):
            return ""
        chosen = self.random.choice(plain)
        value = not chosen.default if isinstance(chosen.default, bool) else self.random.choice((0.1, 0.5, 0.9))
        return f", {chosen.name}={self.said(value)}"

    def embedded(self, column: str, width: int) -> Value:
        name, value = self.random.choice([("l2", 0.01), ("unknown", 0.1), ("initializer", self.one(*INITIAL)),
                                          ("rank", 2), ("hashed", 3)])
        extra = f", {name}={self.said(value)}" if self.likely(0.5) else ""
        return Value(f"embedding({self.column(column)}, {self.said(width)}{extra})", width)

    def base(self, side: str) -> Value:
        """What one column of a side says."""
        width = self.number()
        kind = self.random.random()
        if kind < 0.45:
            return self.embedded(ID[side], width)
        if kind < 0.65:
            return self.embedded(self.one(*LOOKED_UP[side]), width)
        if kind < 0.75:
            return Value(f"number({self.column(NUMBERS[side])})", 1)
        if kind < 0.85 or side == "user":
            return Value(f"bias({self.column(ID[side])})", 1)
        tokens = f"embedding(tokens(title, {self.said(3)}), {width})"
        return Value(self.one(f"mean({tokens})", f"({tokens} >> GRU({width}))", f"last({tokens})"), width)

    def vector(self, side: str, depth: int) -> Value:
        """A vector of a side, made of at most so many steps."""
        if self.named.get(side) and self.likely(0.3):
            return self.random.choice(self.named[side])
        if depth == 0:
            return self.base(side)
        if side == "user" and self.likely(0.25):
            return self.pooled(self.stepped(self.history(depth - 1)))
        return self.combined(self.vector(side, depth - 1), self.vector(side, 0))

    def combined(self, first: Value, other: Value) -> Value:
        """Two vectors as one, or the first of them through a layer."""
        kind = self.random.random()
        if kind < 0.3:
            return Value(f"concat({first.text}, {other.text})", first.width + other.width)
        if kind < 0.5 and (first.width == other.width or 1 in (first.width, other.width)):
            return Value(f"({first.text} {self.one('+', '*')} {other.text})", max(first.width, other.width))
        return self.through(first)

    def through(self, value: Value) -> Value:
        """A vector through a layer."""
        if self.likely(self.odd):
            return Value(f"({value.text} >> {self.any_call('layer')})", value.width)
        width = self.number()
        layer, width = self.random.choice([
            (f"Dense({self.said(width)}, {self.one(*ACTIVATIONS)}{self.options('Dense')})", width),
            (f"Dense({width}, kernel_regularizer=L2(0.01), kernel_initializer={self.one(*INITIAL)})", width),
            (f"Dense({width}, kernel_constraint={self.one('MaxNorm(2)', 'NonNeg()', 'UnitNorm()')})", width),
            (f"Dropout({self.said(0.2)})", value.width), (f"GaussianNoise({self.said(0.1)})", value.width),
            (f"LayerNormalization({self.options('LayerNormalization')[2:]})", value.width),
            (f"BatchNormalization({self.options('BatchNormalization')[2:]})", value.width),
            (f"Activation({self.one(*ACTIVATIONS)})", value.width), ("PReLU()", value.width),
            ("RMSNormalization()", value.width), ("UnitNormalization()", value.width),
            (f"GaussianLatent({width})", width), ("FeatureCross()", value.width)])
        text = f"({value.text}, {value.text})" if layer == "FeatureCross()" else value.text
        return Value(f"({text} >> {layer})", width)

    def history(self, depth: int) -> Value:
        """The user's last items, or what is known of them."""
        item = self.random.choice(self.named.get("item") or [self.vector("item", depth)])
        if self.likely(0.2):
            item = Value(f"concat({item.text}, embedding({self.column('device')}, 2))", item.width + 2)
        return Value(f"history({item.text}, {self.said(self.length)})", item.width, self.length)

    def stepped(self, value: Value, masked: bool = False) -> Value:
        """A sequence through some layers that keep its steps, none of which looks ahead."""
        for _ in range(self.number(0, 1, 1, 2)):
            width = self.number()
            layer, width = self.random.choice([
                (f"GRU({width}, return_sequences=True{self.options('GRU')})", width),
                (f"LSTM({width}, return_sequences=True)", width), (f"SimpleRNN({width}, return_sequences=True)", width),
                ("PositionEmbedding()", value.width), (f"Dropout({self.said(0.1)})", value.width),
                ("LayerNormalization()", value.width), (f"Dense({width}, relu)", width),
                (f"TransformerBlock(1, causal={not masked}{self.options('TransformerBlock')})", value.width),
                ("HSTUBlock()", value.width), (f"NextItNetBlock({self.number(1, 2)})", value.width),
                (f"Conv1D({width}, 2, padding='causal')", width)])
            value = Value(f"({value.text} >> {layer})", width, value.steps)
        return value

    def pooled(self, value: Value) -> Value:
        """A sequence as one vector."""
        width = self.number()
        text, width = self.random.choice([
            (f"mean({value.text})", value.width), (f"last({value.text})", value.width),
            (f"({value.text} >> GRU({width}))", width), (f"({value.text} >> GlobalMaxPooling1D())", value.width),
            (f"({value.text} >> Bidirectional(LSTM({width})))", 2 * width),
            (f"(({value.text}, {value.text}) >> MultiHeadAttention(1, 2) >> GlobalAveragePooling1D())", value.width),
            (f"({value.text} >> CaserConvolution({width}, 2) >> Dense({width}))", width)])
        return Value(text, width)

    def name(self, side: str) -> None:
        """Write a line of its own for a value of a side."""
        value, name = self.vector(side, self.number(0, 1, 2)), f"{side}{len(self.lines)}"
        self.lines.append(f"{name} = {value.text}")
        self.named.setdefault(side, []).append(value._replace(text=name))

    def fitted(self, value: Value, width: int) -> str:
        return value.text if value.width == width else f"({value.text} >> Dense({width}))"

    def product(self) -> str:
        """A dot product across the sides, and what may be added to it."""
        user, item = self.vector("user", self.number(0, 1, 2)), self.vector("item", self.number(0, 1))
        more = self.one("", "", " + bias(item_id)", " + bias(user_id) + bias()",
                        " + (embedding(device, 2) >> Dense(1))")
        return f"{user.text} @ {self.fitted(item, user.width)}{more}"

    def mixed(self) -> str:
        """A network over both sides."""
        user, item = self.vector("user", self.number(0, 1, 2)), self.vector("item", self.number(0, 1))
        narrow = self.fitted(item, 4)
        x = self.random.choice([
            Value(f"concat({user.text}, {item.text})", user.width + item.width),
            Value(f"({user.text} * {self.fitted(item, user.width)})", user.width),
            Value("concat(fields(3))", 15), Value("(fields(3) >> FactorizationMachine())", 1),
            Value(f"(concat(fields(2), {item.text}) >> Experts(2, 3) >> Flatten())", 6),
            Value(f"((history({narrow}, {self.length}), {narrow}) >> TargetAttention([4]))", 4)])
        for _ in range(self.number(0, 1, 2)):
            x = self.through(x)
        return f"concat({x.text}, {user.text}, {item.text}) >> Dense({self.said(1)}{self.one('', '', ', sigmoid')})"

    def steps(self, masked: bool) -> str:
        """A product at every step of a history."""
        past, item = self.stepped(self.history(1), masked), self.vector("item", 0)
        return f"{past.text} @ {self.fitted(item, past.width)}"

    def ranked(self) -> None:
        if self.likely(0.7):
            self.role("loss", "loss", *RANKING)
        if self.likely(0.5):
            self.role("negatives", "negatives", *NEGATIVES)

    def role(self, role: str, kind: str, *usual: str) -> None:
        self.lines.append(f"{role} = {self.any_call(kind) if self.likely(self.odd) else self.one(*usual)}")

    def cell(self) -> str:
        """A whole cell."""
        for _ in range(self.number(0, 1, 1, 2, 3)):
            self.name(self.one("user", "item"))
        kind = self.random.random()
        if kind < 0.12:
            self.lines.append(f"score = {self.steps(masked=False)}")
            self.ranked()
        elif kind < 0.16:
            self.lines += [f"score = {self.steps(masked=True)}", f"target = masked_item({self.said(0.3)})"]
        elif kind < 0.2:
            self.lines += [f"score = mean(profile(embedding(item_id, 4))) @ {self.fitted(self.vector('item', 1), 4)}",
                           "target = profile_items()"]
        elif kind < 0.24:
            user, item = self.one("embedding(user_id, 4)", "embedding(user_id, 4, 0.01)"), "embedding(item_id, 4)"
            self.lines += [f"u = {user}", f"i = {item}",
                           f"score = propagate(u, i, {self.said(2)}) @ propagate(i, u, {self.said(2)})"]
            self.ranked()
        elif kind < 0.3:
            x = self.combined(self.vector("user", 1), self.vector("item", 1))
            self.lines += [f"x = concat({x.text}, embedding(user_id, 2), embedding(item_id, 2)) >> Dense(4, relu)",
                           "like = x >> Dense(1)", "stars = x >> Dense(1)", "score = [like, stars]",
                           "target = [at_least(rating, 3), rating]", f"rank_by = {self.one('like', 'stars')}"]
        else:
            self.lines.append(f"score = {self.one(self.product(), self.mixed())}")
            self.learned()
        if self.likely(0.3):
            name = self.one("Adam", "SGD", "AdamW", "RMSprop", "Adagrad", "Lion", "Nadam", "Adafactor")
            self.role("optimizer", "optimizer", f"{name}(0.01{self.options(name)})",
                      f"{name}(CosineDecay(0.1, {self.said(50)}))", f"{name}(0.01, clipnorm={self.said(1.0)})")
        if self.likely(0.2):
            metric = self.any_call("metric") if self.likely(self.odd) else self.one("ndcg(5)", "auc()", "recall(3)")
            self.lines.append(f"metrics = [{metric}, hit_rate(3)]")
        return "\n".join(self.lines) + "\n"

    def learned(self) -> None:
        """What a score of one number a pair learns."""
        kind = self.random.random()
        if kind < 0.6:
            self.ranked()
            if any("history(" in line for line in self.lines) and self.likely(0.3):
                self.role("augment", "augment", "[crop(0.2)]", "[mask(0.3), reorder(0.3)]", "[substitute(0.2)]")
        elif kind < 0.8:
            self.lines.append(f"target = at_least(rating, {self.said(self.number(2, 3, 4))})")
            if self.likely(0.7):
                self.role("loss", "loss", *LABELLED)
        else:
            self.lines.append(f"target = {self.column('rating')}")
            if self.likely(0.7):
                self.role("loss", "loss", *NUMERIC)
        if self.likely(0.15):
            self.role("weights", "weights", "balanced(item_id)", "balanced(item_id, 0.5)", "recent(30)")

    def mutated(self, text: str, start: int = 0) -> str:
        """The text with one or two words or numbers exchanged for others, as often as not for one of their kind."""
        tokens = TOKEN.findall(text)
        for _ in range(self.number(1, 1, 2)):
            place = self.random.choice([at for at in range(start, len(tokens)) if re.fullmatch(r"\w+", tokens[at])])
            tokens[place] = self.another(tokens[place], tokens[start:])
        return "".join(tokens)

    def another(self, token: str, tokens: list[str]) -> str:
        """What stands in a token's place: a number for a number, a word for a word."""
        if token.isdigit():
            return self.one(str(self.number()), self.one(*HOSTILE))
        word = WORDS.find(token)
        if word is not None and self.likely(0.5):
            return self.one(*WORDS.names([word.kind]))
        if token in COLUMNS and self.likely(0.5):
            return self.one(*COLUMNS)
        return self.one(self.random.choice([each for each in tokens if each.isidentifier()]),
                        self.random.choice(WORDS.words).name, *COLUMNS)

    def of_the_zoo(self) -> str:
        """The text of a model of the zoo, changed behind the line with its paper."""
        text = zoo.text(self.one(*zoo.names()))
        return self.mutated(text, TOKEN.findall(text).index("\n"))
