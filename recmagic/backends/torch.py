"""PyTorch: a loop of steps, each traced once to plain tensor operations where it draws no random numbers."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

import keras
import torch
from torch.fx.experimental.proxy_tensor import make_fx
from torch.optim.adam import adam

from recmagic.backends.in_place import InPlace
from recmagic.backends.memory import host_memory
from recmagic.backends.protocol import Arrays, Device, Objective
from recmagic.backends.select import select

__all__ = ["Runner", "accelerated", "compiled", "device", "name", "place", "runner", "select"]
name = "torch"
Step = Callable[[Any, Any, Any, Arrays, Arrays], tuple[Any, Any, Any]]


def device() -> Device:
    """Describe the device that computes."""
    if torch.cuda.is_available():
        found = torch.cuda.get_device_properties(0)
        return Device(f"CUDA ({found.name}), PyTorch {torch.__version__}", found.total_memory)
    if torch.backends.mps.is_available():
        return Device(f"Metal, PyTorch {torch.__version__}", torch.mps.recommended_max_memory())
    return Device(f"CPU, PyTorch {torch.__version__}", host_memory())


def accelerated() -> bool:
    """Return whether the device is faster than the host at more than arithmetic."""
    return torch.cuda.is_available() or torch.backends.mps.is_available()


def place(arrays: Arrays) -> Arrays:
    """Put arrays on the device."""
    return {key: keras.ops.convert_to_tensor(array) for key, array in arrays.items()}


class Runner(InPlace):
    """The steps of one model: its gradients as plain tensor operations, and the optimizer's own step."""

    def __init__(self, objective: Objective, layer: Any, make_optimizer: Callable[[], Any]) -> None:
        super().__init__(objective, layer, make_optimizer, place)
        # A seed's state is drawn from on the host: a trace would hold what it was at that moment.
        self.drawing = any("seed_generator" in variable.path for variable in self.untrained)
        self._steps: dict[Any, Step] = {}
        plain = _is_plain_adam(self.optimizer, self.trained)
        self._apply = _fused_adam(self.optimizer, self.trained) if plain else None

    def run(self, batches: Arrays, start: int, stop: int) -> Any:
        """Run some steps of a placed block; return losses (M,), set for these steps."""
        self.unpublish()
        values = [[variable.value for variable in group] for group in
                  (self.trained, self.untrained, self.optimizer.variables)]
        losses = torch.zeros(len(next(iter(batches.values()))))
        for number in range(start, stop):
            batch = {key: each[number] for key, each in batches.items()}
            loss, gradients, rest = self._step(values, batch)(*values, self.data, batch)
            losses[number] = loss
            self._change(gradients, rest)
        return losses

    def _change(self, gradients: Any, rest: Any) -> None:
        with torch.no_grad():
            for variable, value in zip(self.untrained, rest):
                variable.assign(value)
            if self._apply is not None:
                self._apply(list(gradients))
            else:
                self.optimizer.apply(list(gradients), self.trained)

    def _step(self, values: list[Any], batch: Arrays) -> Step:
        """Return the step for batches of these shapes, traced at the first of them."""
        if self.drawing:
            return self._gradients
        shapes = tuple(sorted((key, tuple(array.shape)) for key, array in batch.items()))
        if shapes not in self._steps:
            began = time.perf_counter()
            traced = make_fx(lambda *given: self._gradients(*given))(*values, self.data, batch)
            self._steps[shapes] = torch.no_grad()(traced)
            self.compile_seconds += time.perf_counter() - began
        return self._steps[shapes]

    def _gradients(self, trainable: Any, rest: Any, inner: Any, data: Arrays, batch: Arrays) -> tuple[Any, Any, Any]:
        scaled, (loss, rest) = self.loss(trainable, rest, inner, data, batch)
        return loss.detach(), torch.autograd.grad(scaled, trainable), [value.detach() for value in rest]


def _is_plain_adam(optimizer: Any, variables: Sequence[Any]) -> bool:
    """Return whether torch's fused Adam does all that an optimizer does."""
    adds = ("amsgrad", "use_ema", "weight_decay", "clipnorm", "clipvalue", "global_clipnorm",
            "gradient_accumulation_steps", "loss_scale_factor")
    return (isinstance(optimizer, keras.optimizers.Adam) and type(optimizer).__name__ == "Adam"
            and not any(getattr(optimizer, each) for each in adds)
            and not any(variable.constraint for variable in variables))


def _fused_adam(optimizer: Any, variables: Sequence[Any]) -> Callable[[list[Any]], None]:
    """Return a step of Adam in one kernel, over the Keras optimizer's own variables.

    Keras adds epsilon before the second moment's correction for bias, torch after it: scaled, it is the same.
    """
    weights, moments, velocities = ([variable.value for variable in group]
                                    for group in (variables, optimizer._momentums, optimizer._velocities))

    def apply(gradients: list[Any]) -> None:
        count = int(optimizer.iterations.value)
        steps = [torch.full((), float(count), device=weight.device) for weight in weights]
        corrected = (1.0 - optimizer.beta_2 ** (count + 1)) ** 0.5
        adam(weights, gradients, moments, velocities, [], steps, fused=True, amsgrad=False, beta1=optimizer.beta_1,
             beta2=optimizer.beta_2, lr=float(optimizer.learning_rate), weight_decay=0.0,
             eps=optimizer.epsilon / corrected, maximize=False)
        optimizer.iterations.assign(count + 1)

    return apply


def runner(objective: Objective, layer: Any, make_optimizer: Callable[[], Any]) -> Runner:
    """Make ready to train a layer's variables with `objective(data, batch) -> loss`."""
    return Runner(objective, layer, make_optimizer)


def compiled(function: Callable[..., Any], variables: Sequence[Any]) -> Callable[..., Any]:
    """Return a function that reads some variables, without gradients."""
    return torch.no_grad()(function)
