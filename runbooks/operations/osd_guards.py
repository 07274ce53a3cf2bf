"""What must hold before an OSD is taken out, marked down or restarted: room elsewhere, one host only, Ceph's word."""

from __future__ import annotations

from typing import Any, Final

from runbooks.guards import some
from runbooks.operation import Asked, Guard, Verdict, is_closed, is_open, is_unknown
from runbooks.operations.osd_space import Osd, fullest

STAYS: Final = "no other OSD may take its copies (as many hosts as copies): nothing moves"


def capacity(asked: Asked) -> Verdict:
    """What would leave it fits where it goes, below the ratio from which on OSDs take no more."""
    row = asked.row
    gone = set(asked.also) | {asked.identity}
    weight = float(asked.values["weight"]) if "weight" in asked.values else 0.0
    if weight and row.reweight is not None and weight >= row.reweight:
        return is_open("it takes more, and gives nothing away")
    rows = asked.cloud.rows("osds")
    pools = [pool for pool in asked.cloud.rows("pools") if pool.size]
    lacking = [each.name for each in rows if each.in_cluster and (each.size is None or each.kb_used is None)]
    if lacking or row.takes_until is None or not pools:
        return is_unknown(f"how full {some(lacking) if lacking else 'they may be'} is not known")
    osds = [
        Osd(each.id, each.host or "", each.size, each.kb_used, each.up is True)
        for each in rows
        if each.in_cluster and each.size
    ]
    share = 1.0 if not weight or not row.reweight else 1.0 - weight / row.reweight
    if row.in_cluster is False:
        return is_open("it is out: no data belongs to it")
    found = fullest(osds, gone, max(pool.size for pool in pools), share)
    if found is None:
        return is_open(STAYS)
    words = f"the fullest of the others is then at {found.percent:.0f} %, no more is taken at {row.takes_until:.0f} %"
    if found.percent >= row.takes_until:
        return is_closed(f"{words}: free some, or add an OSD")
    return is_open(words)


def _domain(asked: Asked) -> Verdict:
    """Nothing on another host is down or out, and all targets are on one host."""
    snapshot = asked.cloud.snapshot("osds")
    rows = asked.cloud.rows("osds")
    hosts = {each.host for each in rows if each.id in asked.also}
    if len(hosts) > 1:
        return is_closed(f"the targets are on {some(sorted(str(host) for host in hosts))}: one host after the other")
    others = [
        each.name
        for each in rows
        if each.host != asked.row.host and (each.up is False or each.in_cluster is False) and _counts(each)
    ]
    if others:
        return is_closed(f"{some(others)} on another host is down or out as well: mend that first")
    return is_unknown(str(snapshot.errors[0])) if snapshot.errors else is_open("nothing is down or out on other hosts")


def _counts(row: Any) -> bool:
    return not {"destroyed", "new"} & set((row.state or "").split(", "))


def _may_stop(asked: Asked) -> Verdict:
    if asked.row.up is False:
        return is_open("it is down already")
    if asked.row.ok_to_stop is None:
        return is_unknown("Ceph does not say whether it may stop: is a manager active? nephoscope get mgrs")
    if not asked.row.ok_to_stop:
        count = asked.row.stops_groups
        return is_closed(f"ceph osd ok-to-stop says no: {count} groups would stop; wait until they are whole")
    return is_open("ceph osd ok-to-stop says yes")


CAPACITY = Guard("capacity", capacity, "what moves fits below the ratio from which on OSDs take no more")
DOMAIN = Guard("one-at-a-time", _domain, "no OSD on another host is down or out, all targets are on one host")
MAY_STOP = Guard("ok-to-stop", _may_stop, "Ceph says that no client would wait")
