"""From a cell's text to `ast` statements, never evaluated, and Python's own complaints in our words."""

from __future__ import annotations

import ast
import keyword
import re
import warnings
from dataclasses import dataclass

from recmagic.errors import Place, Problem
from recmagic.spec.refusals import EXPRESSIONS, ONE_DEFINITION
from recmagic.spec.source import Source, has_halves

MOST_CHARACTERS = 100_000  # a cell of fifteen lines has about one thousand
DEEPEST = 60  # levels of nesting; a cell that people read has about five
TOO_DEEP = "This is nested too deeply to be read."
DEEP_HINT = "Give a piece of it a name on a line of its own."

UNREADABLE = ("This cannot be read.", ONE_DEFINITION)

_PYTHON_WORDS = {
    "lambda": "Lambda", "if": "IfExp", "else": "IfExp", "for": "ListComp", "not": "BoolOp", "await": "Await",
    "yield": "Yield",
}  # fmt: skip
_WORD = re.compile(r"\w+")
_START = re.compile(r"(\w+)[ \t]*=(?!=)")
_DIGITS = re.compile(r"[0-9][0-9_]{1000,}")

# Python's complaint contains -> our fact and hint. The complaint's wording is CPython's (3.11 to 3.14).
_COMPLAINTS = (
    ("was never closed", "This bracket is never closed.", "Add the closing bracket."),
    ("unmatched", "This bracket closes nothing.", "Remove it, or open it before."),
    ("does not match", "This bracket closes another kind of bracket.", "Brackets come in pairs: ( ) and [ ]."),
    ("unterminated", "This text has no closing quote.", "Add the quote at its end."),
    ("unexpected indent", "Each line starts at the left edge.", "Remove the blanks before it."),
    ("unindent", "Each line starts at the left edge.", "Remove the blanks before it."),
    ("indented block", "Each line starts at the left edge.", ONE_DEFINITION),
    ("inconsistent use of tabs", "Each line starts at the left edge.", "Remove the blanks before it."),
    ("forgot a comma", "Two pieces stand side by side.",
     'Put a comma or one of >> + * @ between them; a name with a blank is column("odd name").'),
    ("cannot assign", "The left of = must be a name.", ONE_DEFINITION),
    ("assignment target", "The left of = must be a name.", ONE_DEFINITION),
    ("follows keyword", "A plain argument stands after one with a name.", "Put the plain arguments first."),
    ("nested parentheses", TOO_DEEP, DEEP_HINT),
    ("too many levels", TOO_DEEP, DEEP_HINT),
    ("line continuation", "Nothing may stand after a backslash.", "Break the line inside brackets instead."),
    ("decimal literal", "A name cannot start with a digit.", "Start it with a letter."),
    ("f-string", "There are no f-strings here.", "Write the text out in plain quotes."),
    ("non-printable", "A character that cannot be seen stands here.", "Delete it."),
)


@dataclass(frozen=True)
class Broken:
    """A stretch of the cell that Python cannot read: its problem, and the names that it would have defined."""

    problem: Problem
    names: tuple[str, ...]


def statements(source: Source) -> list[ast.stmt | Broken]:
    """Return the cell's statements in order; where Python cannot read a stretch, a `Broken` in its place.

    The cell is read as a whole; only if that fails, from definition to definition, so that one bad line does not hide
    what is wrong, or right, in the others.
    """
    unfit = _unfit(source)
    if unfit:
        return [unfit]
    try:
        return list(_parse(source.text))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        stretches = _stretches(source.lines)
        return [piece for first, lines in stretches for piece in _stretch(source, first, lines)]


def _parse(text: str) -> list[ast.stmt]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # such as an unknown escape in a text, which is no error
        return ast.parse(text).body


def _unfit(source: Source) -> Broken | None:
    """Return what is wrong with a text before any of it is read: its length, or characters that are none."""
    if len(source.text) > MOST_CHARACTERS:
        message = f"A cell has at most {MOST_CHARACTERS:,} characters; this one has {len(source.text):,}."
        return Broken(Problem(message, Place(source.first_line, 0, 1), "", "Shorten it."), ())
    for index, line in enumerate(source.lines):
        for at, character in enumerate(line):
            if character == "\0" or has_halves(character):
                place = source.place_at(index, at, at + 1)
                return Broken(source.problem(place, "A character that cannot be seen stands here.", "Delete it."), ())
    return None


def _stretches(lines: list[str]) -> list[tuple[int, list[str]]]:
    """Cut a cell where a line starts a definition at the left edge; return each first line's index with its lines."""
    starts = [index for index, line in enumerate(lines) if index == 0 or _START.match(line)]
    return [(start, lines[start:end]) for start, end in zip(starts, [*starts[1:], len(lines)])]


def _stretch(source: Source, first: int, lines: list[str]) -> list[ast.stmt | Broken]:
    """Read one stretch of a cell that Python could not read as a whole."""
    try:
        body = _parse("\n".join(lines))
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        name = _START.match(lines[0])
        return [Broken(_problem(source, first, lines, error), (name.group(1),) if name else ())]
    for statement in body:
        ast.increment_lineno(statement, first)
    return list(body)


def _problem(source: Source, first: int, lines: list[str], error: Exception) -> Problem:
    """Say in our words what Python complains of, at the place it complains of."""
    if not isinstance(error, SyntaxError):
        return source.problem(_whole(source, first), TOO_DEEP, DEEP_HINT)
    index = first + min(max((error.lineno or 1) - 1, 0), len(lines) - 1)
    line = source.line(index)
    if "integer string conversion" in (error.msg or "") and (digits := _DIGITS.search(line)):
        return source.problem(
            source.place_at(index, digits.start(), digits.end()),
            "This number is too long.",
            "Whole numbers have at most 18 digits.",
        )
    start = min(max((error.offset or 1) - 1, 0), len(line))
    end = (error.end_offset or 0) - 1 if error.end_lineno == error.lineno else 0
    if isinstance(error, IndentationError):
        start, end = 0, len(line) - len(line.lstrip())
    message, hint = _words(line[start : start + 1], line, error.msg or "")
    if (message, hint) == UNREADABLE and (word := _python_word(line, start)):
        start, end = word.span()
        message, hint = f"'{word.group()}' is a word of Python.", f'A column of that name is column("{word.group()}").'
        if word.group() in _PYTHON_WORDS:
            message, hint = EXPRESSIONS[_PYTHON_WORDS[word.group()]]
        if word.group() == "lambda":  # without parentheses, Python itself refuses it after an operator
            end = len(line.rstrip(" )"))
    return source.problem(source.place_at(index, start, min(end, len(line))), message, hint)


def _python_word(line: str, start: int) -> re.Match[str] | None:
    """Return the word of Python that stands at a character or is being defined by the line, or None."""
    for word in (_WORD.match(line, start), _WORD.match(line)):
        if word and keyword.iskeyword(word.group()):
            return word
    return None


def _words(character: str, line: str, complaint: str) -> tuple[str, str]:
    """Return the fact and the hint for a complaint of Python about a line, at a character of it."""
    for part, message, hint in _COMPLAINTS:
        if part in complaint:
            return message, hint
    if line.lstrip().startswith(("%", "!")):
        return "A magic cannot stand here.", "Give it a cell of its own."
    if character and character in "“”„‘’":
        return "This is not a quote that Python knows.", 'Write straight quotes: "...".'
    if line.rstrip().endswith((">>", "+", "*", "@", "=")):
        return "The line ends too early.", "Write the rest on the same line, or put brackets around both lines."
    return UNREADABLE


def _whole(source: Source, index: int) -> Place:
    """Return the place of a whole line."""
    return source.place_at(index, 0, len(source.line(index).rstrip()))
