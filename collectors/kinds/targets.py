"""What Prometheus scrapes: is each target up, what went wrong, and how old what it knows of it is.

A target that was not scraped for three of its intervals is unknown, whatever Prometheus thinks of it: old data is no
news. Ages are by Prometheus' own clock.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

import msgspec

from collectors.health import OK, Health, critical, unknown
from collectors.kind import Column, Kind, Link, Reading, Row, Wire
from collectors.kinds._shared import ago, moment, pairs, word
from collectors.request import ScrapeTargets
from collectors.rollup import Share
from collectors.values import age

USUAL_INTERVAL: Final = 60.0
"""Prometheus' own default; versions before 2.28 do not tell."""
_UNITS: Final = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_OWN_LABELS: Final = ("job", "instance", "host", "__name__")


class TargetWire(Wire):
    """One of `activeTargets`."""

    scrapeUrl: str  # noqa: N815  their names
    scrapePool: str = ""  # noqa: N815
    globalUrl: str = ""  # noqa: N815
    labels: Mapping[str, str] = msgspec.field(default_factory=dict)
    host: str | None = None
    health: str | None = None
    lastError: str | None = None  # noqa: N815
    lastScrape: str | None = None  # noqa: N815
    lastScrapeDuration: float | None = None  # noqa: N815
    scrapeInterval: str | None = None  # noqa: N815


class Target(Row, frozen=True):
    """One address that is scraped."""

    id: str
    name: str
    job: str | None
    instance: str | None
    host: str | None
    state: str | None
    error: str | None
    last_scrape: float | None
    took: float | None
    interval: float | None
    url: str | None
    pool: str | None
    labels: str | None


def seconds(text: str | None) -> float | None:
    """`1m30s`, `15s`, `500ms` in seconds; None for anything else."""
    parts = re.findall(r"(\d+)(ms|[smhd])", text or "")
    return sum(int(number) * _UNITS[unit] for number, unit in parts) or None


def _without_user(url: str) -> str:
    return re.sub(r"://[^/@]*@", "://", url)


def row(wire: TargetWire, reading: Reading) -> Target:
    """Named by job and host, where the host is known, else by instance."""
    labels, url = wire.labels, _without_user(wire.scrapeUrl)
    job, instance = labels.get("job") or wire.scrapePool, labels.get("instance") or ""
    host = wire.host
    rest = {name: value for name, value in labels.items() if name not in _OWN_LABELS}
    return Target(
        id=f"{wire.scrapePool} {url}" if wire.scrapePool else url,
        name=f"{job} on {host}" if host else f"{job} {instance}".strip(),
        job=word(job),
        instance=word(instance),
        host=word(host),
        state=word(wire.health),
        error=wire.lastError or None,
        last_scrape=moment(wire.lastScrape),
        took=None if wire.lastScrapeDuration is None else round(wire.lastScrapeDuration, 3),
        interval=seconds(wire.scrapeInterval),
        url=url,
        pool=word(wire.scrapePool),
        labels=pairs(rest),
    )


def health(target: Target, now: float) -> Health:
    """Down is critical with the error's own words; what was not scraped for long is unknown."""
    if target.last_scrape is None:
        return unknown("not scraped yet")
    old, interval = now - target.last_scrape, target.interval or USUAL_INTERVAL
    if old > 3 * interval:
        meant = age(interval) if interval >= 60 else f"{interval:g} s"
        was = f"was {target.state}, " if target.state else ""
        return unknown(f"{was}last scraped {ago(old)}, though every {meant} is meant: Prometheus stands still")
    match target.state:
        case "up":
            return OK
        case "down":
            return critical(f"down: {_cause(target.error)}")
    return unknown(f"state is {target.state or 'missing'}")


def _cause(error: str | None) -> str:
    """The end of Go's chain of causes: `connect: connection refused`, `context deadline exceeded`."""
    if not error:
        return "no reason given"
    found = re.search(r"(?:dial tcp|read tcp|dial udp) [^ ]+: (.*)$", error)
    if "context deadline exceeded" in error:
        return "no answer in time"
    return found[1].removeprefix("connect: ") if found else re.sub(r'^(?:Get|Post) "[^"]*": ', "", error)


KIND = Kind(
    name="targets",
    title="Scrape targets",
    aliases=("target", "scrapes", "exporters"),
    about="one row per address that Prometheus scrapes: up or down, the last error, how old its data is",
    system="prometheus",
    read=ScrapeTargets(),
    wire=TargetWire,
    row=row,
    fields=Target,
    columns=(
        Column("name", "TARGET", "name", 1),
        Column("state", "STATE", "status", 1, help="Prometheus' own word: up, down, unknown"),
        Column("last_scrape", "SCRAPED", "time", 2, fresh=60.0, help="by Prometheus' own clock"),
        Column("took", "TOOK", "duration", 3, help="the last scrape"),
        Column("error", "ERROR", "text", 4, help="of the last scrape, in Prometheus' words"),
        Column("instance", "INSTANCE", "text", 4),
        Column("job", "JOB", "text", 5),
        Column("host", "HOST", "ref", 5, help="the site's, by the target's labels"),
        Column("interval", "EVERY", "duration", 6, wide=True),
        Column("url", "URL", "url", 7, wide=True),
        Column("labels", "LABELS", "text", 7, wide=True, help="the others"),
        Column("pool", "POOL", "text", 8, wide=True),
        Column("id", "ID", "id", 8, wide=True),
    ),
    sort=("job", "name"),
    health=health,
    rollup=Share("targets", "up", by="job", well="state=up", bad="down"),
    links=(
        Link("hosts", "name", "host", "its host"),
        Link("units", "host", "host", "units on its host"),
        Link("alerts", "instance", "instance", "alerts about it"),
    ),
    element="{job}@{host}",
    period=15.0,
    list_command="curl -s PROMETHEUS/api/v1/targets?state=active",
)
