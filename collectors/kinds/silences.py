"""Silences of Alertmanager: which alerts nobody is told about, who wanted that, why, and until when."""

from __future__ import annotations

from typing import Final

import msgspec

from collectors.health import OK, Health, ok, unknown, warning
from collectors.kind import Column, Kind, Link, Reading, Row, Wire
from collectors.kinds._shared import HOUR, listed, moment, word
from collectors.request import Alerting
from collectors.rollup import Count
from collectors.values import age

LONG: Final = 30 * 24 * HOUR
"""A silence that is left for so long will be forgotten."""
_EVERYTHING: Final = (".*", ".+", "^.*$", "^.+$")


class MatcherWire(msgspec.Struct, gc=False):
    """One condition; all of them must hold."""

    name: str
    value: str = ""
    isRegex: bool = False  # noqa: N815  their names
    isEqual: bool = True  # noqa: N815


class StatusWire(msgspec.Struct, gc=False):
    """Whether it holds."""

    state: str = ""


class SilenceWire(Wire):
    """One of `GET /api/v2/silences`."""

    id: str
    matchers: list[MatcherWire] | None = None
    startsAt: str | None = None  # noqa: N815
    endsAt: str | None = None  # noqa: N815
    updatedAt: str | None = None  # noqa: N815
    createdBy: str | None = None  # noqa: N815
    comment: str | None = None
    status: StatusWire | None = None


class Silence(Row, frozen=True):
    """One silence."""

    id: str
    matchers: str | None
    state: str | None
    created_by: str | None
    comment: str | None
    starts: float | None
    ends: float | None
    left: float | None
    everything: bool
    updated: float | None


def _condition(matcher: MatcherWire) -> str:
    """`host=~"ctl.*"`, as amtool writes it."""
    operator = {(True, False): "=", (False, False): "!=", (True, True): "=~", (False, True): "!~"}
    return f'{matcher.name}{operator[matcher.isEqual, matcher.isRegex]}"{matcher.value}"'


def row(wire: SilenceWire, reading: Reading) -> Silence:
    """Times are seconds; what is left of it counts from now, to whole minutes."""
    matchers, ends = wire.matchers or [], moment(wire.endsAt)
    state = wire.status.state if wire.status is not None else None
    left = None if ends is None or state == "expired" else max(round((ends - reading.now) / 60) * 60.0, 0.0)
    return Silence(
        id=wire.id,
        matchers=listed(_condition(each) for each in matchers),
        state=word(state),
        created_by=word(wire.createdBy),
        comment=wire.comment or None,
        starts=moment(wire.startsAt),
        ends=ends,
        left=left,
        everything=all(each.isRegex and each.isEqual and each.value in _EVERYTHING for each in matchers),
        updated=moment(wire.updatedAt),
    )


def health(silence: Silence, now: float) -> Health:
    """One that hides every alert, or will be forgotten, is worth a look."""
    if silence.state not in ("active", "pending", "expired"):
        return unknown(f"state is {silence.state or 'missing'}")
    if silence.state == "expired":
        return OK
    if silence.everything:
        return warning("silences every alert")
    left = None if silence.ends is None else silence.ends - now
    if left is not None and left > LONG:
        return warning(f"silences for {age(left)} more: will somebody remember?")
    if silence.state == "active" and left is not None and left < HOUR:
        return ok(f"ends in {age(max(left, 0.0))}")
    return OK


KIND = Kind(
    name="silences",
    title="Silences",
    aliases=("silence",),
    about="one row per silence of Alertmanager: which alerts, who, why, until when",
    system="prometheus",
    read=Alerting("silences"),
    wire=SilenceWire,
    row=row,
    fields=Silence,
    name_field="matchers",
    columns=(
        Column("matchers", "ALERTS", "name", 1, help="all conditions must hold"),
        Column("state", "STATE", "status", 1, help="active, pending or expired"),
        Column("left", "LEFT", "duration", 2, help="until it ends"),
        Column("created_by", "BY", "text", 2),
        Column("comment", "WHY", "text", 3),
        Column("ends", "UNTIL", "time", 5, wide=True),
        Column("starts", "SINCE", "time", 4, fresh=0.0),
        Column("everything", "EVERYTHING", "flag", 6, wide=True, help="it hides every alert"),
        Column("updated", "UPDATED", "time", 7, wide=True),
        Column("id", "ID", "id", 7, wide=True),
    ),
    sort=("state", "ends"),
    health=health,
    rollup=Count("silences"),
    links=(Link("alerts", "silenced_by", "id", "alerts that it hides"),),
    period=30.0,
    list_command="amtool silence query",
)
