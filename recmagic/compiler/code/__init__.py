"""A model as the text of a Keras program of its own: made from the graphs that its towers and head are."""

from recmagic.compiler.code.program import program_text, write_arrays
from recmagic.compiler.code.result import Code

__all__ = ["Code", "program_text", "write_arrays"]
