"""What Shift-Tab says of a word of the cell language, a parameter, a column, an earlier name, or a magic's option."""

from __future__ import annotations

import re
from collections.abc import Mapping

from recmagic.magics.assist import words
from recmagic.magics.assist.body import call_kinds
from recmagic.magics.assist.cursor import spot
from recmagic.magics.assist.place import Place, columns, place
from recmagic.magics.line import LineParser
from recmagic.magics.notebook import Notebook
from recmagic.spec.positions import STATEMENTS
from recmagic.spec.vocabulary import KINDS, Parameter, Word

WORD_BEFORE, WORD_AFTER = re.compile(r"[\w$-]*$"), re.compile(r"[\w-]*")
ASSIGNS = re.compile(r"[ \t]*=(?!=)")


def explain(notebook: Notebook, parsers: Mapping[str, LineParser], cell: str, cursor: int) -> str | None:
    """Return what stands at the cursor in one of our cells, None where that is nothing of ours."""
    end = cursor + len(WORD_AFTER.match(cell, cursor)[0])  # type: ignore[index]
    here = place(parsers, cell, end)
    if here is None:
        return None
    if here.body is not None:
        return _in_body(notebook, here, bool(ASSIGNS.match(cell, end)))
    name = WORD_BEFORE.search(here.line)[0]  # type: ignore[index]
    return option_text(here.parser, name) if name.startswith("-") else None


def word_text(name: str, kinds: tuple[str, ...] = KINDS) -> str | None:
    """Return what a word of the language is and takes."""
    word = words.find(name, kinds)
    if word is None:
        return None
    parameters = ", ".join(parameter_text(each) for each in word.parameters)
    head = name if word.kind == "function" else f"{name}({parameters})"
    return f"{head}\n{_article(word.kind)} of the cell language\n\n{word.doc}".rstrip()


def option_text(parser: LineParser, name: str) -> str | None:
    """Return what an option of a magic does."""
    action = next((each for each in parser._actions if name in each.option_strings), None)
    if action is None:
        return None
    choices = f"\none of: {', '.join(map(str, action.choices))}" if action.choices else ""
    takes = "" if action.nargs == 0 else f" {action.metavar or action.dest.upper()}"
    return f"{', '.join(action.option_strings)}{takes}\noption of %{parser.prog}\n\n{action.help}{choices}"


def _in_body(notebook: Notebook, here: Place, assigned: bool) -> str | None:
    at = spot(str(here.body))
    name, call = at.fragment, at.call
    if not name or at.quote or at.comment:
        return None if not call or at.comment else word_text(call.word, call_kinds(at))
    if assigned and call is not None:
        return _parameter_text(words.find(call.word, call_kinds(at)), name)
    earlier = dict(at.earlier)
    if name in earlier:
        return f"{earlier[name].strip()}\na name of this cell"
    if at.statement is None and name in STATEMENTS:
        return f"{name} = …\n{STATEMENTS[name].must}. {STATEMENTS[name].hint}"
    known = columns(notebook, here.line)
    if name in known and (call is None or not call.word[:1].isupper()):
        return f"{name}\n{known[name]} of the data"
    kinds = call_kinds(at) if call is None or at.brackets[-1].word else KINDS
    return word_text(name, (*kinds, *KINDS)) or (word_text(call.word, call_kinds(at)) if call else None)


def _parameter_text(word: Word | None, name: str) -> str | None:
    """Return what a parameter is: its default, and what the word's documentation says of it."""
    parameter = next((each for each in word.parameters if each.name == name), None) if word else None
    if word is None or parameter is None:
        return None
    # Keras writes `units: Positive integer, ...` and goes on with deeper lines; ours say it in the sentence.
    said = re.search(rf"^(\s*){name}: (.*(?:\n\1[ \t]+.*)*)", word.doc, re.MULTILINE)
    doc = re.sub(r"\s+", " ", said[2]) if said else word.doc.split("\n\n")[0]
    return f"{parameter_text(parameter)}\na setting of {word.name}\n\n{doc}"


def parameter_text(parameter: Parameter) -> str:
    """Return a parameter as a signature has it."""
    if parameter.many:
        return f"{parameter.name}, …"
    return parameter.name if parameter.required else f"{parameter.name}={parameter.default!r}"


def _article(kind: str) -> str:
    article = "" if kind in ("negatives", "weights") else "an " if kind[0] in "aeiou" else "a "  # plurals
    return f"{article}{kind}"
