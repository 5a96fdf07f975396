"""The magics: each file `rec*.py` is one, a parser and a function that calls one method of what it names."""

from recmagic.magics.notebook import Notebook
from recmagic.magics.registry import load, unload

__all__ = ["Notebook", "load", "unload"]
