"""Registers the magics of this folder with IPython, and takes them away without a trace."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

from IPython.core.magic import no_var_expand

from recmagic.errors import Stopped
from recmagic.magics import assist, config
from recmagic.magics.line import HelpAsked, HelpText
from recmagic.magics.notebook import Notebook

NAMES = sorted(path.stem for path in Path(__file__).parent.glob("rec*.py"))


def load(notebook: Notebook) -> None:
    """Register every magic and the settings; loading twice leaves one of each."""
    config.load(notebook.shell)
    register = notebook.shell.register_magic_function
    modules = {name: import_module(f"recmagic.magics.{name}") for name in NAMES}
    assist.load(notebook, {name: module.PARSER for name, module in modules.items()})
    for name, module in modules.items():
        kind = "line_cell" if getattr(module, "TAKES_CELL", False) else "line"
        register(_magic(notebook, name, module), magic_kind=kind, magic_name=name)


def unload(shell: Any) -> None:
    """Remove every magic, the settings, and what registering them left behind."""
    config.unload(shell)
    assist.unload(shell)
    for name in NAMES:
        for kind in ("line", "cell"):
            shell.magics_manager.magics[kind].pop(name, None)
        if hasattr(shell.magics_manager.user_magics, name):
            delattr(shell.magics_manager.user_magics, name)


def _magic(notebook: Notebook, name: str, module: ModuleType) -> Callable[..., Any]:
    """Return the function that IPython calls: it reads the line, and returns what the module's function does."""

    @no_var_expand
    def magic(line: str, cell: str | None = None) -> Any:
        words = line.rstrip()
        if any(each.dest == "k" for each in module.PARSER._actions):
            module.PARSER.set_defaults(k=config.current(notebook.shell).top_k)
        try:
            arguments = module.PARSER.read(words.removesuffix(";"), notebook.namespace)
        except HelpAsked:
            return HelpText(module.PARSER.format_help())
        try:
            result = (getattr(module, name)(notebook, arguments) if cell is None
                      else module.cell(notebook, arguments, cell))
        except KeyboardInterrupt:  # one sentence, where Python would show every frame of ours and of Keras
            raise Stopped(f"%{name} was stopped before it had a result; what was there before is unchanged.",
                          "Run the cell again.") from None
        return None if words.endswith(";") else result

    magic.__name__ = magic.__qualname__ = name
    magic.__doc__ = module.PARSER.format_help()
    return magic
