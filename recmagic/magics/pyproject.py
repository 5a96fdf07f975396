"""Settings of a project: `[tool.recmagic]` in the pyproject.toml found upward from the notebook's folder."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from recmagic.errors import MagicError


def project_settings(folder: Path) -> tuple[Path | None, dict[str, Any]]:
    """Return the nearest pyproject.toml that has a [tool.recmagic], and what it says; MagicError where it is none."""
    for place in (folder, *folder.parents):
        file = place / "pyproject.toml"
        if not file.is_file():
            continue
        try:
            said = tomllib.loads(file.read_text(encoding="utf-8")).get("tool", {}).get("recmagic")
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            hint = "Mend the file, then load the extension again."
            raise MagicError(f"{file} cannot be read: {error}.", hint) from None
        if isinstance(said, dict):
            return file, said
    return None, {}
