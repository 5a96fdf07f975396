"""Help while typing: completion and Shift-Tab in the lines of magics and the bodies of `%%recmodel`."""

from recmagic.magics.assist.shell import load, unload

__all__ = ["load", "unload"]
