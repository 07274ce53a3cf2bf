"""The health checks of the cluster: codes, severities, summaries and details, as the monitors word them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from runbooks.simulator.model.ceph.health_groups import group_checks
from runbooks.simulator.model.ceph.monitors import SKEW_LIMIT
from runbooks.simulator.model.ceph.words import stamp_z

if TYPE_CHECKING:
    from runbooks.simulator.model.ceph import Ceph
    from runbooks.simulator.model.ceph.pgmap import PgMap

COMPLAINT = 30.0
"""`osd_op_complaint_time`: a request that takes longer counts as slow."""
RECENT = 14 * 86400.0
"""`mgr/crash/warn_recent_interval`."""
MOST_DETAILS = 50
"""`mon_health_max_detail`."""
_MAX_SECONDS = 45


@dataclass(frozen=True, slots=True)
class Check:
    """One raised check."""

    code: str
    severity: str
    message: str
    count: int
    details: tuple[str, ...] = ()


def checks(ceph: Ceph, pgmap: PgMap, now: float) -> dict[str, Check]:
    """All that are raised, sorted by code."""
    found = [
        *_monitors(ceph),
        *_managers(ceph),
        *_osds(ceph),
        *_flags(ceph),
        *_space(ceph, pgmap),
        *_slow(ceph, now),
        *_crashes(ceph, now),
        *_pools(ceph, pgmap),
        *(Check(*each) for each in group_checks(pgmap, now)),
    ]
    return {check.code: check for check in sorted(found, key=lambda check: check.code)}


def status(found: dict[str, Check], muted: frozenset[str] = frozenset()) -> str:
    """`HEALTH_OK`, `HEALTH_WARN` or `HEALTH_ERR` of what is not muted."""
    severities = {check.severity for code, check in found.items() if code not in muted}
    return next((word for word in ("HEALTH_ERR", "HEALTH_WARN") if word in severities), "HEALTH_OK")


def _check(code: str, message: str, details: list[str], count: int, severity: str = "HEALTH_WARN") -> Check:
    return Check(code, severity, message, count, tuple(islice(details, MOST_DETAILS)))


def _monitors(ceph: Ceph) -> Iterator[Check]:
    mons = ceph.monitors
    if (out := mons.out()) and mons.quorum:
        details = [
            f"mon.{name} (rank {mons.rank(name)}) addr {ceph.mon_address(name)} is down (out of quorum)" for name in out
        ]
        words = f"{len(out)}/{len(mons.names)} mons down, quorum {','.join(mons.quorum)}"
        yield _check("MON_DOWN", words, details, len(out))
    skewed = [name for name in mons.quorum if abs(mons.skew(name)) > SKEW_LIMIT]
    if skewed:
        details = [
            f"mon.{name} clock skew {abs(mons.skew(name)):.6g}s > max {SKEW_LIMIT:g}s "
            f"(latency {ceph.latency(name):.6g}s)"
            for name in skewed
        ]
        named = ", ".join(f"mon.{name}" for name in skewed)
        yield _check("MON_CLOCK_SKEW", f"clock skew detected on {named}", details, len(skewed))


def _managers(ceph: Ceph) -> Iterator[Check]:
    if not ceph.managers.active:
        yield _check("MGR_DOWN", "no active mgr", [], 0)


def _osds(ceph: Ceph) -> Iterator[Check]:
    down = [osd for osd in ceph.osds.values() if not osd.up and osd.inside]
    if not down:
        return
    details = [f"{osd.name} (root=default,host={osd.host}) is down" for osd in down]
    yield _check("OSD_DOWN", f"{len(down)} osds down", details, len(down))
    hosts = []
    for host in ceph.hosts:
        own = [osd for osd in ceph.osds.values() if osd.host == host and osd.inside]
        if own and not any(osd.up for osd in own):
            hosts.append((host, len(own)))
    if hosts:
        total, plural = sum(count for _, count in hosts), "s" if len(hosts) > 1 else ""
        details = [f"host {host} (root=default) ({count} osds) is down" for host, count in hosts]
        yield _check("OSD_HOST_DOWN", f"{len(hosts)} host{plural} ({total} osds) down", details, len(hosts))


def _flags(ceph: Ceph) -> Iterator[Check]:
    named = ",".join(ceph.warning_flags())
    if named:
        yield _check("OSDMAP_FLAGS", f"{named} flag(s) set", [], len(named))

    some = [f"osd.{osd.id} has flags {','.join(sorted(osd.flags))}" for osd in ceph.osds.values() if osd.flags]
    for name, flags in ceph.node_flags.items():
        what = "host" if name in ceph.hosts else "root"
        some.append(f"{what} {name} has flags {','.join(sorted(flags))}")
    if some:
        words = "OSDs or CRUSH {nodes, device-classes} have {NOUP,NODOWN,NOIN,NOOUT} flags set"
        yield _check("OSD_FLAGS", f"{len(some)} {words}", some, len(some))


def _space(ceph: Ceph, pgmap: PgMap) -> Iterator[Check]:
    worst = ""
    for state, code, words, severity in (
        ("full", "OSD_FULL", "full", "HEALTH_ERR"),
        ("backfillfull", "OSD_BACKFILLFULL", "backfill full", "HEALTH_WARN"),
        ("nearfull", "OSD_NEARFULL", "near full", "HEALTH_WARN"),
    ):
        named = [osd for osd in ceph.osds if ceph.fullness(osd, pgmap) == state]
        if named:
            worst = worst or state
            details = [f"osd.{osd} is {words}" for osd in named]
            yield _check(code, f"{len(named)} {state} osd(s)", details, len(named), severity)
    if worst:
        said = {"full": "full (no space)"}.get(worst, worst)
        details = [f"pool '{pool.name}' is {said}" for pool in ceph.pools.values()]
        yield _check(f"POOL_{worst.upper()}", f"{len(ceph.pools)} pool(s) {worst}", details, len(ceph.pools))


def _slow(ceph: Ceph, now: float) -> Iterator[Check]:
    slow = [
        osd for osd in ceph.osds.values() if osd.slow_since is not None and osd.up and now - osd.slow_since >= COMPLAINT
    ]
    if not slow:
        return
    began = min(osd.slow_since or now for osd in slow)
    waiting = sorted({osd for each in slow for osd in ceph.waiting_for(each.id)})
    seconds = int(min(now - began, COMPLAINT + (now - began) % (_MAX_SECONDS - COMPLAINT)))
    count = 4 * len(waiting) + int(now - began) % 7
    named = ",".join(f"osd.{osd}" for osd in waiting)
    words = f"{count} slow ops, oldest one blocked for {seconds} sec, daemons [{named}] have slow ops."
    yield _check("SLOW_OPS", words, [], 1)


def _crashes(ceph: Ceph, now: float) -> Iterator[Check]:
    recent = [crash for crash in ceph.reports.recent() if now - crash.at < RECENT]
    if recent:
        details = [f"{crash.entity} crashed on host {crash.host} at {stamp_z(crash.at)}" for crash in recent]
        yield _check("RECENT_CRASH", f"{len(recent)} daemons have recently crashed", details, len(recent))


def _pools(ceph: Ceph, pgmap: PgMap) -> Iterator[Check]:
    without = [
        p for p in ceph.pools.values() if not p.application and p.id in pgmap.usage and pgmap.usage[p.id].objects
    ]
    if without:
        details = [f"application not enabled on pool '{pool.name}'" for pool in without]
        details.append(
            "use 'ceph osd pool application enable <pool-name> <app-name>', where <app-name> is 'cephfs', 'rbd', "
            "'rgw', or freeform for custom applications."
        )
        words = f"{len(without)} pool(s) do not have an application enabled"
        yield _check("POOL_APP_NOT_ENABLED", words, details, len(without))
