"""The text of a program as a result that shows itself: `print(code)`, `code.text`, `code.write(file)`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from recmagic import html


@dataclass(frozen=True, repr=False)
class Code:
    """A Keras program: its `text`, and the file that its weights were written to, if they were."""

    text: str
    weights: Path | None = None

    def __repr__(self) -> str:
        return self.text

    def _repr_html_(self) -> str:
        return html.page([html.code(self.text)])

    def write(self, file: str | Path) -> Path:
        """Write the program to a file and return its path."""
        path = Path(file)
        path.write_text(self.text, encoding="utf-8")
        return path
