"""The named commands and statements that operations may run: the only words that a change brings to a shell or SQL.

The counterpart of `collectors/sources/commands.yaml` and `statements.yaml`, which only read. An entry with its
arguments filled in becomes a complete call; values that the grammar does not allow are refused.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import msgspec

from collectors.call import HostCall, SqlCall
from collectors.errors import UsageError
from collectors.shapes import converted

LONGEST_VALUE = 200
_PLACE = re.compile(r"\{(\w+)\}")


class CommandEntry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One command; the fields are explained at the top of commands.yaml."""

    command: tuple[str, ...]
    arguments: Mapping[str, str] = {}
    root: bool = True
    container: str = ""
    accept: tuple[int, ...] = (0,)
    input: str = ""


class StatementEntry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One statement; the fields are explained at the top of statements.yaml."""

    sql: str
    parameters: Mapping[str, str] = {}


@cache
def commands() -> Mapping[str, CommandEntry]:
    """All commands by name."""
    text = Path(__file__).with_name("commands.yaml").read_bytes()
    found: Mapping[str, CommandEntry] = converted(msgspec.yaml.decode(text), dict[str, CommandEntry])
    return found


@cache
def statements() -> Mapping[str, StatementEntry]:
    """All statements by name."""
    text = Path(__file__).with_name("statements.yaml").read_bytes()
    found: Mapping[str, StatementEntry] = converted(msgspec.yaml.decode(text), dict[str, StatementEntry])
    return found


def _checked(name: str, grammar: Mapping[str, str], values: Mapping[str, str]) -> None:
    if set(values) != set(grammar):
        raise UsageError(f"{name} takes {', '.join(grammar) or 'nothing'}, not {', '.join(values) or 'nothing'}")
    for key, pattern in grammar.items():
        value = values[key]
        if len(value) > LONGEST_VALUE or not re.fullmatch(pattern, value, re.ASCII):
            raise UsageError(f"{name}: {value[:50]!r} is no {key}")
        if value.startswith("-"):
            raise UsageError(f"{name}: a value must not begin with a dash")


def host_call(host: str, entry: str, /, **values: str) -> HostCall:
    """An entry of commands.yaml on `host`. Raises `UsageError` for values that its grammar does not allow."""
    found = commands()[entry]
    _checked(entry, found.arguments, values)
    words = tuple(_PLACE.sub(lambda place: values[place[1]], word) for word in found.command)
    text = _PLACE.sub(lambda place: values[place[1]], found.input)
    return HostCall(host, entry, words, found.root, found.container, found.accept, text)


def sql_call(member: str, statement: str, /, **values: str) -> SqlCall:
    """An entry of statements.yaml on the member on `member`. Raises `UsageError` for values not allowed."""
    found = statements()[statement]
    _checked(statement, found.parameters, values)
    numbers = {name: int(value) if value.isdigit() else value for name, value in values.items()}
    return SqlCall(member, statement, found.sql, numbers)


def as_typed(call: HostCall) -> str:
    """The command as somebody would run it by hand: `ssh cmp01 sudo systemctl restart nova-compute`."""
    words = (*(("sudo",) if call.root else ()), *(call.words))
    if call.input:
        return f"ssh {shlex.quote(call.host)} {shlex.quote(f'echo {shlex.quote(call.input)} | {shlex.join(words)}')}"
    return f"ssh {shlex.quote(call.host)} {shlex.quote(shlex.join(words)) if _awkward(words) else shlex.join(words)}"


def _awkward(words: tuple[str, ...]) -> bool:
    """SSH joins its words and the host's shell takes them apart again: what is quoted must be quoted for both."""
    return any(shlex.quote(word) != word for word in words)
