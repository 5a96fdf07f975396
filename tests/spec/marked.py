"""Bad cells with the error marked in their text `<like this>`, compared with what the reader says and where."""

import re

import pytest

from recmagic.errors import Problem, SpecError
from recmagic.spec import Vocabulary, read
from tests.spec.words import VOCABULARY

_OPEN = re.compile(r"(?<!<)<(?!<)")
_CLOSE = re.compile(r"(?<!>)>(?!>)")


def problems(text: str, vocabulary: Vocabulary = VOCABULARY) -> tuple[Problem, ...]:
    """The problems of a bad cell."""
    with pytest.raises(SpecError) as caught:
        read(text, vocabulary)
    return caught.value.problems


def assert_refused(marked: str, message: str, hint: str | None = None) -> None:
    """The first problem of the text is at the mark (its first single `<` to its last single `>`) and says this."""
    opening = _OPEN.search(marked)
    closing = list(_CLOSE.finditer(marked))[-1]
    assert opening is not None
    text = marked[: opening.start()] + marked[opening.end() : closing.start()] + marked[closing.end() :]
    found = problems(text)[0]
    line = text.split("\n")[found.place.line - 1]
    start, end = found.place.start, found.place.end
    shown = "\n".join(text.split("\n")[: found.place.line - 1] + [f"{line[:start]}<{line[start:end]}>{line[end:]}"])
    assert marked.startswith(shown), f"{found}\nmarked {shown!r}"
    assert found.message == message
    assert found.hint == hint if hint is not None else found.hint
