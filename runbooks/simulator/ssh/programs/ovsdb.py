"""What `ovs-vsctl`, `ovn-nbctl` and `ovn-sbctl` have in common: list, find and get over the tables of a database.

Several commands in one call are divided by `--`; each has options of its own (`--columns`). As JSON each prints one
document on a line, in the database's own notation: `["set", […]]`, `["map", [[key, value], …]]`, `["uuid", "…"]`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, Final

NONE: Final[list[Any]] = ["set", []]
EMPTY: Final[list[Any]] = ["map", []]

Row = dict[str, Any]
Tables = Callable[[str], Sequence[Row]]
"""Name of a table → its rows, each with all columns."""


class Refused(Exception):  # noqa: N818 - what the program says before it exits with 1
    """Said on standard error, behind the program's name."""


def mapping(found: Mapping[str, Any]) -> list[Any]:
    """A map in the database's notation."""
    return ["map", [[key, value] for key, value in sorted(found.items())]]


def several(found: Sequence[Any]) -> Any:
    """A set in the database's notation: one value stands for itself."""
    return found[0] if len(found) == 1 else ["set", list(found)]


def divided(words: Sequence[str]) -> tuple[list[str], list[list[str]]]:
    """(the call's own options, its commands with their options)."""
    parts: list[list[str]] = [[]]
    for word in words:
        if word == "--":
            parts.append([])
        else:
            parts[-1].append(word)
    common = [word for word in parts[0] if word.startswith("-")]
    return common, [part for part in parts if any(not word.startswith("-") for word in part)]


def form_of(common: Sequence[str]) -> str:
    """`json`, or `list` for people."""
    return next((word.partition("=")[2] for word in common if word.startswith(("--format=", "-f="))), "list")


def joined(written: Sequence[str], form: str) -> str:
    """The texts of several commands as the program prints them, with the last line's end."""
    last = len(written) - 1
    # a list as text is followed by an empty line when another one comes
    blank = ["\n" if form == "list" and number < last else "" for number in range(len(written))]
    return "".join(text + between + ("\n" if text else "") for text, between in zip(written, blank, strict=True))


def rows(columns: Mapping[str, Sequence[str]], tables: Tables, command: Sequence[str], form: str, verb: str) -> str:
    """`list`, `find` and `get`. Raises `Refused`."""
    options = [word for word in command if word.startswith("-")]
    _, *words = [word for word in command if not word.startswith("-")]
    name = next((known for known in columns if known.lower() == words[0].lower()), None)
    if name is None:
        raise Refused(f'unknown table "{words[0]}"')
    found = list(tables(name))
    if verb == "find":
        found = [row for row in found if all(_holds(row, condition) for condition in words[1:])]
    elif len(words) > 1 and words[1] != ".":
        found = [row for row in found if words[1] in (row.get("name"), row["_uuid"][1])]
        if not found:
            raise Refused(f'no row "{words[1]}" in table {name}')
    if verb == "get":
        return "\n".join(_value(found[0], column, name) for column in words[2:])
    asked = next((word.partition("=")[2].split(",") for word in options if word.startswith("--columns=")), None)
    wanted = _columns(name, columns[name], asked)
    if form == "json":
        data = [[row[column] for column in wanted] for row in found]
        return json.dumps({"data": data, "headings": wanted}, separators=(",", ":"))
    blocks = ["\n".join(f"{column:<20}: {plain_text(row[column])}" for column in wanted) for row in found]
    return "\n\n".join(blocks)


def _columns(name: str, known: Collection[str], asked: Sequence[str] | None) -> list[str]:
    for column in asked or ():
        if column not in known:
            raise Refused(f'{name} does not contain a column whose name matches "{column}"')
    return list(known if asked is None else asked)


def _holds(row: Row, condition: str) -> bool:
    column, _, wanted = condition.partition("=")
    column, _, key = column.partition(":")
    value = row.get(column)
    if key:
        return str(_pairs(value).get(key)) == wanted
    return plain_text(value) == wanted


def _pairs(value: Any) -> dict[str, Any]:
    return dict(map(tuple, value[1])) if isinstance(value, list) and value[0] == "map" else {}


def _value(row: Row, column: str, name: str) -> str:
    column, _, key = column.partition(":")
    if column not in row:
        raise Refused(f'{name} does not contain a column whose name matches "{column}"')
    if not key:
        return plain_text(row[column])
    found = _pairs(row[column])
    if key not in found:
        raise Refused(f'no key "{key}" in {name} record column {column}')
    return f'"{found[key]}"'


def plain_text(value: Any) -> str:
    """A value as `list` and `get` write it."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        what, inner = value
        if what == "uuid":
            return str(inner)
        if what == "map":
            return "{" + ", ".join(f'{key}="{each}"' for key, each in inner) + "}"
        return "[" + ", ".join(plain_text(each) for each in inner) + "]"
    return str(value)
