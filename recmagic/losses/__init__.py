"""Ranking losses over positives and their candidates, one a file.

Each is called with `positive` (R,), the logits of R positives, `negatives` (R, C), the logits of their candidates, and
`real` (R, C), which candidates count (None: all), and returns one loss a positive (R,). `kind` says how the loss
compares: "pointwise", "pairwise" or "softmax".
"""
