"""Federated training, on Flower: what a user asks for, who is asked in a round, and what is sent to and fro."""

from recmagic.federated.federated import Federated

__all__ = ["Federated"]
