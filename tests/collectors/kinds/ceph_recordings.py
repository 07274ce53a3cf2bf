"""Rows of the kinds of Ceph from what a real cluster answered, through the views that the source makes of it."""

from __future__ import annotations

import json
from typing import Any

import msgspec

from collectors import registry
from collectors.decode import rows_of
from collectors.health import Health
from collectors.kind import Reading
from collectors.request import Ceph
from collectors.snapshot import AnyRow
from collectors.sources.base import Page
from collectors.sources.ceph_views import VIEWS
from collectors.values import epoch
from tests.ceph_host import WIRE

NOW = epoch("2026-11-27T18:10:00Z") or 0.0
"""Soon after the faults were recorded."""


def recorded(name: str) -> Any:
    """A recording's JSON."""
    return json.loads((WIRE / f"{name}.json").read_text())


def rows(kind: str, joins: dict[str, dict[str, Any]] | None = None, **recordings: Any) -> list[Any]:
    """The rows of `kind` when its commands answer so: a recording by name, or the answer itself.

    Commands are written with `_` for spaces and dashes.
    """
    declared = registry.kind(kind)
    assert isinstance(declared.read, Ceph)
    view = VIEWS[declared.read.view]
    replies = {}
    for name in (*view.needs, *view.uses):
        found = recordings.get(name.replace(" ", "_").replace("-", "_"))
        if found is not None:
            replies[name] = recorded(found) if isinstance(found, str) else found
    return made(kind, view.items(replies), joins)


def made(kind: str, items: list[dict[str, Any]], joins: dict[str, dict[str, Any]] | None = None) -> list[AnyRow]:
    """The rows of these items, as they come through JSON."""
    plain = msgspec.json.decode(msgspec.json.encode(items))
    return rows_of(Page(items=plain), registry.kind(kind), Reading("ceph", NOW, joins=joins or {}))


def one(kind: str, **fields: Any) -> Any:
    """The row of one item."""
    (row,) = made(kind, [fields])
    return row


def verdict(kind: str, row: Any, now: float = NOW) -> tuple[str, str]:
    """Level and reason."""
    health: Health = registry.kind(kind).health(row, now)
    return health.level, health.reason
