"""Scorers that count or solve instead of training: one a file, each with `fit` and `score`."""
