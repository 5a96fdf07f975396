"""The works' models in PyTorch, as a user would write them by hand: called with a batch, they return its loss."""

import numpy as np
import torch
from data import Examples, Work
from torch import nn
from torch.nn import functional as F

WIDTH = 64


def table(size: int, width: int = WIDTH) -> nn.Embedding:
    made = nn.Embedding(size, width)
    nn.init.uniform_(made.weight, -0.05, 0.05)
    return made


class Bpr(nn.Module):
    def __init__(self, work: Work, sizes: tuple[int, ...]):
        super().__init__()
        self.users, self.items = table(sizes[0]), table(sizes[1])

    def forward(self, user, item, negative):
        return F.softplus((self.users(user) * (self.items(negative) - self.items(item))).sum(-1)).mean()


class NeuMF(nn.Module):
    def __init__(self, work: Work, sizes: tuple[int, ...]):
        super().__init__()
        self.users, self.items = table(sizes[0]), table(sizes[1])
        self.layers = nn.Sequential(nn.Linear(2 * WIDTH, 128), nn.ReLU(), nn.Linear(128, 64), nn.ReLU(),
                                    nn.Linear(64, 1))

    def forward(self, user, item, negatives):
        both = torch.cat([item[:, None], negatives], 1)
        logits = self.layers(torch.cat([self.users(user)[:, None].expand(-1, 5, -1), self.items(both)], -1))[..., 0]
        return (F.softplus(logits).mean(1) - logits[:, 0] / 5).mean()


class DeepFM(nn.Module):
    def __init__(self, work: Work, sizes: tuple[int, ...]):
        super().__init__()
        self.vectors, self.firsts = table(sum(sizes), 16), table(sum(sizes), 1)
        self.register_buffer("places", torch.from_numpy(np.r_[0, np.cumsum(sizes)[:-1]].astype(np.int32)))
        self.layers = nn.Sequential(nn.Linear(16 * len(sizes), 128), nn.ReLU(), nn.Linear(128, 128), nn.ReLU(),
                                    nn.Linear(128, 1))

    def forward(self, fields, label):
        rows = fields + self.places
        vectors = self.vectors(rows)
        second = 0.5 * (vectors.sum(1).square() - vectors.square().sum(1)).sum(-1)
        logit = self.firsts(rows).sum((1, 2)) + second + self.layers(vectors.flatten(1))[:, 0]
        return F.binary_cross_entropy_with_logits(logit, label)


class NextItem(nn.Module):
    """A sequence of items to a vector a step, against the item that follows: with negatives, or the whole catalogue."""

    def __init__(self, sizes: tuple[int, ...]):
        super().__init__()
        self.items = table(sizes[0])

    def forward(self, past, wanted, negatives=None):
        steps, real = self.steps(past), (wanted > 0).float()
        if negatives is None:
            logits = steps @ self.items.weight.T
            losses = F.cross_entropy(logits.flatten(0, 1), wanted.flatten().long(), reduction="none").view(real.shape)
        else:
            own, others = ((steps * self.items(each)).sum(-1) for each in (wanted, negatives))
            losses = F.softplus(-own) + F.softplus(others)
        return ((losses * real).sum(-1) / real.sum(-1).clamp(min=1)).mean()


class Gru4Rec(NextItem):
    def __init__(self, work: Work, sizes: tuple[int, ...]):
        super().__init__(sizes)
        self.gru, self.dense = nn.GRU(WIDTH, WIDTH, batch_first=True), nn.Linear(WIDTH, WIDTH)

    def steps(self, past):
        return self.dense(self.gru(self.items(past))[0])


class Block(nn.Module):
    """Pre-normalised causal attention with two heads and a feed-forward layer, each with a residual connection."""

    def __init__(self):
        super().__init__()
        self.norms = nn.ModuleList([nn.LayerNorm(WIDTH), nn.LayerNorm(WIDTH)])
        self.project, self.attended = nn.Linear(WIDTH, 3 * WIDTH), nn.Linear(WIDTH, WIDTH)
        self.forwards = nn.Sequential(nn.Linear(WIDTH, WIDTH), nn.ReLU(), nn.Linear(WIDTH, WIDTH))

    def forward(self, x):
        split = self.project(self.norms[0](x)).view(*x.shape[:2], 3, 2, WIDTH // 2).permute(2, 0, 3, 1, 4)
        found = F.scaled_dot_product_attention(*split, is_causal=True)
        x = x + self.attended(found.transpose(1, 2).reshape(x.shape))
        return x + self.forwards(self.norms[1](x))


class SasRec(NextItem):
    def __init__(self, work: Work, sizes: tuple[int, ...]):
        super().__init__(sizes)
        self.places = table(work.length)
        self.layers = nn.Sequential(Block(), Block(), nn.LayerNorm(WIDTH))

    def steps(self, past):
        return self.layers(self.items(past) + self.places.weight)


MODELS = {"bpr": Bpr, "neumf": NeuMF, "deepfm": DeepFM, "gru4rec": Gru4Rec, "sasrec-bce": SasRec,
          "sasrec-softmax": SasRec}


def build(work: Work, examples: Examples) -> nn.Module:
    """Return the work's model; it is called with the examples' two arrays and, where there are any, their negatives."""
    torch.manual_seed(0)
    return MODELS[work.model](work, examples.sizes)
