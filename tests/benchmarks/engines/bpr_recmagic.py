"""BPR-MF by %rectrain's own path: one line of JSON with the seconds of each epoch but the first, which compiles."""

import json
import sys

import numpy as np
import pandas as pd
from bpr_data import interactions

from recmagic import Dataset, Model
from recmagic.training.events import EpochEnded

epochs, batch, width = (int(each) for each in sys.argv[1:4])
users, items, _, _ = interactions()
part = np.zeros(len(users), np.int8)
part[:2] = 1, 2  # nearly everything is training: the engine's own time is asked for, not the validation's
frame = pd.DataFrame({"user_id": users, "item_id": items, "split": part})
data = Dataset.load(frame, name="bench", split="file", duplicates="first")
cell = f"score = embedding(user_id, {width}) @ embedding(item_id, {width})\nloss = BPR()\nnegatives = uniform(1)"
ended = []
Model.read(cell, data).train(epochs=epochs + 1, batch=batch,
                             listen=lambda event: ended.append(event) if isinstance(event, EpochEnded) else None)
print(json.dumps({"seconds": [event.seconds for event in ended[1:]], "samples": len(users) - 2}))
