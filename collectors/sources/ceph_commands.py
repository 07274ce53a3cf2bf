"""The commands of Ceph that are asked, by the words that an operator types: `osd dump`, `pg ls`.

Each goes to the monitors as JSON (`prefix` and arguments, format json) or to the program `ceph` as an entry of
commands.yaml. All of them only read; a user with `mon 'allow r' mgr 'allow r'` may ask them.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

import msgspec

from collectors.errors import NotOffered, NotUnderstood, SourceError
from collectors.untrusted import clipped, neutral

RBD: Final = "rbd images"
"""No command of the monitors: the images of every pool that has them, from librbd or the dashboard."""

Replies = Mapping[str, Any]
"""Command → what it answered (plain JSON values), or the `SourceError` that it failed with."""


class CephCommand(msgspec.Struct, frozen=True):
    """One command. `manager` tells that the active manager answers it: without one it waits."""

    prefix: str
    arguments: Mapping[str, Any] = MappingProxyType({})
    manager: bool = False
    takes: str = ""
    """The argument that is a number behind the words of its name: `osd ok-to-stop 3`."""
    several: bool = False
    """That argument is a list of such."""


class NotThere(NotOffered):
    """The cluster has none of it: asked in another way it would say the same."""


NO_ORCHESTRATOR: Final = "No orchestrator configured"
"""How `orch` commands are refused where nothing deploys Ceph's daemons by itself (ENOENT)."""

NOT_CLEAN: Final = (
    *("creating", "peering", "activating", "down", "incomplete", "stale", "unknown", "inconsistent", "failed_repair"),
    *("degraded", "undersized", "recovering", "recovery_wait", "recovery_toofull", "recovery_unfound"),
    *("backfilling", "backfill_wait", "backfill_toofull", "backfill_unfound", "remapped", "peered", "repair", "laggy"),
    "wait",
)
"""States of placement groups beside active and clean (and scrubbing); `pg ls` takes them as a filter."""

COMMANDS: Final[Mapping[str, CephCommand]] = {
    "health": CephCommand("health", {"detail": "detail"}),
    "status": CephCommand("status"),
    "quorum_status": CephCommand("quorum_status"),
    "time-sync-status": CephCommand("time-sync-status"),
    "mgr stat": CephCommand("mgr stat"),
    "mgr metadata": CephCommand("mgr metadata"),
    "mgr services": CephCommand("mgr services"),
    "mon metadata": CephCommand("mon metadata"),
    "osd dump": CephCommand("osd dump"),
    "osd tree": CephCommand("osd tree"),
    "osd metadata": CephCommand("osd metadata"),
    "osd df": CephCommand("osd df", manager=True),
    "osd perf": CephCommand("osd perf", manager=True),
    "osd pool ls": CephCommand("osd pool ls", {"detail": "detail"}),
    "df": CephCommand("df", {"detail": "detail"}),
    "pg ls": CephCommand("pg ls", {"states": NOT_CLEAN}, manager=True),
    "crash ls": CephCommand("crash ls", manager=True),
    "fs dump": CephCommand("fs dump"),
    "service dump": CephCommand("service dump"),
    "orch ls": CephCommand("orch ls", manager=True),
    "orch ps": CephCommand("orch ps", manager=True),
    "pg ls-of-pool": CephCommand("pg ls", manager=True, takes="pool"),
    "osd ok-to-stop": CephCommand("osd ok-to-stop", manager=True, takes="ids", several=True),
    "osd safe-to-destroy": CephCommand("osd safe-to-destroy", manager=True, takes="ids", several=True),
}
"""Every command that a view may name; behind those that take a number it follows."""


def taken_apart(name: str) -> tuple[str, CephCommand, str]:
    """(its name alone, the command, the number behind it): `osd ok-to-stop 3`. Raises `KeyError` for no such one."""
    if name in COMMANDS:
        return name, COMMANDS[name], ""
    alone, _, number = name.rpartition(" ")
    found = COMMANDS[alone]
    if not found.takes or not (number.isascii() and number.isdigit()):
        raise KeyError(name)
    return alone, found, number


def by_manager(name: str) -> bool:
    """True when the active manager answers it."""
    return name != RBD and taken_apart(name)[1].manager


def entry_of(name: str) -> str:
    """The entry of commands.yaml for the program `ceph`: `ceph-osd-dump`, with what it takes: `… number=3`."""
    alone, _, number = taken_apart(name)
    entry = f"ceph-{alone.replace(' ', '-').replace('_', '-')}"
    return f"{entry} number={number}" if number else entry


def sent(name: str) -> dict[str, Any]:
    """The command as the monitors take it."""
    _, found, number = taken_apart(name)
    told: dict[str, Any] = {"prefix": found.prefix, **found.arguments, "format": "json"}
    return told | {found.takes: [number] if found.several else int(number)} if number else told


def plain(text: str | bytes, what: str) -> Any:
    """The JSON answer of a command. Raises `NotUnderstood`.

    Ceph prints `nan` and `inf` for ratios of nothing, which are no JSON; they become null.
    """
    raw = text.encode() if isinstance(text, str) else text
    try:
        return msgspec.json.decode(raw)
    except msgspec.DecodeError as error:
        try:
            return msgspec.json.decode(_numbered(raw))
        except (msgspec.DecodeError, UnicodeDecodeError):
            start = clipped(neutral(raw[:80].decode("utf-8", "replace")), 80)
            raise NotUnderstood(what, f"the answer is no JSON ({error}): {start}", "nephoscope doctor") from error


def _numbered(raw: bytes) -> bytes:
    import re

    return re.sub(rb"(?<=[:\[,])\s*-?(?:nan|inf)(?=\s*[,}\]])", b"null", raw, flags=re.IGNORECASE)


def given(replies: Replies, name: str) -> Any:
    """What `name` answered; None when it was not asked. Raises the `SourceError` that it failed with."""
    found = replies.get(name)
    if isinstance(found, SourceError):
        raise found
    return found


def maybe(replies: Replies, name: str) -> Any:
    """What `name` answered; None also when it failed."""
    found = replies.get(name)
    return None if isinstance(found, SourceError) else found
