"""Reads the line of a magic; whatever is wrong with it is a MagicError that names the option."""

from __future__ import annotations

import argparse
import re
import shlex
from collections.abc import Collection, Mapping
from numbers import Number
from pathlib import PurePath
from typing import Any, NoReturn

from IPython.core.magic_arguments import MagicArgumentParser

from recmagic.errors import MagicError, did_you_mean

_TOO_MANY = "Where it takes one, write a line for each; a text with a space goes into quotes.\n  "


class HelpAsked(Exception):
    """The line holds -h or --help."""


class HelpText(str):
    """A text that shows itself as it is."""

    __slots__ = ()

    def __repr__(self) -> str:
        return str(self)


class LineParser(MagicArgumentParser):
    """The options of one magic. `name` is the magic's, `description` its help; `objects` may be tables or lists."""

    def __init__(self, name: str, description: str, epilog: str = "", objects: Collection[str] = ()) -> None:
        super().__init__(prog=name, description=description, epilog=epilog or None)
        self.objects = objects
        self.allow_abbrev = False
        self.add_argument("-h", "--help", action=_Help, nargs=0, default=argparse.SUPPRESS, help="show this text")

    def read(self, line: str, namespace: Mapping[str, Any]) -> argparse.Namespace:
        """Return the arguments of the line; a value `$name` is what the notebook calls so."""
        tokens = [_with_value(token, namespace) for token in self._split(line)]
        self._form = " ".join(self.format_usage().split())  # argparse changes its usage while it reads
        arguments, unknown = self.parse_known_intermixed_args(tokens)
        if unknown:
            self._refuse_unknown(unknown)
        for name, value in vars(arguments).items():
            if name not in self.objects:
                self._refuse_objects(value, namespace)
            setattr(arguments, name, _looked_up(value, namespace))
        return arguments

    def format_usage(self) -> str:
        """Return the form of the line, without the mark-up that IPython puts before it."""
        return super().format_usage().replace("::\n\n  ", "")

    def format_help(self) -> str:
        """Return the whole help text, without the mark-up that IPython puts before it."""
        return super().format_help().replace("::\n\n  ", "").strip() + "\n"

    def error(self, message: str) -> NoReturn:
        """Turn argparse's complaint into ours."""
        missing = re.match(r"the following arguments are required: (.*)", message)
        named = re.match(r"argument (\S+?)(?:/\S+)*: (.*)", message, re.DOTALL)
        fact, nearest = message, ""
        if missing:
            fact = f"%{self.prog} needs {missing[1]}."
        elif named:
            fact, nearest = _of_option(named[1], named[2])
        raise MagicError(fact, nearest or self._usage())

    def _split(self, line: str) -> list[str]:
        # No escape character, so that a Windows path keeps its backslashes.
        lexer = shlex.shlex(line, posix=True, punctuation_chars=False)
        lexer.whitespace_split, lexer.commenters, lexer.escape = True, "", ""
        try:
            return list(lexer)
        except ValueError:
            hint = "Close the quote; a text with an apostrophe goes into double quotes."
            raise MagicError(f"A quote in this line is not closed: {line.strip()}", hint) from None

    def _refuse_objects(self, value: Any, namespace: Mapping[str, Any]) -> None:
        """Refuse a `$name` that no number or text could be put in for, where one of these belongs."""
        for each in value if isinstance(value, list) else [value]:
            name = _variable(each) if isinstance(each, str) else None
            if name is not None and name in namespace:
                fact = f"{each} is of the type {type(namespace[name]).__name__}, and a text or a number belongs here."
                raise MagicError(fact, self._usage())

    def _refuse_unknown(self, unknown: list[str]) -> NoReturn:
        options = [option for action in self._actions for option in action.option_strings]
        option = next((token for token in unknown if re.match(r"--?[A-Za-z]", token)), None)
        if option is None:
            spaced = "" if unknown[0].startswith("-") else _TOO_MANY
            fact = f"%{self.prog} does not know what to do with '{' '.join(unknown)}'."
            raise MagicError(fact, spaced + self._usage())
        name = option.partition("=")[0]
        raise MagicError(f"%{self.prog} has no option {name}.", did_you_mean(name, options) or self._usage())

    def _usage(self) -> str:
        return f"{self._form}\n  %{self.prog} -h tells more."


class _Help(argparse.Action):
    def __call__(self, *_: Any, **__: Any) -> NoReturn:
        raise HelpAsked


def whole(text: str) -> int:
    """Read a whole number (an argparse type)."""
    try:
        return int(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"must be a whole number, not '{text}'") from None


def number(text: str) -> float:
    """Read a number (an argparse type)."""
    try:
        return float(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"must be a number, not '{text}'") from None


def positive(text: str) -> int:
    """Read a whole number of at least 1 (an argparse type)."""
    number = whole(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"must be 1 or more, not {number}")
    return number


def batch(text: str) -> int | str:
    """Read a batch size: a whole number, or `all` for every example at once (an argparse type)."""
    return "all" if text == "all" else positive(text)


def size(text: str) -> int:
    """Read an amount of memory, such as 500MB or 2GB, as bytes (an argparse type)."""
    found = re.fullmatch(r"(\d+(?:\.\d+)?) ?([kKMGT]?)(?:i?B)?", text)
    if not found or not float(found[1]):
        raise argparse.ArgumentTypeError(f"must be an amount such as 500MB or 2GB, not '{text}'")
    return int(float(found[1]) * 1000 ** " kMGT".index(found[2].replace("K", "k") or " "))


def setting(text: str) -> tuple[str, str]:
    """Read `name=value` (an argparse type)."""
    name, sign, value = text.partition("=")
    if not sign or not name:
        raise argparse.ArgumentTypeError(f"must be name=value, not '{text}'")
    return name, value


def flat(values: list[Any]) -> list[Any]:
    """Open up the lists among the values of an option: `--user 42 $others`."""
    return [each for value in values for each in ([value] if isinstance(value, str) else opened(value))]


def opened(value: Any) -> list[Any]:
    """Return a notebook's object as a list of ids; MagicError where it is none."""
    try:
        return list(value)
    except TypeError:
        raise MagicError(f"A {type(value).__name__} is not a list of ids.", "Give ids, or a list of them.") from None


def _of_option(option: str, complaint: str) -> tuple[str, str]:
    """Return what argparse says of an option in our words, and the nearest choice to what was given, if one is near."""
    chosen = re.fullmatch(r"invalid choice: (.*) \(choose from (.*)\)", complaint, re.DOTALL)
    if chosen:
        choices = chosen[2].replace("'", "").split(", ")
        fact = f"{option} must be {', '.join(choices[:-1])} or {choices[-1]}, not {chosen[1]}."
        return fact, did_you_mean(chosen[1].strip("'"), choices)
    fact = f"{option} {complaint}" if complaint.startswith("must") else f"{option}: {complaint}"
    return fact.removesuffix(".") + ".", ""


def _with_value(token: str, namespace: Mapping[str, Any]) -> str:
    """Put in the number or text that `$name` stands for; other objects wait until the options have been told apart."""
    name = _variable(token)
    if name is None:
        return token
    if name not in namespace:
        raise MagicError(f"There is no '{name}' in this notebook.", did_you_mean(name, _visible(namespace)))
    value = namespace[name]
    return str(value) if isinstance(value, (str, Number, PurePath)) else token


def _looked_up(value: Any, namespace: Mapping[str, Any]) -> Any:
    if isinstance(value, list):
        return [_looked_up(each, namespace) for each in value]
    name = _variable(value) if isinstance(value, str) else None
    return value if name is None else namespace.get(name, value)


def _variable(token: str) -> str | None:
    return token[1:] if token.startswith("$") and token[1:].isidentifier() else None


def _visible(namespace: Mapping[str, Any]) -> list[str]:
    return [name for name in namespace if not name.startswith("_")]
