"""Keeping models: what is written, how it is read again, and why nothing else gets in."""
