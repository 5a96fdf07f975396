"""PyTorch: a loop of steps, each traced once to plain tensor operations where it draws no random numbers."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

import keras
import numpy as np
import torch
from torch.fx.experimental.proxy_tensor import make_fx
from torch.optim.adam import adam

from recmagic.backends.in_place import InPlace
from recmagic.backends.memory import host_memory
from recmagic.backends.plain_adam import is_plain_adam
from recmagic.backends.protocol import Arrays, Clipping, Device, Objective, Slices, shapes
from recmagic.backends.select import select

__all__ = ["Runner", "accelerated", "compiled", "device", "name", "place", "runner", "select"]
name = "torch"



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

    def __init__(self, objective: Objective, layer: Any, make_optimizer: Callable[[], Any],
                 clipping: Clipping | None) -> None:
        super().__init__(objective, layer, make_optimizer, place, clipping, _each, _normal, own_seeds=False)
        self.seeds = [variable for variable in self.untrained if "seed_generator" in variable.path]
        self.done = 0  # steps of this training
        self._steps: dict[Any, Callable[..., Any]] = {}
        plain = is_plain_adam(self.optimizer, self.trained)
        self._apply = _fused_adam(self.optimizer, self.trained) if plain else None

    def run(self, batches: Arrays, start: int, stop: int) -> Any:
        """Run some steps of a placed block; return losses (M,), set for these steps."""
        self.unpublish()
        values = [[variable.value for variable in group] for group in
                  (self.trained, self.untrained, self.optimizer.variables)]
        losses = torch.zeros(len(next(iter(batches.values()))))
        # Keras lets torch draw where a layer has no seed of its own. Each step gets its seed from its number, so that
        # what it draws does not depend on the chunks; the user's random numbers go on as if nothing had been drawn.
        first = sum(int(each.value.sum()) for each in self.seeds)
        with torch.random.fork_rng(enabled=bool(self.seeds)):
            for number in range(start, stop):
                batch = {key: each[number] for key, each in batches.items()}
                step = self._step(values, batch)
                if self.seeds:
                    torch.manual_seed(first + self.done)
                losses[number], gradients, rest = step(*values, self.data, batch)
                self._change(gradients, rest)
                self.done += 1
        return losses

    def begin(self, data: Arrays) -> None:
        """Start a training over data on the host, from the variables as they stand and a fresh optimizer."""
        super().begin(data)
        self.done = 0

    def state(self) -> list[Any]:
        """Return copies on the host of everything that the next step depends on, [] if there is nothing."""
        state = super().state()
        return state and [*state, self.done]

    def restore(self, state: list[Any]) -> None:
        """Go on from what `state` returned."""
        super().restore(state)
        self.done = int(state[-1])

    def _change(self, gradients: Any, rest: Any) -> None:
        with torch.no_grad():
            for variable, value in zip(self.untrained, rest):
                variable.assign(value)
            if self._apply is not None:
                self._apply(list(gradients))
            else:
                self.optimizer.apply(list(gradients), self.trained)

    def _step(self, values: list[Any], batch: Arrays) -> Any:
        """Return the step for batches of these shapes, traced at the first of them."""
        given = shapes(self.data, batch)
        if given not in self._steps:
            began = time.perf_counter()
            if self.clipped is not None or self._draws(values, batch):
                self._steps[given] = self._gradients
            else:
                gradients: Callable[..., Any] = self._gradients
                traced = make_fx(lambda *given: gradients(*given))(*values, self.data, batch)
                self._steps[given] = torch.no_grad()(traced)
            self.compile_seconds += time.perf_counter() - began
        return self._steps[given]

    def _draws(self, values: list[Any], batch: Arrays) -> bool:
        """Return whether a step draws from a seed's state: a trace would hold what that was at one moment."""
        trainable, others, inner = values
        rest = self._gradients(trainable, others, inner, self.data, batch)[2] if self.seeds else ()
        return any("seed_generator" in variable.path and not torch.equal(variable.value, value)
                   for variable, value in zip(self.untrained, rest))

    def _gradients(self, trainable: Any, rest: Any, inner: Any, data: Arrays, batch: Arrays) -> tuple[Any, Any, Any]:
        if self.clipped is not None:
            loss, rest, gradients = self.clipped(trainable, rest, inner, data, batch)
            return loss.detach(), gradients, [value.detach() for value in rest]
        scaled, (loss, rest) = self.loss(trainable, rest, inner, data, batch)
        gradients = torch.autograd.grad(scaled, trainable, materialize_grads=True)
        return loss.detach(), gradients, [value.detach() for value in rest]


def _each(of: Any, values: list[Any], units: Arrays) -> tuple[Any, Any]:
    """Differentiate `of(values, unit)` by the values, for several units at once."""
    slope = torch.func.grad_and_value(of, has_aux=True)
    slopes, (_, rest) = torch.func.vmap(slope, in_dims=(None, 0), randomness="different")(values, units)
    return rest, slopes


def _normal(seed: Any, shapes: list[Any]) -> list[Any]:
    """Return normal numbers of some shapes, drawn from a seed (2,): by numpy, since torch's own generator on a CPU
    takes in no more than 32 bits of a seed."""
    rng = np.random.default_rng(seed.cpu().numpy().view(np.uint32))
    return [place({"": rng.standard_normal(shape, np.float32)})[""] for shape in shapes]


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


def runner(objective: Objective, layer: Any, make_optimizer: Callable[[], Any], tables: Sequence[Any] = (),
           sliced: Slices | None = None, clipping: Clipping | None = None) -> Runner:
    """Make ready to train a layer's variables with `objective(data, batch) -> loss`; all rows of tables change, and a
    batch is computed at once."""
    return Runner(objective, layer, make_optimizer, clipping)


def compiled(function: Callable[..., Any], variables: Sequence[Any]) -> Callable[..., Any]:
    """Return a function that reads some variables, without gradients."""
    @torch.no_grad()
    def run(*arguments: Any) -> Any:
        return function(*keras.tree.map_structure(_placed, arguments))

    return run


def _placed(value: Any) -> Any:
    return keras.ops.convert_to_tensor(value) if isinstance(value, np.ndarray) else value
