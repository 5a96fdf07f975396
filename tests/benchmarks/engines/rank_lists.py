"""Full ranking by a library's own selection, and the metrics of the lists in numpy.

python rank_lists.py WORK TIMES USERS ITEMS LIBRARY     prints one line of JSON

LIBRARY is torch, dev (JAX), numba or implicit.
"""

import time
from collections.abc import Callable

import numpy as np
from devices import device
from rank_data import K, Lists, made, measured
from telling import asked, tell

BLOCK = 1024
Rank = Callable[[Lists], np.ndarray]


def blocks(lists: Lists):
    for start in range(0, len(lists.users), BLOCK):
        yield start, min(start + BLOCK, len(lists.users))


def with_torch() -> Rank:
    import torch

    place = "cuda" if torch.cuda.is_available() else "cpu"

    def rank(lists: Lists) -> np.ndarray:
        users, items = (torch.from_numpy(each).to(place) for each in (lists.users, lists.items))
        best = []
        for start, stop in blocks(lists):
            scores = users[start:stop] @ items.T
            rows, seen = (torch.from_numpy(each).to(place) for each in lists.seen_pairs(start, stop))
            scores[rows, seen.long()] = -torch.inf
            best.append(torch.topk(scores, K).indices.cpu().numpy())
        return np.concatenate(best)

    return rank


def with_jax() -> Rank:
    import jax
    import jax.numpy as jnp

    @jax.jit
    def select(users, items, seen):
        scores = users @ items.T
        scores = scores.at[jnp.arange(len(users))[:, None], seen].set(-jnp.inf, mode="drop")
        return jax.lax.top_k(scores, K)[1]

    def rank(lists: Lists) -> np.ndarray:
        items, longest = jnp.asarray(lists.items), int(np.diff(lists.starts).max())
        best = []
        for start, stop in blocks(lists):
            rows, seen = lists.seen_pairs(start, stop)
            padded = np.full((BLOCK, longest), len(items), np.int32)  # past the last item: dropped
            padded[rows, np.arange(len(rows)) - (lists.starts[start:stop] - lists.starts[start])[rows]] = seen
            users = np.zeros((BLOCK, lists.users.shape[1]), np.float32)
            users[: stop - start] = lists.users[start:stop]
            best.append(np.asarray(select(users, items, padded))[: stop - start])
        return np.concatenate(best)

    return rank


def with_numba() -> Rank:
    import numba

    @numba.njit(parallel=True, fastmath=True)
    def select(scores, starts, seen, best):
        for user in numba.prange(len(best)):
            row = scores[user]
            row[seen[starts[user] : starts[user + 1]]] = -np.inf
            values = np.full(K, -np.inf, np.float32)
            for item in range(len(row)):
                value = row[item]
                if value > values[K - 1]:
                    place = K - 1
                    while place > 0 and values[place - 1] < value:
                        values[place], best[user, place] = values[place - 1], best[user, place - 1]
                        place -= 1
                    values[place], best[user, place] = value, item

    def rank(lists: Lists) -> np.ndarray:
        best = np.zeros((len(lists.users), K), np.int32)
        scores = np.empty((BLOCK, len(lists.items)), np.float32)
        for start, stop in blocks(lists):
            np.matmul(lists.users[start:stop], lists.items.T, out=scores[: stop - start])
            select(scores[: stop - start], lists.starts[start : stop + 1], lists.seen, best[start:stop])
        return best

    return rank


def with_implicit() -> Rank:
    from implicit.cpu.topk import topk
    from scipy.sparse import csr_matrix

    def rank(lists: Lists) -> np.ndarray:
        ones = np.ones(len(lists.seen), np.float32)
        seen = csr_matrix((ones, lists.seen, lists.starts), shape=(len(lists.users), len(lists.items)))
        return np.concatenate([topk(lists.items, lists.users[start:stop], K, filter_query_items=seen[start:stop])[0]
                               for start, stop in blocks(lists)])

    return rank


# library: how it ranks, the packages to name, and whose device it computes on
LIBRARIES = {"torch": (with_torch, ["torch"], "torch"), "dev": (with_jax, ["jax"], "jax"),
             "numba": (with_numba, ["numba", "numpy"], ""), "implicit": (with_implicit, ["implicit"], "")}


def main() -> None:
    _, times, (users, items, library) = asked()
    lists = made(int(users), int(items))
    make, packages, framework = LIBRARIES[library]
    rank, seconds = make(), []
    for _ in range(times + 1):
        began = time.perf_counter()
        found = measured(rank(lists), lists.relevant)
        seconds.append(time.perf_counter() - began)
    tell(len(lists.users), seconds[1:], packages, device(framework) if framework else "cpu",
         note=f"ndcg {found['ndcg']:.5f}")


if __name__ == "__main__":
    main()
