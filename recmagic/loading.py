"""Reading a saved model."""

from __future__ import annotations

from pathlib import Path

from recmagic.compiler.vocabulary import vocabulary
from recmagic.evaluation.metrics import WORDS as METRICS
from recmagic.model import Model
from recmagic.saving.model import load as read


def load(path: str | Path) -> Model:
    """Return the model that `Model.save` has written to a folder or a .zip, on whatever backend Keras runs.

    No code in it is run: it holds names of the cell language, numbers and texts. Raises DataError where it is newer
    than this recmagic, not whole, or has been changed, SpecError where its cell uses a word that is not known here.
    """
    kept = read(Path(path), vocabulary(METRICS))
    model = Model.over(kept.program, kept.name)
    model.trained, model.history, model.account = kept.trained, kept.history, kept.account
    model.from_file = True
    return model
