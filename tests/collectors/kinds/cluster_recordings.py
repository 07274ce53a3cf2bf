"""Rows of the kinds of Galera and RabbitMQ from what real clusters answered, without any connection."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import msgspec

from collectors import registry
from collectors.decode import rows_of
from collectors.kind import Reading
from collectors.sources.base import Page

NOW = 1_795_214_400.0
"""2026-11-20 22:40:00 UTC: about when the recordings were made."""
WIRE = Path(__file__).parents[2] / "wire"


Joins = Mapping[str, Mapping[str, Any]]
ALONE: Joins = {}


def decoded(kind: str, items: list[dict[str, Any]], target: str = "ctl01", joins: Joins = ALONE) -> list[Any]:
    """Rows of objects as a source hands them on; `joins`: kind → id → row of what has been read besides."""
    return rows_of(Page(items=items), registry.kind(kind), Reading(target, NOW, joins=joins))


def by_id(rows: Iterable[Any]) -> dict[str, Any]:
    """Rows as a join holds them."""
    return {row.id: row for row in rows}


def one(kind: str, **fields: Any) -> Any:
    """The row of one object."""
    (row,) = decoded(kind, [fields])
    return row


def verdict(kind: str, row: Any, now: float = NOW) -> tuple[str, str]:
    """Level and reason."""
    health = registry.kind(kind).health(row, now)
    return health.level, health.reason


def member(recording: str, name: str, **changes: Any) -> Any:
    """A galera member from its recorded status, with the recorded variables of ctl01."""
    facts: dict[str, Any] = {"member": name, "address": f"10.77.0.1{name[-1]}:3306"}
    for file in (recording, "variables-ctl01.tsv"):
        for line in (WIRE / "galera" / file).read_text().splitlines():
            variable, tab, value = line.partition("\t")
            if tab and variable != "Variable_name":
                facts[variable.lower()] = value
    return one("galera-members", **(facts | changes))


def recorded(name: str) -> list[dict[str, Any]]:
    """A recorded list of the management API."""
    found: list[dict[str, Any]] = msgspec.json.decode((WIRE / "rabbitmq" / name).read_bytes().rsplit(b"\n", 2)[0])
    return found


def listed(kind: str, name: str, joins: Joins = ALONE) -> list[Any]:
    """The rows of a recorded list, decoded as one page of JSON."""
    raw = msgspec.json.encode(recorded(name))
    return rows_of(Page(raw=raw), registry.kind(kind), Reading("rabbitmq", NOW, joins=joins))
