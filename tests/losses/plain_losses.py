"""The losses written out for one positive and the list of its candidates: what tests compare with."""

import math


def sigmoid(x):
    return 1 / (1 + math.exp(-x))


def mean(values):
    values = list(values)
    return sum(values) / len(values) if values else 0.0


def pairwise(of_difference):
    """A loss that averages a function of the difference over the candidates."""
    return lambda positive, negatives: mean(of_difference(positive - each) for each in negatives)


def bpr(difference):
    return -math.log(sigmoid(difference))


def pairwise_mean_squared_error(positive, negatives):
    rows = [(1, positive), *((0, each) for each in negatives)]
    pairs = [((y - z) - (s - t)) ** 2 for i, (y, s) in enumerate(rows) for j, (z, t) in enumerate(rows) if i != j]
    return mean(pairs)


def pointwise(of_label):
    """A loss that averages a function of label and score over the positive (1) and its candidates (0)."""
    return lambda positive, negatives: mean([of_label(1, positive), *(of_label(0, each) for each in negatives)])


def binary(smoothing):
    def loss(label, score):
        y, p = label * (1 - smoothing) + smoothing / 2, sigmoid(score)
        return -y * math.log(p) - (1 - y) * math.log(1 - p)
    return loss


def focal(gamma, smoothing=0.0, alpha=None):
    """Keras's arithmetic, label by label."""
    def loss(label, score):
        y, p = label * (1 - smoothing) + smoothing / 2, sigmoid(score)
        weight = 1 if alpha is None else y * alpha + (1 - y) * (1 - alpha)
        return weight * (1 - (y * p + (1 - y) * (1 - p))) ** gamma * binary(smoothing)(label, score)
    return loss


def gbce(t, items):
    """The paper's own formula, its beta by way of alpha."""
    def loss(positive, negatives):
        if not negatives:
            return (1 - t) * -math.log(sigmoid(positive))
        alpha = len(negatives) / (items - 1)
        beta = alpha * (t * (1 - 1 / alpha) + 1 / alpha)
        return mean([-math.log(sigmoid(positive) ** beta), *(-math.log(1 - sigmoid(each)) for each in negatives)])
    return loss


def warp(items):
    def loss(positive, negatives):
        within = [1 - positive + each for each in negatives if 1 - positive + each > 0]
        if not within:
            return 0.0
        rank = round(len(within) / len(negatives) * (items - 1))
        return sum(1 / place for place in range(1, rank + 1)) * mean(within)
    return loss


def softmax(smoothing):
    def loss(positive, negatives):
        scores = [positive, *negatives]
        total = math.log(sum(map(math.exp, scores)))
        labels = [1 - smoothing + smoothing / len(scores), *[smoothing / len(scores)] * len(negatives)]
        return sum(label * (total - score) for label, score in zip(labels, scores))
    return loss
