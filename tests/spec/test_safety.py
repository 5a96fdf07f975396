"""No text can reach an attribute, an import or a call outside the vocabulary."""

import ast
import builtins
import sys
from pathlib import Path

import pytest

import recmagic.spec
from recmagic.errors import SpecError
from recmagic.spec import Call, read, walk
from recmagic.spec.refusals import EXPRESSIONS, STATEMENTS, TARGETS, UNKNOWN, refusal_of
from tests.spec.words import VOCABULARY

FOLDER = Path(recmagic.spec.__file__).parent
ACCEPTED = {"BinOp", "Call", "Constant", "List", "Name", "Tuple", "UnaryOp", "Assign"}
FORBIDDEN = {
    "eval",
    "exec",
    "compile",
    "__import__",
    "globals",
    "locals",
    "vars",
    "open",
    "setattr",
    "delattr",
    "import_module",
}
SAMPLES = [
    "x = a.b", "x = lambda: 1", "x = 1 < 2", "x = 1 and 2", "x = 1 if 2 else 3", "x = f'{a}'", "x = [a for a in b]",
    "x = {a for a in b}", "x = {a: a for a in b}", "x = [(a for a in b)]", "x = {1: 2}", "x = {1}", "x = a[0]",
    "x = a[0:1]",
    "x = (y := 1)", "x = [*a]", "x = await a", "x = (yield)", "x = (yield from a)", "x = 1 - 2", "x = 1 / 2",
    "x = 1 // 2",
    "x = 1 % 2", "x = 1 ** 2", "x = 1 << 2", "x = 1 | 2", "x = 1 ^ 2", "x = 1 & 2", "x = ~1", "x = not 1",
    "x = +1", "x = --1",
    "x = b'a'", "x = 1j", "x = ...", "x", "x += 1", "x: int = 1", "x: int", "import os", "from os import path",
    "def f(): pass",
    "async def f(): pass", "class A: pass", "return 1", "del x", "for a in b: pass", "while 1: pass", "if 1: pass",
    "match x:\n case 1: pass", "with a: pass", "raise a", "try: pass\nfinally: pass",
    "try: pass\nexcept* A: pass", "assert 1",
    "global x", "nonlocal x", "pass", "break", "continue", "x = y = 1", "x, y = 1, 2", "a.b = 1", "a[0] = 1",
    "*a, = 1, 2",
    "async with a: pass", "async for a in b: pass", "print(1)", "await x",
]  # fmt: skip
ATTACKS = [
    "__import__('os')", "eval('1')", "exec('1')", "open('/etc/passwd')", "getattr(user, 'x')", "().__class__",
    "''.join([])",
    "Dense.__init__(1)", "embedding.__globals__", "Dense(1)(2)", "(lambda: 1)()", "[Dense][0](1)",
    "f'{__import__(\"os\")}'",
    "__builtins__", "compile('1', '', 'eval')", "Dense(__import__('os'))", "embedding(__import__('os'), 1)",
    "globals()", "type(1)",
    "Dense(units=open('x'))", "Dense(print)", "breakpoint()", "self", "help()",
]  # fmt: skip


@pytest.mark.parametrize("text", SAMPLES)
def test_every_other_piece_of_python_is_refused_with_a_sentence_of_its_own(text: str) -> None:
    with pytest.raises(SpecError) as caught:
        read(text, VOCABULARY)
    assert caught.value.problems[0].message != UNKNOWN[0]


def test_every_node_of_this_pythons_grammar_is_accepted_or_has_a_sentence() -> None:
    said = set(EXPRESSIONS) | set(STATEMENTS) | ACCEPTED
    deprecated = {
        "Num",
        "Str",
        "Bytes",
        "NameConstant",
        "Ellipsis",
        "AugLoad",
        "AugStore",
        "Param",
        "Suite",
        "Index",
        "ExtSlice",
        "Exec",  # these three are Python 2's: TensorFlow's parser puts them there where it is imported
        "Print",
        "Repr",
    }
    nodes = {each.__name__ for base in (ast.expr, ast.stmt) for each in base.__subclasses__()}
    assert nodes - deprecated <= said
    assert all(
        refusal_of(getattr(ast, name)()) != UNKNOWN
        for name in (set(EXPRESSIONS) | set(STATEMENTS))
        if hasattr(ast, name)
    )
    assert set(TARGETS) == {"Tuple", "List", "Starred", "Attribute", "Subscript"}


@pytest.mark.parametrize("attack", ATTACKS)
@pytest.mark.parametrize(
    "cell", ["score = {}", "score = bias() >> {}", "score = concat({})", "score = bias() >> Dense({})", "loss = {}"]
)
def test_an_attack_runs_nothing(attack: str, cell: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("eval", "exec", "open", "breakpoint", "print"):
        monkeypatch.setattr(builtins, name, _trap)
    before = set(sys.modules)
    try:
        spec = read(cell.format(attack), VOCABULARY)
    except SpecError:
        pass
    else:  # a bare name inside a lower-case call is a column, which is data
        words = {word.name for word in VOCABULARY.words} | {">>"}
        assert all(
            node.name in words for each in spec.statements for node in walk(each.value) if isinstance(node, Call)
        )
    assert set(sys.modules) == before


def _trap(*arguments: object, **options: object) -> None:
    raise AssertionError("reached")


def test_the_language_contains_no_way_to_run_or_fetch_anything() -> None:
    files = sorted(FOLDER.glob("*.py"))
    assert len(files) > 10
    for file in files:
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Name):
                assert node.id not in FORBIDDEN, f"{file.name}:{node.lineno}"
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "getattr":
                assert isinstance(node.args[1], ast.Constant), f"{file.name}:{node.lineno}"


def test_the_language_stands_on_the_standard_library_and_the_errors_alone() -> None:
    for file in FOLDER.glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            modules = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            modules += [str(node.module)] if isinstance(node, ast.ImportFrom) else []
            for module in modules:
                ours = module == "recmagic.errors" or module.startswith("recmagic.spec")
                assert ours or module.split(".")[0] in sys.stdlib_module_names, f"{file.name}: {module}"
