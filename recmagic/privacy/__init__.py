"""Differential privacy: what a user asks for, what it costs, and what cannot be private."""

from recmagic.privacy.privacy import Privacy

__all__ = ["Privacy"]
