"""Which key of a TOML file is not what the schema declares, what it may be, and what was probably meant.

msgspec decides and builds the values. Only when it refuses do we walk the tables next to their declaration, to find the
place and to say it in the file's own words.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import msgspec
from msgspec import inspect

from collectors.errors import BadConfiguration
from console.config.places import place

Problem = tuple[tuple[str, ...], str, str]
"""Path of the key, what is wrong, what to try."""


def complaint(data: dict[str, Any], kind: type[msgspec.Struct], path: Path, error: Exception) -> BadConfiguration:
    """Why `data` of the file `path` is no `kind`, which msgspec refused with `error`: file, table, key."""
    found = next(_problems(inspect.type_info(kind), data, ()), ((), str(error), "mend the file"))
    where, why, hint = found
    return BadConfiguration(f"{path}, {place(where)}", why, hint)


def _problems(info: Any, value: Any, where: tuple[str, ...]) -> Iterator[Problem]:
    """What is wrong with `value`, outermost and first things first."""
    if isinstance(info, inspect.Metadata):
        yield from _problems(info.type, value, where)
    elif isinstance(info, inspect.UnionType):
        fitting = [member for member in info.types if _same_shape(member, value)]
        if fitting:
            yield from _problems(fitting[0], value, where)
        else:
            yield where, f"must be {words(info)}, it is {_what(value)}", f"write {words(info)}"
    elif not _same_shape(info, value):
        yield where, f"must be {words(info)}, it is {_what(value)}", f"write {words(info)}"
    elif isinstance(info, inspect.StructType):
        yield from _table_problems(info, value, where)
    elif isinstance(info, inspect.DictType):
        for key, inner in value.items():
            yield from _problems(info.value_type, inner, (*where, key))
    elif isinstance(info, inspect.ListType):
        if len(value) < (info.min_length or 0):
            yield where, "must not be empty", f"write {words(info)}"
        for number, inner in enumerate(value, 1):
            yield from _problems(info.item_type, inner, (*where[:-1], f"{where[-1]}[{number}]"))
    else:
        yield from _plain_problems(info, value, where)


def _table_problems(info: inspect.StructType, table: dict[str, Any], where: tuple[str, ...]) -> Iterator[Problem]:
    fields = {field.encode_name: field for field in info.fields}
    for key, value in table.items():
        if key in fields:
            yield from _problems(fields[key].type, value, (*where, key))
            continue
        near = _near(key, fields)
        hint = f"did you mean {near}?" if near else f"known here: {', '.join(fields)}"
        if isinstance(value, dict) and len(where) == 2 and where[0] == "site":
            hint += f'; or, if the cloud is called {where[1]}.{key}, quotes: [site."{where[1]}.{key}"]'
        yield (*where, key), "unknown key", hint
    for name, field in fields.items():
        if field.required and name not in table:
            yield (*where, name), "is missing", f"add {name} = {words(field.type)}"


def _plain_problems(info: Any, value: Any, where: tuple[str, ...]) -> Iterator[Problem]:
    if isinstance(info, inspect.LiteralType) and value not in info.values:
        near = _near(str(value), [str(known) for known in info.values])
        hint = f"did you mean {near}?" if near else f"write {words(info)}"
        yield where, f"{_shown(value)} is not one of: {', '.join(map(str, info.values))}", hint
    elif isinstance(info, inspect.IntType):
        low, high = info.ge, info.le
        if (low is not None and value < low) or (high is not None and value > high):
            yield where, f"{value} is not {words(info)}", f"write {words(info)}"
    elif isinstance(info, inspect.StrType) and len(value) < (info.min_length or 0):
        yield where, "must not be empty", "write a text, or leave the key out"


_SHAPES: tuple[tuple[Any, Any], ...] = (
    (inspect.StructType, dict),
    (inspect.DictType, dict),
    (inspect.ListType, list),
    (inspect.BoolType, bool),
    (inspect.StrType, str),
    (inspect.FloatType, (int, float)),
    (inspect.IntType, int),
    (inspect.LiteralType, str),
)


def _near(word: str, known: Iterable[str]) -> str:
    """What was probably meant: the one that begins so, else the most similar one; empty when nothing is near."""
    begins = [name for name in known if len(word) > 2 and name.startswith(word.lower())]
    return next(iter(begins or get_close_matches(word.lower(), known, 1, 0.6)), "")


_WORDS: tuple[tuple[Any, str], ...] = (
    (inspect.BoolType, "true or false"),
    (inspect.FloatType, "a number"),
    (inspect.StrType, "text"),
)


def _same_shape(info: Any, value: Any) -> bool:
    """Whether `value` is of the right kind, whatever is inside it."""
    if isinstance(info, inspect.Metadata):
        return _same_shape(info.type, value)
    if isinstance(info, inspect.AnyType):
        return True
    if isinstance(info, inspect.UnionType):
        return any(_same_shape(member, value) for member in info.types)
    for kind, python in _SHAPES:
        if isinstance(info, kind):
            return isinstance(value, python) and isinstance(value, bool) == (python is bool)
    return False


def words(info: Any) -> str:
    """A declared type in words: `text`, `a whole number from 1 to 65535`, `a list of text or tables`."""
    if isinstance(info, inspect.Metadata):
        return words(info.type)
    if isinstance(info, inspect.UnionType):
        parts = [words(member) for member in info.types if not isinstance(member, inspect.NoneType)]
        return " or ".join(dict.fromkeys(parts))
    if isinstance(info, inspect.StructType | inspect.DictType):
        return "a table"
    if isinstance(info, inspect.ListType):
        return f"a list of {words(info.item_type).replace('a table', 'tables')}"
    if isinstance(info, inspect.LiteralType):
        return "one of " + ", ".join(f'"{value}"' for value in info.values)
    if isinstance(info, inspect.IntType):
        return "a whole number" + (f" from {info.ge} to {info.le}" if info.le is not None else "")
    return next((word for kind, word in _WORDS if isinstance(info, kind)), "any value")


def _what(value: Any) -> str:
    """What stands there instead; never the value itself, which may be a password."""
    names = {dict: "a table", list: "a list", bool: "true or false", int: "a number", float: "a number", str: "text"}
    return names.get(type(value), "a date or time")


def _shown(value: Any) -> str:
    return f"“{str(value)[:40]}”"
