"""Whatever the text, the reader returns a spec or raises its own error, in bounded time."""

import os

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from recmagic.errors import SpecError
from recmagic.spec import Spec, read, write
from tests.spec.cells import specs
from tests.spec.test_reader import TWO_TOWER
from tests.spec.words import VOCABULARY

COUNT = 34_000 if os.environ.get("RECMAGIC_ALL") == "1" else 620  # for each test
many = settings(max_examples=COUNT, deadline=None, suppress_health_check=list(HealthCheck))
PIECES = (
    "=", ">>", "+", "*", "@", "(", ")", "[", "]", ",", "\n", "\r", "\t", " ", "\\\n", "'", '"', "'''", "#",
    ".", ":", ";", "-", "~",
    "lambda", "not", "if", "else", "for", "in", "await", "yield", "import", "def f():", "class", "match x:",
    "*", "**", ":=", "->",
    "x", "score", "user_id", "Dense", "Dens", "concat", "relu", "column", "from_logits", "é", "项目", "🎬", "ｘ",
    "\x00", "\x0c", "\u2028",
    "\ud800", "\ufeff", "\u202e", "1", "1e999", "0x", "1_", "7" * 5000, "0x" + "f" * 50_000, "(" * 150,
    "-" * 5000, "f'{x}'", "b''",
    "x = bias()\n", "score = x\n", "a.b", "{", "}", "%magic", "!ls", "?", "$", "a" * 10_000, "+a" * 2_000,
    "()" * 1_000,
)  # fmt: skip


def assert_read_or_refused(text: str) -> None:
    try:
        spec = read(text, VOCABULARY, first_line=2)
    except SpecError as error:
        assert 1 <= len(error.problems) <= 3
        for problem in error.problems:
            assert problem.message and 0 <= problem.place.start < problem.place.end and problem.place.line >= 2
            assert problem.place.start <= len(problem.text)
        assert error._render_traceback_()
    else:
        assert isinstance(spec, Spec)
        assert read(write(spec), VOCABULARY) == spec


@many
@given(st.text(max_size=60))
def test_random_text(text: str) -> None:
    assert_read_or_refused(text)


@many
@given(st.lists(st.sampled_from(PIECES), max_size=12), st.sampled_from(["", " "]))
def test_random_pieces(pieces: list[str], between: str) -> None:
    assert_read_or_refused(between.join(pieces))


@many
@given(
    st.one_of(st.just(TWO_TOWER), specs().map(write)),
    st.lists(
        st.tuples(st.integers(0, 10**6), st.integers(0, 8), st.sampled_from(PIECES) | st.text(max_size=2)),
        min_size=1,
        max_size=3,
    ),
)
def test_mutated_cells(text: str, mutations: list[tuple[int, int, str]]) -> None:
    for at, cut, put in mutations:
        start = at % (len(text) + 1)
        text = text[:start] + put + text[start + cut :]
    assert_read_or_refused(text)
