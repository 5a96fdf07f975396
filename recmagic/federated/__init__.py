"""Federated training, on Flower: what a user asks for, who is asked in a round, and what is sent to and fro."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from recmagic.federated.app import write_app
    from recmagic.federated.federated import Federated

__all__ = ["Federated", "write_app"]


def __getattr__(name: str) -> Any:
    """Import what is asked for then: a node of a deployment starts a process for each message, without Keras."""
    if name == "Federated":
        from recmagic.federated.federated import Federated

        return Federated
    if name == "write_app":
        from recmagic.federated.app import write_app

        return write_app
    raise AttributeError(f"module 'recmagic.federated' has no attribute {name!r}")
