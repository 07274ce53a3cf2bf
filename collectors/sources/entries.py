"""The named commands of `commands.yaml`: the only words that ever reach a host's shell from a read.

An entry is an argument vector with an argument grammar. What a request names (`load`, `service-properties unit=ssh`)
becomes words here, each of which is later single-quoted; values that the grammar does not allow are refused.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Mapping
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import msgspec

from collectors.errors import UsageError
from collectors.shapes import converted

if TYPE_CHECKING:
    from collectors.sources.parsers.logs import Lines

LONGEST_VALUE = 200
"""Characters of one argument's value."""
_SEVERAL = re.compile(r"\{(\w+)\*\}")

Parsed: TypeAlias = dict[str, Any] | list[dict[str, Any]]
Parser: TypeAlias = Callable[[bytes], Parsed]


class Entry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One command that may be run; the fields are explained at the top of commands.yaml."""

    command: tuple[str, ...]
    parser: str
    limit: int
    gives: Literal["facts", "rows", "details", "lines"] = "facts"
    of: str = ""
    by: str = ""
    accept: tuple[int, ...] = (0,)
    needs: str = ""
    optional: bool = False
    service: str = ""
    absent: tuple[str, ...] = ()
    container: str = ""
    sudo: Literal["never", "always", "when-refused"] = "never"
    both: bool = False
    timed: bool = False
    held: bool = False
    input: str = ""
    arguments: dict[str, str] = {}


class Command(msgspec.Struct, frozen=True):
    """An entry with its arguments filled in."""

    name: str
    entry: Entry
    words: tuple[str, ...]
    arguments: dict[str, str] = msgspec.field(default_factory=dict)
    """What it was asked about: part of every row that it gives."""


@cache
def entries() -> Mapping[str, Entry]:
    """All entries by name."""
    text = Path(__file__).with_name("commands.yaml").read_bytes()
    found: Mapping[str, Entry] = converted(msgspec.yaml.decode(text), dict[str, Entry])
    return found


def command(text: str, known: Mapping[str, Entry] | None = None) -> Command:
    """`NAME` or `NAME argument=value …` as words to run. Raises `UsageError` for what is not allowed."""
    name, *given = shlex.split(text)
    found = (known if known is not None else entries()).get(name)
    if found is None:
        raise UsageError(f"no command of commands.yaml is called {name!r}")
    values = dict(word.partition("=")[::2] for word in given)
    known_arguments = [key.removesuffix("*") for key in found.arguments]
    if set(values) != set(known_arguments):
        wanted = ", ".join(known_arguments) or "none"
        raise UsageError(f"{name} takes the arguments {wanted}, not {', '.join(values) or 'none'}")
    _allowed(name, found, values)
    words = tuple(filled for word in found.command for filled in _filled(word, values))
    return Command(name, found, words, values)


def _allowed(name: str, found: Entry, values: Mapping[str, str]) -> None:
    """Raises `UsageError` for a value that the grammar does not allow; of an argument with `*`, for any of them."""
    for key, grammar in found.arguments.items():
        plain = key.removesuffix("*")
        for value in values[plain].split(",") if plain != key else [values[plain]]:
            if len(value) > LONGEST_VALUE or not re.fullmatch(grammar, value, re.ASCII):
                raise UsageError(f"{name}: {value[:50]!r} is no {plain}")
            if value.startswith("-"):
                raise UsageError(f"{name}: a value must not begin with a dash")


def _filled(word: str, values: Mapping[str, str]) -> list[str]:
    """One word of an entry with its argument in place.

    Only the entry's own arguments are replaced, since docker's `{{json .}}` must stay what it is; a word that holds
    `{argument*}` is there once for each value.
    """
    several = _SEVERAL.search(word)
    if several is not None and several[1] in values:
        return [word.replace(several[0], value) for value in values[several[1]].split(",")]
    places = re.compile("|".join(re.escape(f"{{{key}}}") for key in values)) if values else None
    return [places.sub(lambda place: values[place[0][1:-1]], word) if places else word]


def line_parser(dotted: str, zone: float) -> Lines:
    """The machine `module.Class` that an entry which gives lines is read by; `zone` is the host's, in seconds."""
    module, _, name = dotted.partition(".")
    made: Lines = getattr(import_module(f"collectors.sources.parsers.{module}"), name)(zone)
    return made


@cache
def parser(dotted: str) -> Parser:
    """The parser `module.function`. Raises AttributeError or ImportError when commands.yaml names a wrong one."""
    module, _, function = dotted.partition(".")
    found: Parser = getattr(import_module(f"collectors.sources.parsers.{module}"), function)
    return found
