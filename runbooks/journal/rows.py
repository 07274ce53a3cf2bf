"""The journal as rows: what filters may name, and what tables and data formats show of runs and of records.

`RUNS` and `RECORDS` are kinds that no source reads, so that `/`, `get`'s filters and formats are the same here.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from collectors.health import OK, Health, critical, warning
from collectors.kind import AnyKind, Column, MadeHere, Row
from collectors.rollup import Count
from collectors.snapshot import Snapshot
from collectors.table import Table
from runbooks.journal.record import Record
from runbooks.journal.runs import Run, holds


class RunRow(Row, frozen=True):
    """One run."""

    at: float
    id: str
    operation: str
    target: str
    outcome: str
    """`in flight`, or the word of its outcome."""
    who: str
    host: str
    """Where he sat."""
    steps: int
    took: float | None
    words: str
    plan_hash: str
    on: str
    """CLOUD/REGION."""
    why: str
    """What he gave as reason; `reason` is that of the health."""


class RecordRow(Row, frozen=True):
    """One record."""

    seq: int
    at: float
    event: str
    run: str
    words: str
    hash: str


def run_health(row: RunRow, now: float) -> Health:
    """As its end says; what was not done changes nothing."""
    match row.outcome:
        case "in flight":
            return warning("in flight: it still runs, or what ran it is gone")
        case "left":
            return warning("left in the middle: it can be gone on with, or settled")
        case "failed" | "interrupted":
            return critical(row.words or row.outcome)
        case "not-verified":
            return warning(row.words or "not verified")
    return OK


def record_health(row: RecordRow, now: float) -> Health:
    """A write that was cut off is worth a look."""
    return warning("a write was cut off before it") if row.event == "torn" else OK


RUNS: Final[AnyKind] = MadeHere(
    name="runs",
    title="Runs",
    about="one operation as it was carried out",
    system="journal",
    fields=RunRow,
    name_field="id",
    columns=(
        Column("at", "BEGAN", "time", 1),
        Column("id", "RUN", "id", 1),
        Column("operation", "OPERATION", "text", 1),
        Column("target", "TARGET", "ref", 1),
        Column("outcome", "OUTCOME", "status", 1),
        Column("who", "WHO", "ref", 2),
        Column("host", "FROM", "ref", 4),
        Column("on", "CLOUD", "ref", 4),
        Column("took", "TOOK", "duration", 3),
        Column("steps", "STEPS", "number", 5),
        Column("why", "WHY", "text", 3),
        Column("words", "WORDS", "text", 6, wide=True),
        Column("plan_hash", "PLAN", "id", 8, wide=True),
    ),
    sort=("at",),
    health=run_health,
    rollup=Count("runs"),
)
"""What a filter of `journal show` may name."""

RECORDS: Final[AnyKind] = MadeHere(
    name="records",
    title="Records",
    about="one record of the journal",
    system="journal",
    fields=RecordRow,
    key="seq",
    name_field="event",
    columns=(
        Column("seq", "SEQ", "number", 1),
        Column("at", "AT", "time", 1),
        Column("event", "EVENT", "status", 1),
        Column("run", "RUN", "id", 1),
        Column("words", "WORDS", "text", 1),
        Column("hash", "HASH", "id", 8, wide=True),
    ),
    sort=("seq",),
    health=record_health,
    rollup=Count("records"),
)
"""The same with `--events`."""


def run_row(run: Run) -> RunRow:
    """The run as a row."""
    return RunRow(
        at=run.at,
        id=run.id,
        operation=run.operation,
        target=", ".join(run.targets),
        outcome=run.state,
        who=str(run.who.get("sudo_user") or run.who.get("user") or ""),
        host=str(run.who.get("from") or run.who.get("host") or ""),
        on="/".join(part for part in (run.cloud, run.region) if part),
        took=run.ended - run.at if run.ended is not None and run.ended >= run.at and not run.settled else None,
        steps=len(run.steps),
        why=run.reason,
        words=run.words,
        plan_hash=run.plan_hash,
    )


def record_row(record: Record, names: Mapping[str, str] = MappingProxyType({})) -> RecordRow:
    """The record as a row; `names` are those of its run's targets."""
    words = saying(record, names)
    return RecordRow(seq=record.seq, at=record.at, event=record.event, run=record.run, words=words, hash=record.hash)


def saying(record: Record, names: Mapping[str, str] = MappingProxyType({})) -> str:
    """What a record says, in a line."""

    def value(key: str) -> str:
        found = record.data.get(key)
        text = "" if found is None or isinstance(found, dict | list) else str(found)
        return names.get(text) or text if key == "target" else text

    match record.event:
        case "began":
            who = record.data.get("who")
            name = str(who.get("user") or "") if isinstance(who, dict) else ""
            return _joined(value("operation"), f"by {name}" if name else "", value("reason"))
        case "about":
            return _joined(value("target"), value("step"), value("text"))
        case "did":
            status = value("status") if value("status") != "0" else ""
            took = f"{value('took')} s" if value("took") else ""
            return _joined(
                value("target"), value("step"), value("outcome"), status, took, value("request_id"), value("words")
            )
        case "verified":
            return _joined(value("target"), holds(record.data.get("ok")), value("words"))
        case "torn":
            return f"{value('bytes')} bytes of a write before it were cut off"
        case "approved":
            return _joined(value("who"), f"plan {value('plan_hash')[:12]}")
    return _joined(value("outcome"), value("words"), value("reason"))


def _joined(*parts: str) -> str:
    return "  ".join(part for part in parts if part)


def table_of(kind: AnyKind, rows: list[Row], now: float) -> Table:
    """Rows of the journal as a table that can be filtered and printed."""
    healths = [kind.health(row, now) for row in rows]
    return Table(Snapshot(kind=kind, rows=rows, healths=healths, targets=(), at=now))
