"""The commands of Ceph that are asked, by the words that an operator types: `osd dump`, `pg ls`.

Each goes to the monitors as JSON (`prefix` and arguments, format json) or to the program `ceph` as an entry of
commands.yaml. All of them only read; a user with `mon 'allow r' mgr 'allow r'` may ask them.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

import msgspec

from collectors.errors import NotUnderstood, SourceError
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
}
"""Every command that a view may name."""


def entry_of(name: str) -> str:
    """The entry of commands.yaml for the program `ceph`: `ceph-osd-dump`."""
    return f"ceph-{name.replace(' ', '-').replace('_', '-')}"


def sent(name: str) -> dict[str, Any]:
    """The command as the monitors take it."""
    found = COMMANDS[name]
    return {"prefix": found.prefix, **found.arguments, "format": "json"}


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
