"""Active alerts of Alertmanager, also those that nobody is told about because they are silenced or inhibited.

The label `severity` decides how bad an alert is; words differ from site to site. One that is silenced is ok and says
so, with the reason that somebody gave.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from collectors.health import Health, Level, ok, unknown
from collectors.kind import Column, Kind, Link, Reading, Row, Wire
from collectors.kinds._shared import listed, moment, pairs, word
from collectors.request import Alerting
from collectors.rollup import Worst
from collectors.values import age

_CRITICAL: Final = ("critical", "crit", "page", "emergency", "emerg", "fatal", "disaster", "error", "high", "p1")
_WARNING: Final = ("warning", "warn", "major", "minor", "average", "medium", "ticket", "p2", "p3")
_NOTICE: Final = ("info", "informational", "notice", "none", "low", "debug", "ok", "p4", "p5")
_SUMMARIES: Final = ("summary", "message", "description", "title")
_SHOWN: Final = ("alertname", "severity", "host", "instance", "job")


class StatusWire(msgspec.Struct, gc=False):
    """Whether somebody is told about it."""

    state: str = ""
    silencedBy: list[str] = []  # noqa: N815  their names
    inhibitedBy: list[str] = []  # noqa: N815


class SilenceWire(msgspec.Struct, gc=False):
    """What was said when it was silenced."""

    comment: str = ""
    createdBy: str = ""  # noqa: N815
    endsAt: str | None = None  # noqa: N815


class AlertWire(Wire):
    """One of `GET /api/v2/alerts`."""

    fingerprint: str
    labels: Mapping[str, str] = msgspec.field(default_factory=dict)
    annotations: Mapping[str, str] = msgspec.field(default_factory=dict)
    host: str | None = None
    startsAt: str | None = None  # noqa: N815
    updatedAt: str | None = None  # noqa: N815
    endsAt: str | None = None  # noqa: N815
    generatorURL: str | None = None  # noqa: N815
    status: StatusWire | None = None
    receivers: list[dict[str, Any]] | None = None
    inhibited_by: list[str] | None = None
    silences: list[SilenceWire] | None = None


class Alert(Row, frozen=True):
    """One active alert."""

    id: str
    name: str
    severity: str | None
    state: str | None
    since: float | None
    summary: str | None
    host: str | None
    instance: str | None
    job: str | None
    silenced_by: str | None
    silence: str | None
    inhibited_by: str | None
    labels: str | None
    description: str | None
    updated: float | None
    ends: float | None
    receivers: str | None
    url: str | None
    runbook: str | None


def _silence(silence: SilenceWire, now: float) -> str:
    """`RAM swap (ana), 2 h left`: what whoever silenced it said."""
    ends = moment(silence.endsAt)
    left = f", {age(ends - now)} left" if ends is not None and ends > now else ""
    return f"{silence.comment or 'no reason given'} ({silence.createdBy or 'nobody'}){left}"


def row(wire: AlertWire, reading: Reading) -> Alert:
    """The first line of the best annotation is the summary."""
    labels, told, status = wire.labels, wire.annotations, wire.status or StatusWire()
    text = next((told[name] for name in _SUMMARIES if told.get(name)), None)
    rest = {name: value for name, value in labels.items() if name not in _SHOWN}
    return Alert(
        id=wire.fingerprint,
        name=word(labels.get("alertname")) or wire.fingerprint,
        severity=word(labels.get("severity")),
        state=word(status.state),
        since=moment(wire.startsAt),
        summary=text.strip().split("\n")[0] if text else None,
        host=word(wire.host),
        instance=word(labels.get("instance")),
        job=word(labels.get("job")),
        silenced_by=listed(status.silencedBy),
        silence=listed(_silence(each, reading.now) for each in wire.silences or ()),
        inhibited_by=word(listed(wire.inhibited_by or status.inhibitedBy)),
        labels=pairs(rest),
        description=told.get("description") or None,
        updated=moment(wire.updatedAt),
        ends=moment(wire.endsAt),
        receivers=word(listed(each.get("name") for each in wire.receivers or ())),
        url=wire.generatorURL or None,
        runbook=told.get("runbook_url") or told.get("runbook") or None,
    )


def health(alert: Alert, now: float) -> Health:
    """As bad as its severity says; silenced or inhibited is ok and said."""
    if alert.silenced_by:
        return ok(f"silenced: {alert.silence or 'nobody says why'}")
    if alert.inhibited_by:
        return ok(f"held back while {alert.inhibited_by} fires (inhibited)")
    lasting = "" if alert.since is None or now - alert.since < 10 else f", for {age(now - alert.since)}"
    text = f"{alert.summary or 'fires'}{lasting}"
    level = _level(alert.severity)
    if level is None:
        named = f"its severity {alert.severity} is none that we know" if alert.severity else "it has no severity"
        return Health("warning", f"{text} ({named})")
    if alert.state not in ("active", "unprocessed"):
        return unknown(f"state is {alert.state or 'missing'}")
    return Health(level, text)


def _level(severity: str | None) -> Level | None:
    found = (severity or "").lower()
    levels: tuple[tuple[tuple[str, ...], Level], ...] = (
        (_CRITICAL, "critical"), (_WARNING, "warning"), (_NOTICE, "ok"),
    )  # fmt: skip
    return next((level for words, level in levels if found in words), None)


KIND = Kind(
    name="alerts",
    title="Alerts",
    aliases=("alert", "alertmanager"),
    about="one row per active alert: severity, since when, summary, silenced or inhibited",
    system="prometheus",
    read=Alerting("alerts"),
    wire=AlertWire,
    row=row,
    fields=Alert,
    columns=(
        Column("name", "ALERT", "name", 1),
        Column("severity", "SEVERITY", "status", 2, help="the label; words of which we do not know are a warning"),
        Column("host", "HOST", "ref", 2, help="the site's, by the alert's labels"),
        Column("since", "SINCE", "time", 2, fresh=0.0),
        Column("state", "STATE", "status", 3, help="active, or suppressed: silenced or inhibited"),
        Column("summary", "SUMMARY", "text", 4),
        Column("silence", "SILENCED", "text", 5, help="why, by whom, for how long"),
        Column("inhibited_by", "INHIBITED BY", "text", 6, help="alerts that say more"),
        Column("instance", "INSTANCE", "text", 6),
        Column("job", "JOB", "text", 6),
        Column("labels", "LABELS", "text", 7, wide=True, help="the others"),
        Column("description", "DESCRIPTION", "text", 7, wide=True),
        Column("runbook", "RUNBOOK", "url", 7, wide=True, help="as its rule names it"),
        Column("silenced_by", "SILENCE", "id", 8, wide=True),
        Column("receivers", "RECEIVERS", "text", 8, wide=True),
        Column("updated", "UPDATED", "time", 8, wide=True, help="when Prometheus last said so"),
        Column("ends", "ENDS", "time", 8, wide=True, help="unless Prometheus says it again"),
        Column("url", "URL", "url", 8, wide=True, help="the query behind it"),
        Column("id", "ID", "id", 8, wide=True, help="its fingerprint"),
    ),
    sort=("name", "host"),
    health=health,
    rollup=Worst("alerts", "muted", well="state=suppressed", none="ok", brief=True),
    links=(
        Link("hosts", "name", "host", "its host"),
        Link("units", "host", "host", "units on its host"),
        Link("targets", "instance", "instance", "the target"),
        Link("silences", "id", "silenced_by", "its silence", "state=suppressed"),
    ),
    element="alert@{host}",
    list_command="amtool alert query",
)
