"""IPython on Binder: any magic of recmagic loads the extension, so that a notebook may leave %load_ext out."""

from recmagic.magics.registry import NAMES

c = get_config()  # noqa: F821 (IPython gives it)
c.MagicsManager.lazy_magics = dict.fromkeys(NAMES, "recmagic")
