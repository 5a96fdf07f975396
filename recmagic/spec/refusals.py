"""What every piece of Python that is not of the cell language is told, by the name of its `ast` node."""

from __future__ import annotations

import ast

ONE_DEFINITION = "Each line is one definition: name = value."
OPERATORS_ARE = "The operators are >> + * @."
OWN_LAYER = "Put it in a layer class marked @recmagic.layer."
NO_FUNCTIONS = "The cell language has no functions of its own."
NO_CONDITIONS = "There are no conditions here."
NO_LOOPS = "There are no loops here."
NO_COMPREHENSIONS = "There are no comprehensions here."
ITEM_BY_ITEM = "Write the items out: [a, b, c]."
PLAIN_PYTHON = "Do it in a cell of plain Python."
ONE_NAME = "Each line defines one name."

EXPRESSIONS = {
    "Attribute": ("Names have no dots here.", "Every word of the language is one name."),
    "Lambda": (NO_FUNCTIONS, OWN_LAYER),
    "Compare": (
        "A comparison has no meaning here.",
        "Whether a rating is positive is said by target = at_least(rating, 4).",
    ),
    "BoolOp": ("`and` and `or` have no meaning here.", OPERATORS_ARE),
    "IfExp": (NO_CONDITIONS, "Write the line that is wanted."),
    "JoinedStr": ("There are no f-strings here.", "Write the text out in plain quotes."),
    "FormattedValue": ("There are no f-strings here.", "Write the text out in plain quotes."),
    "TemplateStr": ("There are no t-strings here.", "Write the text out in plain quotes."),
    "Interpolation": ("There are no t-strings here.", "Write the text out in plain quotes."),
    "ListComp": (NO_COMPREHENSIONS, ITEM_BY_ITEM),
    "SetComp": (NO_COMPREHENSIONS, ITEM_BY_ITEM),
    "DictComp": (NO_COMPREHENSIONS, ITEM_BY_ITEM),
    "GeneratorExp": (NO_COMPREHENSIONS, ITEM_BY_ITEM),
    "Dict": ("There are no dictionaries here.", "Settings are written name=value inside a call."),
    "Set": ("There are no sets here.", "A list is written [a, b, c]."),
    "Subscript": ("Square brackets pick nothing here.", "last(x) is the last step of a sequence; [a, b] is a list."),
    "Slice": ("Square brackets pick nothing here.", "last(x) is the last step of a sequence; [a, b] is a list."),
    "NamedExpr": ("`:=` has no meaning here.", "Give the piece a line of its own: name = value."),
    "Starred": ("`*` cannot unpack here.", "Write the arguments out."),
    "Await": ("`await` has no meaning here.", PLAIN_PYTHON),
    "Yield": ("`yield` has no meaning here.", PLAIN_PYTHON),
    "YieldFrom": ("`yield` has no meaning here.", PLAIN_PYTHON),
}

STATEMENTS = {
    "Import": (ONE_DEFINITION, ""),
    "ImportFrom": (ONE_DEFINITION, ""),
    "Expr": (ONE_DEFINITION, "Give it a name, such as score = ..."),
    "AugAssign": ("Each name is defined once.", "Give the new value a name of its own."),
    "AnnAssign": ("Names have no types here.", "Write name = value."),
    "FunctionDef": (NO_FUNCTIONS, OWN_LAYER),
    "AsyncFunctionDef": (NO_FUNCTIONS, OWN_LAYER),
    "ClassDef": (
        "Classes are not defined here.",
        "Define the layer class in a cell of its own, marked @recmagic.layer.",
    ),
    "Return": ("`return` has no meaning here.", "The model's output is the line score = ..."),
    "Delete": ("`del` has no meaning here.", "Leave the line out."),
    "For": (NO_LOOPS, "Write the lines out, or put the loop in a layer class marked @recmagic.layer."),
    "AsyncFor": (NO_LOOPS, "Write the lines out, or put the loop in a layer class marked @recmagic.layer."),
    "While": (NO_LOOPS, "Write the lines out, or put the loop in a layer class marked @recmagic.layer."),
    "If": (NO_CONDITIONS, "Write the lines that are wanted."),
    "Match": (NO_CONDITIONS, "Write the lines that are wanted."),
    "With": ("`with` has no meaning here.", PLAIN_PYTHON),
    "AsyncWith": ("`with` has no meaning here.", PLAIN_PYTHON),
    "Raise": ("`raise` has no meaning here.", PLAIN_PYTHON),
    "Try": ("`try` has no meaning here.", PLAIN_PYTHON),
    "TryStar": ("`try` has no meaning here.", PLAIN_PYTHON),
    "Assert": ("`assert` has no meaning here.", PLAIN_PYTHON),
    "Global": ("`global` has no meaning here.", "Names belong to their cell."),
    "Nonlocal": ("`nonlocal` has no meaning here.", "Names belong to their cell."),
    "Pass": ("`pass` has no meaning here.", "Leave the line out."),
    "Break": (NO_LOOPS, "Leave the line out."),
    "Continue": (NO_LOOPS, "Leave the line out."),
    "TypeAlias": ("Names have no types here.", "Write name = value."),
}

TARGETS = {
    "Tuple": (ONE_NAME, "Write a line for each."),
    "List": (ONE_NAME, "Write a line for each."),
    "Starred": (ONE_NAME, "Write a line for each."),
    "Attribute": ("Names have no dots here.", "Choose a plain name."),
    "Subscript": ("A line defines a name, not a part of one.", "Choose a plain name."),
}

SIGNS = {
    "Sub": "-", "Div": "/", "FloorDiv": "//", "Mod": "%", "Pow": "**", "LShift": "<<", "BitOr": "|", "BitXor": "^",
    "BitAnd": "&", "USub": "-", "UAdd": "+", "Invert": "~", "Not": "not",
}  # fmt: skip

UNKNOWN = ("This has no meaning here.", ONE_DEFINITION)


def refusal_of(node: ast.expr | ast.stmt) -> tuple[str, str]:
    """Return the fact and the hint for a node outside the language."""
    name = type(node).__name__
    if isinstance(node, (ast.BinOp, ast.UnaryOp)):
        return f"`{SIGNS[type(node.op).__name__]}` has no meaning here.", OPERATORS_ARE
    if isinstance(node, ast.Constant):
        return f"{_constant(node.value)} has no meaning here.", "Write a number, a text in quotes, True, False or None."
    return (EXPRESSIONS if isinstance(node, ast.expr) else STATEMENTS).get(name, UNKNOWN)


def _constant(value: object) -> str:
    """Name a constant that is no literal of the language."""
    if isinstance(value, bytes):
        return "A text of bytes"
    return "A complex number" if isinstance(value, complex) else "`...`"
