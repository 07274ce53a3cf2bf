"""An inventory in Ansible's INI: `[group]`, `[group:children]`, `[group:vars]`, hosts with variables on one line.

What Ansible's own parser does is kept: a host line is split like a shell's, a `#` begins a comment there but not in
`:vars`, and a value is a Python literal where it can be one (`22`, `['a']`), else text.
"""

from __future__ import annotations

import ast
import re
import shlex
import warnings
from pathlib import Path
from typing import Any, Final

from collectors.files import at
from collectors.inventory.model import Draft
from collectors.inventory.ranges import hosts_of

_SECTION: Final = re.compile(r"\[([^:\]\s]+)(?::(\w+))?\]\s*(?:#.*)?")
_GROUP: Final = re.compile(r"([^:\]\s]+)\s*(?:#.*)?")
_LONGEST_LITERAL: Final = 4096


def read_ini(path: Path, text: str, draft: Draft) -> None:
    """Add what `text` says to `draft`. Raises `BadConfiguration` with the line."""
    group, section = "ungrouped", "hosts"
    undeclared: dict[str, int] = {}
    for number, raw in enumerate(text.splitlines(), 1):
        line = raw.strip()
        if not line or line[0] in "#;":
            continue
        found = _SECTION.fullmatch(line)
        if found is not None:
            group, section = found[1], found[2] or "hosts"
            if section not in ("hosts", "children", "vars"):
                why = f"[{group}:{section}] is no section"
                raise at(path, number, why, f"[{group}], [{group}:children] or [{group}:vars]")
            if section == "vars":
                draft.mention(group)
                undeclared.setdefault(group, number)
            else:
                draft.group(group)
        elif line.startswith("[") and (line.endswith("]") or "]" not in line):
            raise at(path, number, f"{line[:60]} is no section header", "write [group] without spaces inside")
        elif section == "hosts":
            _hosts(path, number, line, group, draft)
        elif section == "children":
            _child(path, number, line, group, draft)
        else:
            name, equals, value = line.partition("=")
            if not equals:
                raise at(path, number, f"in [{group}:vars] every line is name=value", "add = or move the line")
            draft.variable(group, name.strip(), literal(value.strip()))
    for name, number in undeclared.items():
        if name not in draft.declared:
            raise at(path, number, f"[{name}:vars] is for a group that does not exist", f"add [{name}] with its hosts")


def _child(path: Path, number: int, line: str, group: str, draft: Draft) -> None:
    found = _GROUP.fullmatch(line)
    if found is None:
        raise at(path, number, f"{line[:60]!r} is no name of a group", f"[{group}:children] lists one group a line")
    draft.child(group, found[1], (path, number))


def _hosts(path: Path, number: int, line: str, group: str, draft: Draft) -> None:
    try:
        words = shlex.split(line, comments=True)
    except ValueError as error:
        raise at(path, number, f"the quotes of this host do not match ({error})", "close the quote") from error
    if not words:
        return
    if words[0] == "---":
        raise at(path, number, "this is YAML in a file read as INI", "name the file with .yml at its end")
    variables: dict[str, Any] = {}
    for word in words[1:]:
        name, equals, value = word.partition("=")
        if not equals or not name:
            hint = "variables are name=value, without spaces around = ; one host a line"
            raise at(path, number, f"host {words[0]} is followed by {_harmless(word)}, which is no name=value", hint)
        variables[name] = literal(value)
    try:
        names, port = hosts_of(words[0])
    except ValueError as error:
        raise at(path, number, str(error), "mend the name or the range") from error
    for name in names:
        draft.host(name, group, variables, port, (path, number))


def _harmless(word: str) -> str:
    """`word` for a message; what stands behind an equals sign may be a password."""
    return repr(word.split("=")[0][:40])


def literal(text: str) -> Any:
    """`text` as the Python literal that it is, else as text; sets and tuples as lists, bytes as text."""
    if len(text) > _LONGEST_LITERAL:
        return text
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", SyntaxWarning)
            found = ast.literal_eval(text)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return text
    return _plain(found)


def _plain(value: Any) -> Any:
    if isinstance(value, list | tuple | set):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {_plain(key): _plain(item) for key, item in value.items()}
    if isinstance(value, bytes):
        return value.decode(errors="surrogateescape")
    return "..." if value is ... else str(value) if isinstance(value, complex) else value
