"""Hands completion and Shift-Tab to IPython, and takes them away again."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from IPython.core.completer import CompletionContext, SimpleCompletion, SimpleMatcherResult, context_matcher
from IPython.core.oinspect import OInfo

from recmagic.magics.line import LineParser
from recmagic.magics.notebook import Notebook

# What answers a key is imported when the first one is pressed: loading the extension must stay instant.
if TYPE_CHECKING:
    from recmagic.magics.assist.body import Choice

NAME = "recmagic"  # IPython's identifier of our matcher
FILES = "IPCompleter.file_matcher"
TAKES_FILES = ("SOURCE", "TABLE", "FILE", "FOLDER")


class Only(list[SimpleCompletion]):
    """Completions that are all there are: IPython asks its other matchers, Jedi among them, where ours are none."""

    def __len__(self) -> int:
        return max(super().__len__(), 1)


def load(notebook: Notebook, parsers: Mapping[str, LineParser]) -> None:
    """Complete and explain in this notebook; loading twice leaves one of each."""
    unload(notebook.shell)
    notebook.shell.Completer.custom_matchers.append(_matcher(notebook, parsers))
    notebook.shell._object_find = Found(notebook, parsers, notebook.shell._object_find)


def unload(shell: Any) -> None:
    """Take both away again."""
    matchers = shell.Completer.custom_matchers
    matchers[:] = [each for each in matchers if getattr(each, "matcher_identifier", "") != NAME]
    if isinstance(shell.__dict__.get("_object_find"), Found):
        del shell._object_find  # the class's own method shows again


def _matcher(notebook: Notebook, parsers: Mapping[str, LineParser]) -> Callable[..., SimpleMatcherResult]:
    @context_matcher(identifier=NAME, priority=100)
    def match(context: CompletionContext) -> SimpleMatcherResult:
        try:
            return _matched(notebook, parsers, context)
        except Exception:  # a press of Tab must not end in a traceback, whatever the text or the notebook holds
            return SimpleMatcherResult(completions=[], suppress=False)

    return match


def _matched(notebook: Notebook, parsers: Mapping[str, LineParser], context: CompletionContext) -> SimpleMatcherResult:
    from recmagic.magics.assist import body, line
    from recmagic.magics.assist.cursor import spot
    from recmagic.magics.assist.place import columns, place

    lines = context.full_text.split("\n")
    cursor = sum(len(each) + 1 for each in lines[: context.cursor_line]) + context.cursor_position
    here = place(parsers, context.full_text, cursor)
    if here is None:
        return SimpleMatcherResult(completions=[], suppress=False)
    if here.body is not None:
        at = spot(here.body)
        fragment, found = at.fragment, body.choices(at, columns(notebook, here.line))
    else:
        typed = line.typed(here.parser, here.line)
        fragment, found = line.choices(notebook, typed)
        if typed.action is not None and typed.action.metavar in TAKES_FILES and not fragment.startswith(("-", "$")):
            return _result(fragment, found, {FILES})
    return _result(fragment, found, set())


def _result(fragment: str, found: list[Choice], beside: set[str]) -> SimpleMatcherResult:
    """Return the completions as IPython takes them; `beside` names matchers that may add theirs."""
    made = Only(SimpleCompletion(each.text, type=each.told) for each in found)
    return SimpleMatcherResult(completions=made, suppress=True, do_not_suppress=beside, matched_fragment=fragment,
                               ordered=True)


class Explained:
    """A text that IPython shows as documentation, and nothing else of the object that carries it."""

    __module__ = "builtins"  # or Shift-Tab would name this file

    def __init__(self, text: str) -> None:
        self.__doc__ = text


class Found:
    """IPython's look-up of a name for `?` and Shift-Tab, which knows our words, columns and options besides.

    The method is private to IPython, so whatever goes wrong here leaves the look-up to it.
    """

    def __init__(self, notebook: Notebook, parsers: Mapping[str, LineParser], theirs: Callable[..., Any]) -> None:
        self.notebook, self.parsers, self.theirs = notebook, parsers, theirs

    def __call__(self, name: str, namespaces: Any = None) -> Any:
        found = self.theirs(name, namespaces)
        try:
            text = self._text(name, bool(found.found))
            return found if text is None else OInfo(True, False, True, NAME, None, Explained(text))
        except Exception:  # private ground: IPython's own answer is always good enough
            return found

    def _text(self, name: str, known: bool) -> str | None:
        """Return our text: of what stands at the cursor of a cell of ours, else of a word that nothing else is."""
        from recmagic.magics.assist.explaining import explain, word_text

        asked = self._asked()
        if "cursor_pos" in asked:
            return explain(self.notebook, self.parsers, asked["code"], asked["cursor_pos"])
        return None if known else word_text(name)

    def _asked(self) -> dict[str, Any]:
        """Return what the front end has asked: the cell and the cursor on Shift-Tab."""
        kernel = getattr(self.notebook.shell, "kernel", None)
        return {} if kernel is None else kernel.get_parent("shell").get("content", {})
