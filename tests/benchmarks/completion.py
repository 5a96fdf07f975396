"""How long a press of Tab or Shift-Tab takes, measured where a front end waits: a request to a real kernel and back.

    python tests/benchmarks/completion.py

Each line is asked once before it is timed; the first press in a kernel, which reads the words, is told apart.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.notebook.kernel import Kernel

ROUNDS = 30
BODY = "%%recmodel m --data films\nwidth = 16\nuser = embedding(user_id, width)\n"
ASKED = {
    "an option": "%rectrain m --ep",
    "a column of a table": "%recdata d shop --user cu",
    "a model of the zoo": "%recmodel m = SA",
    "a column of the data": BODY + "item = embedding(gen",
    "a layer": BODY + "score = user >> De",
    "every layer": BODY + "score = user >> ",
    "parameters": BODY + "score = user >> Dense(8, ",
    "nothing": BODY + "score = user ",
}


def milliseconds(ask) -> float:
    began = time.perf_counter()
    ask()
    return 1000 * (time.perf_counter() - began)


def main() -> None:
    kernel = Kernel()
    for line in ("%load_ext recmagic", "import pandas as pd; shop = pd.DataFrame({'customer': [1], 'sku': [2]})"):
        kernel.run(line)

    def complete(text: str):
        return lambda: kernel.client.complete(text, reply=True, timeout=60)

    def inspect():
        kernel.client.inspect(BODY, len(BODY) - 12, reply=True, timeout=60)

    print(f"the first press in a kernel: {milliseconds(complete(ASKED['a layer'])):.0f} ms")
    kernel.run("%recdata films films")
    for what, ask in [*((what, complete(text)) for what, text in ASKED.items()), ("Shift-Tab", inspect)]:
        ask()
        times = sorted(milliseconds(ask) for _ in range(ROUNDS))
        print(f"{what:<22} median {times[ROUNDS // 2]:5.1f} ms, worst {times[-1]:5.1f} ms")
    kernel.close()


if __name__ == "__main__":
    main()
