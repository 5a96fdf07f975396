"""Smaller models: quantised, pruned, narrowed, factorised; each is a program like the one that it was made from."""
