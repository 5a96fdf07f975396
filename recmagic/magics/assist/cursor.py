"""Where a cursor stands in the unfinished text of a cell: in which statement, call and argument, behind what sign."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from itertools import pairwise

START = re.compile(r"(\w+)[ \t]*=(?!=)")
PIECE = re.compile(
    r"""(?P<comment>\#[^\n]*)|(?P<text>"(?:\\.|[^"\\\n])*"?|'(?:\\.|[^'\\\n])*'?)|(?P<word>\w+)|(?P<sign>>>|[^\w\s])"""
    r"|(?P<end>\n)|[^\S\n]+"
)
CLOSES = {")": "(", "]": "["}
OPTION = re.compile(r"\s*(\w+)\s*=\s*")


@dataclass(frozen=True)
class Bracket:
    """An open bracket: the word that it calls, if any, and its arguments so far, the one being typed included."""

    sign: str
    word: str = ""
    arguments: tuple[str, ...] = ("",)

    @property
    def given(self) -> frozenset[str]:
        """The options that have a name, but for the one being typed."""
        return frozenset(named[1] for each in self.arguments[:-1] if (named := OPTION.match(each)))

    @property
    def option(self) -> str | None:
        """The name of the option whose value is being typed, if it has one."""
        named = OPTION.match(self.arguments[-1])
        return named[1] if named else None


@dataclass(frozen=True)
class Spot:
    """Where the cursor stands.

    `statement` is what is being defined, None left of the `=`; `before` the sign before the word being typed, empty
    behind a complete value; `fragment` is that word; `quote` the quote that stands open, in which it then lies.
    `earlier` are the statements above: name and text.
    """

    statement: str | None
    brackets: tuple[Bracket, ...] = ()
    before: str = ""
    fragment: str = ""
    quote: str = ""
    comment: bool = False
    earlier: tuple[tuple[str, str], ...] = ()

    @property
    def call(self) -> Bracket | None:
        """The innermost call that the cursor stands in."""
        return next((each for each in reversed(self.brackets) if each.word), None)


def spot(text: str) -> Spot:
    """Return where the end of a text stands; `text` is a cell's body up to the cursor."""
    lines = text.split("\n")
    starts = [(at, found[1]) for at, line in enumerate(lines) if (found := START.match(line))]
    bounds = pairwise([*starts, (len(lines), "")])
    said = tuple((name, "\n".join(lines[at:end])) for (at, name), (end, _) in bounds)
    here = _scanned(said[-1][1] if said else lines[-1])
    return replace(here, earlier=said if here.statement is None else said[:-1])


def _scanned(text: str) -> Spot:
    """Return where the end of a text stands that starts with its last definition."""
    head = START.match(text)
    here = Spot(head[1], before="=") if head else Spot(None)
    brackets: list[Bracket] = []
    word = ""
    for piece in PIECE.finditer(text, head.end() if head else 0):
        kind, shown = piece.lastgroup, piece[0]
        last = piece.end() == len(text)
        if kind == "end" and not brackets:
            here = Spot(None)
        here = replace(here, fragment="", quote="", comment=kind == "comment" and last)
        if kind == "word":
            here = replace(here, fragment=shown if last else "")
        elif kind == "text" and last and (len(shown) == 1 or shown[-1] != shown[0]):
            here = replace(here, fragment=shown[1:], quote=shown[0])
        elif kind == "sign":
            here = replace(here, before="" if shown in CLOSES else shown)
        brackets = _stacked(brackets, kind, shown, word)
        if kind in ("word", "text", "sign"):
            word = shown if kind == "word" else ""
            if kind != "sign" and not last:
                here = replace(here, before="")
    return replace(here, brackets=tuple(brackets))


def _stacked(brackets: list[Bracket], kind: str | None, shown: str, word: str) -> list[Bracket]:
    """Return the open brackets behind one more piece; `word` is the word right before it."""
    if kind == "sign" and shown in CLOSES.values():
        return [*brackets, Bracket(shown, word if shown == "(" else "")]
    if not brackets:
        return brackets
    *outer, inner = brackets
    if kind == "sign" and shown in CLOSES:
        return _typed(outer, "()")
    if kind == "sign" and shown == ",":
        return [*outer, replace(inner, arguments=(*inner.arguments, ""))]
    return _typed(brackets, shown if kind else " ")


def _typed(brackets: list[Bracket], shown: str) -> list[Bracket]:
    """Add a piece to the argument that is being typed."""
    if not brackets:
        return brackets
    *outer, inner = brackets
    return [*outer, replace(inner, arguments=(*inner.arguments[:-1], inner.arguments[-1] + shown))]
