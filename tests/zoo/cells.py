"""The cells of the zoo, a small cut of films, and how well a model knows what it was trained on."""

import re
from functools import cache

import numpy as np

from recmagic import backends, zoo
from recmagic.compiler.cell import CellProgram, compile_spec
from recmagic.compiler.scorer import CutScorer
from recmagic.compiler.vocabulary import vocabulary
from recmagic.data.dataset import Dataset
from recmagic.data.sources import films
from recmagic.data.split import TRAIN
from recmagic.spec import read
from tests.compiler.tiny import METRICS

SOLVED = {"EASE", "IALS", "ItemKNN", "Markov", "Popularity"}
TRAINED = [name for name in zoo.names() if name not in SOLVED]


def text_of(name: str, **literals: object) -> str:
    """The text of a cell of the zoo, some of its literals others; a statement that it lacks is put at its end."""
    text = zoo.text(name)
    for each, value in literals.items():
        line = f"{each} = {value}"
        text, found = re.subn(rf"^{each} = .*$", line, text, flags=re.MULTILINE)
        text += "" if found else line + "\n"
    return text


def program_of(text: str, data: Dataset, seed: int = 0) -> CellProgram:
    return compile_spec(read(text, vocabulary(METRICS)), data, seed)


@cache
def cut(users: int = 50, each: int = 12) -> Dataset:
    """The last ratings of the first members of the club who have as many, each film liked, or half of them unliked."""
    tables = films.load()
    events = tables.interactions.sort_values("timestamp", kind="stable").groupby("user_id").tail(each)
    many = events.groupby("user_id").size() == each
    events = events[events.user_id.isin(many[many].index[:users])]
    return Dataset.load(events, users=tables.users, items=tables.items[tables.items.item_id.isin(events.item_id)],
                        types=tables.kinds, split="last", name="cut")


def recall_of_training(program: CellProgram, k: int = 10) -> float:
    """How much of what it was trained on a model lists.

    One that looks back: whether a user's last training item is among the first k, given those before it, which are
    hidden. Any other: how many of a user's n training items are among the first n.
    """
    data, events = program.data, program.data.interactions
    scorer = CutScorer(program.functions, backends.current(), data, [TRAIN])
    users = np.flatnonzero(data.users.warm).astype(np.int32)
    taken = {user: events.item_row[(events.user_row == user) & (events.part == TRAIN)] for user in users}
    if program.looks_back:
        scorer.stop = scorer.stop - (scorer.stop > 0)
    scores = np.array(scorer.score(users))
    scores[:, 0] = -np.inf
    found = []
    for user, own in zip(users, scores):
        wanted = taken[user][-1:] if program.looks_back else taken[user]
        if program.looks_back:
            own[taken[user][:-1]] = -np.inf
        best = np.argsort(-own, kind="stable")[: k if program.looks_back else len(wanted)]
        found.append(np.isin(wanted, best).mean())
    return float(np.mean(found))
