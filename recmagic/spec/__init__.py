"""The cell language: text to tree and back, its stored form and its fingerprint. Knows no Keras; evaluates nothing."""

from recmagic.spec.arguments import bind
from recmagic.spec.fingerprint import fingerprint
from recmagic.spec.positions import Position, children, find_word, is_class, statement_position
from recmagic.spec.reader import read
from recmagic.spec.stored import from_json, to_json
from recmagic.spec.tree import OPERATORS, Call, Column, Function, Group, Literal, Name, Node, Spec, Statement
from recmagic.spec.vocabulary import KINDS, Parameter, Vocabulary, Word
from recmagic.spec.walk import columns_used, names_used, problem, walk, with_parts
from recmagic.spec.writer import write, write_node

__all__ = [
    "KINDS", "OPERATORS",
    "Call", "Column", "Function", "Group", "Literal", "Name", "Node", "Parameter", "Position", "Spec", "Statement",
    "Vocabulary", "Word",
    "bind", "children", "columns_used", "find_word", "fingerprint", "from_json", "is_class", "names_used", "problem",
    "read", "statement_position", "to_json", "walk", "with_parts", "write", "write_node",
]  # fmt: skip
