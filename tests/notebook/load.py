"""What a kernel holds: its memory, and how many objects, comms, threads and handlers of ours there are."""

from __future__ import annotations

import ast
from pathlib import Path

from tests.notebook.kernel import Kernel

PREPARE = (
    "%load_ext recmagic",
    "%recdata films films --min-user 120",
    """def held():
    import collections, gc, signal, threading, comm, ipywidgets
    shell = get_ipython()
    shell.displayhook.flush()  # IPython keeps what cells returned, and what they showed
    shell.history_manager.outputs.clear()
    shell.user_ns.update({"_": "", "__": "", "___": ""})
    gc.collect()
    kinds = collections.Counter(type(each).__name__ for each in gc.get_objects()
                                if str(type(each).__module__).startswith("recmagic"))
    return {"objects of ours": sum(kinds.values()), "models": kinds["Model"], "programs": kinds["CellProgram"],
            "runners": kinds["Runner"],
            "views": sum(kinds[each] for each in ("TrainingView", "RecommendationsView", "ModelCard")),
            "comms": len(comm.get_comm_manager().comms), "threads": threading.active_count(),
            "callbacks": sum(map(len, shell.events.callbacks.values())),
            "ours at stop": int(signal.getsignal(signal.SIGINT) is not signal.default_int_handler)}""",
)  # fmt: skip
CELL = """%%recmodel m --data films
width = {width}
user  = embedding(user_id, width)
item  = concat(embedding(item_id, width), embedding(genres, 8)) >> Dense(width)
score = user @ item
loss  = CategoricalCrossentropy()
negatives = in_batch()
optimizer = Adam({rate})
"""


def cell(number: int) -> str:
    """A cell that declares `m`, each number with another text."""
    return CELL.format(width=8 + number % 4, rate=0.01 + number / 1e6)


def counted(kernel: Kernel) -> dict[str, int]:
    """How many of each kind there are, after a garbage collection."""
    result = kernel.run("held()")
    assert not result.error, result.error
    found: dict[str, int] = ast.literal_eval(result.text)
    return found


def resident(kernel: Kernel) -> int:
    """The bytes of memory that the kernel's process takes."""
    lines = Path(f"/proc/{kernel.manager.provisioner.pid}/status").read_text().splitlines()
    return 1024 * int(next(line for line in lines if line.startswith("VmRSS:")).split()[1])
