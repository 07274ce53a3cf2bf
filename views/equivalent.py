"""The command line that shows what the screen shows: to learn it, to script it, to paste it into a ticket. Pure.

Values are quoted for a POSIX shell; one with control characters is written as `$'…'`, so that pasting it cannot run
anything or hide anything.
"""

from __future__ import annotations

import shlex
from string import Formatter

from collectors.kind import AnyKind, Row
from collectors.snapshot import OddRow, Snapshot


def quoted(value: str) -> str:
    """`value` as one word of a shell."""
    if value.isprintable():
        return shlex.quote(value)
    parts = []
    for character in value:
        if character in "\\'":
            parts.append("\\" + character)
        elif character.isprintable():
            parts.append(character)
        else:
            parts.append("".join(f"\\x{byte:02x}" for byte in character.encode("utf-8", "surrogatepass")))
    return f"$'{''.join(parts)}'"


def _filled(pattern: str, row: Row) -> str:
    """`pattern` with the row's values; empty when one of them is missing."""
    parts: list[str] = []
    for text, name, _, _ in Formatter().parse(pattern):
        parts.append(text)
        if name is None:
            continue
        value = getattr(row, name, None)
        if value is None or value == "":
            return ""
        parts.append(quoted(str(value)))
    return "".join(parts)


def of_list(kind: AnyKind) -> str:
    """The command that lists the kind."""
    return kind.list_command or f"nephoscope get {kind.name}"


def of_row(kind: AnyKind, row: Row | OddRow) -> str:
    """The command that shows one row; the list's where there is none for a row."""
    if isinstance(row, OddRow):
        return f"nephoscope describe {kind.name} {quoted(row.id)}"
    found = _filled(kind.show_command, row) if kind.show_command else ""
    return found or of_list(kind)


def on_cloud(command: str, snapshot: Snapshot) -> str:
    """The command with the cloud and region named, so that it means the same in any shell."""
    words = ""
    if snapshot.cloud and snapshot.cloud != "envvars":
        words += f" --os-cloud {quoted(snapshot.cloud)}"
    if snapshot.region:
        words += f" --os-region-name {quoted(snapshot.region)}"
    if command.startswith("openstack "):
        return f"openstack{words} {command.removeprefix('openstack ')}"
    if command.startswith("nephoscope "):
        words = words.replace("--os-cloud", "--cloud").replace("--os-region-name", "--region")
        return f"nephoscope{words} {command.removeprefix('nephoscope ')}"
    return command
