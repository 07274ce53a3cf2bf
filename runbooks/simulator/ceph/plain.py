"""The status and the health of the cluster in words, line by line as `ceph -s` and `ceph health detail` print them."""

from __future__ import annotations

from collections.abc import Iterator

from runbooks.simulator.ceph.managers import progress_events
from runbooks.simulator.ceph.osds import flag_list
from runbooks.simulator.ceph.status import traffic
from runbooks.simulator.model.ceph import WARN_FLAGS, Ceph
from runbooks.simulator.model.ceph.words import counted, percent, size, span

_GAP = " "
"""Ceph's empty lines have a blank."""


def status(ceph: Ceph) -> str:
    """`ceph -s`."""
    return "".join(f"{line}\n" for line in _status(ceph))


def _status(ceph: Ceph) -> Iterator[str]:
    checks, muted = ceph.checks(), ceph.reports.mutes
    yield "  cluster:"
    yield f"    id:     {ceph.fsid}"
    yield f"    health: {ceph.status()}"
    yield from (f"            {check.message}" for code, check in checks.items() if code not in muted)
    if muted:
        yield f"            {_muted(ceph)}"
    yield _GAP
    yield "  services:"
    yield from _services(ceph)
    yield _GAP
    yield "  data:"
    yield from _data(ceph)
    yield _GAP
    yield from _io(ceph)
    for event in progress_events(ceph):
        lasted = span(ceph.now - event["started_at"])
        full = int(event["progress"] * 28)
        yield "  progress:"
        yield f"    {event['message']} ({lasted})"
        yield f"      [{'=' * full}{'.' * (28 - full)}] (remaining: {span(event['time_remaining'])})"
        yield _GAP


def _muted(ceph: Ceph) -> str:
    return "(muted:" + "".join(f" {mute.code}{_left(ceph, mute.until)}" for mute in ceph.reports.mutes.values()) + ")"


def _left(ceph: Ceph, until: float | None) -> str:
    return f"({span(until - ceph.now)})" if until is not None else ""


def _services(ceph: Ceph) -> Iterator[str]:
    mons, managers, now = ceph.monitors, ceph.managers, ceph.now
    out = f", out of quorum: {', '.join(mons.out())}" if mons.out() else ""
    age = span(now - mons.elected)
    yield f"    mon: {len(mons.names)} daemons, quorum {','.join(mons.quorum)} (age {age}){out}"
    if managers.active:
        since = "" if not managers.available(now) else f", since {span(now - managers.changed)}"
        word = "active" if managers.available(now) else "active, starting"
        standbys = f", standbys: {', '.join(managers.standbys)}" if managers.standbys else ""
        yield f"    mgr: {managers.active}({word}{since}){standbys}"
    else:
        yield f"    mgr: no daemons active (since {span(now - managers.gone)})"
    yield f"    osd: {osd_line(ceph)}"
    flags = [flag for flag in flag_list(ceph) if flag in WARN_FLAGS]
    if flags:
        yield f"         flags {','.join(flags)}"


def osd_line(ceph: Ceph) -> str:
    """`9 osds: 8 up (since 4s), 9 in (since 3w); 12 remapped pgs`."""
    osds, now = ceph.osds.values(), ceph.now
    remapped = sum("remapped" in stat.state for stat in ceph.pgmap().stats)
    up = f"{sum(osd.up for osd in osds)} up (since {span(now - ceph.up_changed)})"
    inside = f"{sum(osd.inside for osd in osds)} in (since {span(now - ceph.in_changed)})"
    return f"{len(osds)} osds: {up}, {inside}" + (f"; {remapped} remapped pgs" if remapped else "")


def _data(ceph: Ceph) -> Iterator[str]:
    pgmap = ceph.pgmap()
    yield f"    pools:   {len(ceph.pools)} pools, {len(pgmap.stats)} pgs"
    yield f"    objects: {counted(pgmap.objects)} objects, {size(pgmap.stored)}"
    yield f"    usage:   {size(pgmap.total_used)} used, {size(pgmap.available)} / {size(pgmap.total)} avail"
    lines = []
    inactive = sum("active" not in stat.state.split("+") for stat in pgmap.stats)
    if inactive:
        lines.append(f"{percent(inactive, len(pgmap.stats))}% pgs not active")
    for word, part in (("degraded", pgmap.degraded), ("misplaced", pgmap.misplaced)):
        if part:
            lines.append(f"{part}/{pgmap.copies} objects {word} ({percent(part, pgmap.copies)}%)")
    width = max((len(str(count)) for _, count in pgmap.states), default=1)
    lines += [f"{count:<{width}} {name}" for name, count in pgmap.states]
    for place, line in enumerate(lines):
        yield f"{'    pgs:     ' if not place else '             '}{line}"


def _io(ceph: Ceph) -> Iterator[str]:
    now = traffic(ceph)
    if not now:
        return
    yield "  io:"
    if "read_bytes_sec" in now:
        rates = f"{size(now['read_bytes_sec'])}/s rd, {size(now['write_bytes_sec'])}/s wr"
        yield f"    client:   {rates}, {now['read_op_per_sec']} op/s rd, {now['write_op_per_sec']} op/s wr"
    if "recovering_bytes_per_sec" in now:
        speed = size(now["recovering_bytes_per_sec"])
        yield f"    recovery: {speed}/s, {now['recovering_objects_per_sec']} objects/s"
    yield _GAP


def health(ceph: Ceph, *, detail: bool) -> str:
    """`ceph health`, `ceph health detail`."""
    checks, mutes = ceph.checks(), ceph.reports.mutes
    words = "; ".join(check.message for code, check in checks.items() if code not in mutes)
    first = ceph.status() + (f" {words}" if words else "") + (f" {_muted(ceph)}" if mutes else "")
    lines = [first]
    for code, check in checks.items() if detail else ():
        level = {"HEALTH_ERR": "ERR", "HEALTH_WARN": "WRN"}[check.severity]
        mute = mutes.get(code)
        ttl = f" ttl {span(mute.until - ceph.now)}" if mute and mute.until is not None else ""
        sticky = ", STICKY" if mute and mute.sticky else ""
        before = f"(MUTED{ttl}{sticky}) " if mute else ""
        lines.append(f"{before}[{level}] {code}: {check.message}")
        lines += [f"    {line}" for line in check.details]
    return "\n".join(lines) + "\n"
