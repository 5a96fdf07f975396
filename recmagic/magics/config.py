"""`%config RecMagic`: the notebook's settings, and the one rule by which a backend is chosen."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from traitlets import Enum, Int, TraitError
from traitlets.config import Config, Configurable

from recmagic.backends import NAMES
from recmagic.errors import MagicError, did_you_mean
from recmagic.magics.pyproject import project_settings

INSTALLED_BY = {"jax": "jax", "tensorflow": '"recmagic[tensorflow]"', "torch": '"recmagic[torch]"'}


def chosen_backend() -> str:
    """Return the backend that Keras runs on, or will once it is imported."""
    keras = sys.modules.get("keras")  # the question alone is to import nothing
    if keras is not None:
        return str(keras.backend.backend())
    return os.environ.get("KERAS_BACKEND", NAMES[0])


def choose_backend(name: str) -> None:
    """Have Keras run on a backend, as long as it is not imported; MagicError where that cannot be, or runs on another.
    """
    if name not in NAMES:
        raise MagicError(f"There is no backend {name!r}.", did_you_mean(name, NAMES) or _one_of(NAMES))
    running = chosen_backend()
    if name != running and find_spec(name) is None:
        raise MagicError(f"{name} is not installed here.", f"Run %pip install {INSTALLED_BY[name]} first.")
    if "keras" not in sys.modules:
        os.environ["KERAS_BACKEND"] = name
    elif name != running:
        raise MagicError(f"Keras already runs on {running} in this kernel.",
                         f"Restart the kernel, then run %config RecMagic.backend = '{name}' first.")


class Backend(Enum):
    """A backend's name; its value is what Keras goes by, whoever said it."""

    def get(self, obj: Any, cls: Any = None) -> str:
        """Return the backend as it is now."""
        return chosen_backend()

    def validate(self, obj: Any, value: Any) -> Any:
        """Return the value once it is chosen; MagicError where it cannot be."""
        choose_backend(value)
        return value


class RecMagic(Configurable):
    """Settings of recmagic in this notebook."""

    backend = Backend(NAMES, help="What Keras computes with; settled once Keras is imported, as the first model does. "
                                  "In Python: os.environ['KERAS_BACKEND'] = 'torch'").tag(config=True)
    top_k = Int(10, min=1, help="How long a list is where a line does not say -k. In Python: k=20").tag(config=True)
    refusal: MagicError | None = None  # why the last change was not taken

    def __init__(self, **given: Any) -> None:
        self.sources: dict[str, str] = {}  # setting -> where its value came from, for `%recinfo`
        super().__init__(**given)

    def take_project(self, folder: Path) -> None:
        """Take in what the project's pyproject.toml says, but for what IPython's own configuration has settled."""
        file, said = project_settings(folder)
        for name, value in said.items():
            if name in self._find_my_config(self.config):
                continue
            try:
                self._check_known(name)
                setattr(self, name, value)
            except (MagicError, TraitError) as error:
                raise MagicError(f"{file}, [tool.recmagic], {name}: {error}") from None
            self.sources[name] = str(file)

    def update_config(self, config: Config) -> None:
        """Take in settings; where one is wrong, the ones after it stay as they are, and `refusal` says why."""
        mine = self._find_my_config(config)
        try:
            for name in mine:
                self._check_known(name)
            if mine:
                super().update_config(config)
        except MagicError as error:
            self.refusal = error
        except TraitError as error:
            self.refusal = MagicError(str(error))

    def _check_known(self, name: str) -> None:
        """Raise MagicError at a name that is no setting."""
        traits = self.traits(config=True)
        if name not in traits:
            raise MagicError(f"RecMagic has no setting '{name}'.", did_you_mean(name, traits) or _one_of(traits))


class CheckedConfig:
    """IPython's `%config`, which writes what a setting raises to its log and goes on; this raises our refusals."""

    def __init__(self, theirs: Callable[[str], Any], settings: RecMagic) -> None:
        self.theirs, self.settings, self.__doc__ = theirs, settings, theirs.__doc__

    def __call__(self, line: str) -> Any:
        self.settings.refusal = None
        result = self.theirs(line)
        if self.settings.refusal is not None:
            raise self.settings.refusal
        name, sign, _ = line.strip().removeprefix("RecMagic.").partition("=")
        if sign and line.strip().startswith("RecMagic."):
            self.settings.sources[name.strip()] = "%config"
        return result


def load(shell: Any) -> None:
    """Have `%config` know RecMagic; loading twice leaves one. MagicError where the user's own files set it wrong."""
    unload(shell)
    settings = RecMagic(parent=shell)
    settings.take_project(Path.cwd())  # a kernel starts in its notebook's folder
    shell.configurables.append(settings)
    shell.magics_manager.magics["line"]["config"] = CheckedConfig(shell.find_line_magic("config"), settings)


def current(shell: Any) -> RecMagic:
    """Return the settings of this notebook."""
    return next(each for each in shell.configurables if isinstance(each, RecMagic))


def unload(shell: Any) -> None:
    """Take RecMagic out of `%config` again."""
    shell.configurables[:] = [each for each in shell.configurables if not isinstance(each, RecMagic)]
    magics = shell.magics_manager.magics["line"]
    if isinstance(magics["config"], CheckedConfig):
        magics["config"] = magics["config"].theirs


def _one_of(names: Any) -> str:
    return f"There are: {', '.join(names)}."
