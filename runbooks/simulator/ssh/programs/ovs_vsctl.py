"""`ovs-vsctl`: show, list-br, list-ports, get, list and find over Bridge, Port, Interface and Controller.

Several commands in one call are divided by `--`; each has options of its own (`--columns`). As JSON each prints one
document on a line, in the database's own notation.
"""

from __future__ import annotations

import json
from typing import Any

from runbooks.simulator.model.wires.switch import Switch, has_switch
from runbooks.simulator.ssh.program import Call, UsageError, program
from runbooks.simulator.ssh.programs.ovs_tables import COLUMNS, plain_text, show, table

_NO_DATABASE = "ovs-vsctl: unix:/var/run/openvswitch/db.sock: database connection failed"


class _Refused(Exception):  # noqa: N818 - what the program says before it exits with 1
    pass


@program("ovs-vsctl", on=has_switch)
def _ovs_vsctl(call: Call) -> int:
    switch = Switch(call.place.cloud, call.place.host)
    parts: list[list[str]] = [[]]
    for word in call.args:
        if word == "--":
            parts.append([])
        else:
            parts[-1].append(word)
    common = [word for word in parts[0] if word.startswith("-")]
    if "--version" in common or "-V" in common:
        call.print("ovs-vsctl (Open vSwitch) 3.1.0\nDB Schema 8.3.1")
        return 0
    form = next((word.partition("=")[2] for word in common if word.startswith(("--format=", "-f="))), "list")
    commands = [part for part in parts if any(not word.startswith("-") for word in part)]
    if not commands:
        raise UsageError("ovs-vsctl: missing command name (use --help for help)")
    if not switch.database:
        return call.fail(f"{_NO_DATABASE} (No such file or directory)")
    if not call.place.root:
        return call.fail(f"{_NO_DATABASE} (Permission denied)")
    written: list[str] = []
    try:
        for command in commands:
            written.append(_run(switch, command, form))
    except _Refused as problem:
        return call.fail(f"ovs-vsctl: {problem}")
    for number, text in enumerate(written):
        # a list as text is followed by an empty line when another one comes
        call.print(text + ("\n" if form == "list" and number + 1 < len(written) else ""), end="\n" if text else "")
    return 0


def _run(switch: Switch, command: list[str], form: str) -> str:
    options = [word for word in command if word.startswith("-")]
    verb, *rest = [word for word in command if not word.startswith("-")]
    if verb == "show":
        return show(switch)
    if verb == "list-br":
        return "\n".join(switch.bridges)
    if verb in ("list-ports", "list-ifaces") and rest:
        if rest[0] not in switch.bridges:
            raise _Refused(f"no bridge named {rest[0]}")
        return "\n".join(sorted(p.name for p in switch.plugs if p.bridge == rest[0] != p.name))
    if verb in ("list", "find", "get") and rest:
        return _rows(switch, verb, rest, options, form)
    raise _Refused(f"unknown command '{verb}'; use --help for help")


def _rows(switch: Switch, verb: str, words: list[str], options: list[str], form: str) -> str:
    name = next((known for known in COLUMNS if known.lower() == words[0].lower()), None)
    if name is None:
        raise _Refused(f'unknown table "{words[0]}"')
    found = table(switch, name)
    if verb == "find":
        for condition in words[1:]:
            column, _, value = condition.partition("=")
            found = [row for row in found if plain_text(row.get(column)) == value]
    elif len(words) > 1:
        found = [row for row in found if words[1] in (row.get("name"), row["_uuid"][1])]
        if not found:
            raise _Refused(f'no row "{words[1]}" in table {name}')
    if verb == "get":
        return "\n".join(_value(found[0], column, name) for column in words[2:])
    asked = next((word.partition("=")[2].split(",") for word in options if word.startswith("--columns=")), None)
    columns = list(COLUMNS[name]) if asked is None else asked
    for column in columns:
        if column not in COLUMNS[name]:
            raise _Refused(f'{name} does not contain a column whose name matches "{column}"')
    if form == "json":
        data = [[row[column] for column in columns] for row in found]
        return json.dumps({"data": data, "headings": columns}, separators=(",", ":"))
    blocks = ["\n".join(f"{column:<20}: {plain_text(row[column])}" for column in columns) for row in found]
    return "\n\n".join(blocks)


def _value(row: dict[str, Any], column: str, name: str) -> str:
    column, _, key = column.partition(":")
    if column not in row:
        raise _Refused(f'{name} does not contain a column whose name matches "{column}"')
    value = row[column]
    if not key:
        return plain_text(value)
    found = dict(map(tuple, value[1])) if isinstance(value, list) and value[0] == "map" else {}
    if key not in found:
        raise _Refused(f'no key "{key}" in {name} record column {column}')
    return f'"{found[key]}"'
