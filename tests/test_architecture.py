"""The house rules: floors, who may import what, a docstring at every head, sizes, and the fixed top level."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FLOORS = {
    0: "errors",
    1: "html layers losses negatives augment scorers zoo",
    2: "backends data spec",
    3: "compiler",
    4: "evaluation",
    5: "training compression privacy federated serving tuning",
    6: "saving answering compressing",
    7: "model",
    8: "blending loading",
    9: "magics widgets",
    10: "__init__",
}
FLOOR = {part: floor for floor, parts in FLOORS.items() for part in parts.split()}
KERAS = "layers losses augment compiler backends training compression serving"
ONLY_IN = {
    "IPython": "magics",
    "ipywidgets": "widgets",
    "anywidget": "widgets",
    "traitlets": "widgets magics",
    "jax": "backends",
    "torch": "backends",
    "tensorflow": "backends",
    "keras": KERAS,
    "keras_rs": KERAS,
    "pandas": "data evaluation saving/frames.py training/history.py",
    "duckdb": "data evaluation/writing.py",
    "implicit": "scorers/ials.py",
    "imblearn": "training/oversampling.py",
    "sklearn": "training/oversampling.py",
    "safetensors": "saving/store.py",
    "umap": "evaluation/umap.py",
    "dp_accounting": "privacy/accounting.py",
    "flwr": "federated",
}
TOP = {"pyproject.toml", "recmagic", "notebooks", "tests", "binder", "README.md"}
FILES = sorted((ROOT / "recmagic").rglob("*.py"))


def part_of(path: Path) -> str:
    return path.relative_to(ROOT / "recmagic").parts[0].removesuffix(".py")


def imported(tree: ast.AST):
    """Yield the dotted name of every module that the code imports, wherever in the file."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"line {node.lineno}: imports are absolute here"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_file_keeps_the_rules(path):
    text = path.read_text()
    tree = ast.parse(text)
    part, place = part_of(path), str(path.relative_to(ROOT / "recmagic"))
    assert ast.get_docstring(tree), "the file says in one sentence what it is"
    assert len(text.splitlines()) <= 300, "the file holds more than one idea"
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            assert node.end_lineno - node.lineno < 50, f"{node.name} is too long"
    for name in imported(tree):
        top, _, rest = name.partition(".")
        if top == "recmagic":
            other = rest.split(".")[0]
            assert other == part or FLOOR.get(other, 10) < FLOOR[part], f"{name} is not below {part}"
        elif top in ONLY_IN:
            assert part in ONLY_IN[top].split() or place in ONLY_IN[top].split(), f"{top} does not belong in {place}"


def test_the_top_level_is_fixed():
    shown = {path.name for path in ROOT.iterdir() if not path.name.startswith(".")}
    assert shown - {"dist"} <= TOP
