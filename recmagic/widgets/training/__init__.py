"""A training as it goes on: progress, curves, speed, and a stop button where one can work."""

from recmagic.widgets.training.widget import TrainingView

__all__ = ["TrainingView"]
