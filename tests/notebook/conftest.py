"""One kernel a module, with the extension loaded and the simulated film club at hand."""

import pytest

from tests.notebook.kernel import Kernel

TWO_TOWER = """%%recmodel {name} --data films
width = 16
user  = embedding(user_id, width)
item  = concat(embedding(item_id, width), embedding(genres, 8)) >> Dense(width)
score = user @ item
loss  = CategoricalCrossentropy()
negatives = in_batch()
"""


@pytest.fixture(scope="session")
def two_tower():
    """Return the text of a cell that declares a small two-tower model under a name."""
    return lambda name: TWO_TOWER.format(name=name)


@pytest.fixture(scope="module")
def kernel():
    started = Kernel()
    for line in ("%load_ext recmagic", "%recdata films films"):
        result = started.run(line)
        assert not result.error, result.error
    yield started
    started.close()
