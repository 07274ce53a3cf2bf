"""The OSDs of Ceph: up or down, in or out, how full, how slow, on which host.

An OSD that is down and still in is the one that matters: its data has fewer copies until it is back or out. One that
hangs stays up for a while; `SLOW_OPS` names those that wait for it, not it.
"""

from __future__ import annotations

from typing import Any, Final

from collectors.health import OK, Health, critical, unknown, warning
from collectors.kind import Column, Kind, Link, Reading, Row, Runs, Wire
from collectors.kinds._shared import ago, listed, word
from collectors.kinds.mons import short
from collectors.request import Ceph
from collectors.rollup import Share
from collectors.trend import Trend
from collectors.values import epoch

_FULL: Final = ("full", "backfillfull", "nearfull")
"""States by rising harmlessness."""
_FLAGS: Final = ("noup", "nodown", "noin", "noout")


class OsdWire(Wire, rename={"in_": "in"}):
    """`osd dump`'s OSD with its node of `osd tree`, and what `osd df`, `osd perf` and `osd metadata` say of it."""

    osd: int
    up: int | None = None
    in_: int | None = None
    weight: float | None = None
    primary_affinity: float | None = None
    state: list[str] | None = None
    public_addr: str | None = None
    up_from: int | None = None
    down_at: int | None = None
    backfillfull: float | None = None
    stop: dict[str, Any] | None = None
    destroy: dict[str, Any] | None = None
    changed: str | None = None
    tree: dict[str, Any] | None = None
    df: dict[str, Any] | None = None
    perf: dict[str, Any] | None = None
    metadata: dict[str, Any] | None = None
    slow: str = ""
    unread: str | None = None


class Osd(Row, frozen=True):
    """One OSD."""

    id: str
    number: int
    name: str
    host: str | None
    up: bool | None
    in_cluster: bool | None
    used: float | None
    kb_used: int | None
    size: int | None
    pgs: int | None
    latency: float | None
    device_class: str | None
    crush_weight: float | None
    reweight: float | None
    primary_affinity: float | None
    down_since: float | None
    up_from: int | None
    down_at: int | None
    takes_until: float | None
    ok_to_stop: bool | None
    stops_groups: int | None
    safe_to_destroy: bool | None
    state: str | None
    flags: str | None
    version: str | None
    device: str | None
    objectstore: str | None
    address: str | None
    slow: str | None
    trouble: str | None


def _number(found: Any) -> float | None:
    return found if isinstance(found, int | float) and not isinstance(found, bool) else None


def _truth(found: Any) -> bool | None:
    return found if isinstance(found, bool) else None


def _kib(found: Any) -> int | None:
    value = _number(found)
    return None if value is None else round(value * 1024)


def row(wire: OsdWire, reading: Reading) -> Osd:
    """Latency is of commits, in seconds; when it went down is known of the OSD that changed last."""
    tree, df, about, states = wire.tree or {}, wire.df or {}, wire.metadata or {}, wire.state or ()
    latency = _number((wire.perf or {}).get("commit_latency_ms"))
    used = _number(df.get("utilization"))
    up = None if wire.up is None else wire.up == 1
    return Osd(
        id=str(wire.osd),
        number=wire.osd,
        name=f"osd.{wire.osd}",
        host=word(tree.get("host") or about.get("hostname")),
        up=up,
        in_cluster=None if wire.in_ is None else wire.in_ == 1,
        used=None if used is None else round(used, 1),
        kb_used=_kib(df.get("kb_used")),
        size=_kib(df.get("kb")),
        pgs=round(pgs) if (pgs := _number(df.get("pgs"))) is not None else None,
        latency=None if latency is None else latency / 1000.0,
        device_class=word(tree.get("device_class")),
        crush_weight=_rounded(tree.get("crush_weight")),
        reweight=_rounded(wire.weight),
        primary_affinity=_rounded(wire.primary_affinity),
        down_since=epoch(wire.changed) if up is False else None,
        up_from=wire.up_from,
        down_at=wire.down_at,
        takes_until=None if wire.backfillfull is None else round(100.0 * wire.backfillfull, 1),
        ok_to_stop=_truth((wire.stop or {}).get("ok_to_stop")),
        stops_groups=(wire.stop or {}).get("num_not_ok_pgs"),
        # The exit status says nothing with JSON: the list does.
        safe_to_destroy=None if not wire.destroy else wire.osd in (wire.destroy.get("safe_to_destroy") or ()),
        state=listed(state for state in states if state not in _FLAGS),
        flags=listed(state for state in states if state in _FLAGS),
        version=word(short(about.get("ceph_version"))),
        device=word(about.get("devices") or about.get("bluestore_bdev_devices")),
        objectstore=word(about.get("osd_objectstore")),
        address=wire.public_addr.partition("/")[0] if wire.public_addr else None,
        slow=wire.slow or None,
        trouble=wire.unread,
    )


def _rounded(found: Any) -> float | None:
    value = _number(found)
    return None if value is None else round(value, 4)


def health(osd: Osd, now: float) -> Health:
    """Down is critical while its data counts on it; then fullness, slowness, and that it is out."""
    if osd.up is None:
        return unknown("the map does not say whether it is up")
    states = (osd.state or "").split(", ")
    if "destroyed" in states:
        return warning("destroyed: its id is kept for its successor")
    if not osd.up:
        gone = f"down {ago(now - osd.down_since)}" if osd.down_since else "down"
        if "new" in states:
            return warning("new, and never started")
        if osd.in_cluster:
            return critical(f"{gone}, still in: its data has a copy less")
        return warning(f"{gone}, and out: its data belongs to others now")
    if "full" in states:
        return critical(f"full{_at(osd)}: clients cannot write")
    for state in _FULL[1:]:
        if state in states:
            more = ": it takes no more data from others" if state == "backfillfull" else ""
            return warning(f"{state}{_at(osd)}{more}")
    if osd.slow:
        return warning(f"operations wait: {osd.slow}")
    if osd.in_cluster is False:
        return warning("up, but out: no data belongs to it")
    return OK


def _at(osd: Osd) -> str:
    return f" at {osd.used:.0f} %" if osd.used is not None else ""


KIND = Kind(
    name="osds",
    title="Ceph OSDs",
    aliases=("osd", "ceph-osds"),
    about="one row per OSD: up, in, fill level, latency, host, placement groups",
    system="ceph",
    read=Ceph("osds", one="osd"),
    wire=OsdWire,
    row=row,
    fields=Osd,
    columns=(
        Column("name", "OSD", "name", 1),
        Column("host", "HOST", "ref", 1),
        Column("up", "UP", "flag", 1),
        Column("in_cluster", "IN", "flag", 1, help="data belongs to it"),
        Column("used", "USED", "percent", 2),
        Column("size", "SIZE", "bytes", 3),
        Column("pgs", "PGS", "number", 3, help="placement groups that are on it"),
        Column("latency", "COMMIT", "duration", 4, help="latency of a write; the last value of one that hangs"),
        Column("device_class", "CLASS", "text", 5),
        Column("reweight", "REWEIGHT", "number", 5, help="1 takes its whole share, 0 is out"),
        Column("down_since", "DOWN SINCE", "time", 4, fresh=0.0),
        Column("flags", "FLAGS", "text", 6, wide=True),
        Column("ok_to_stop", "MAY STOP", "flag", 6, wide=True, help="no client would wait; asked of one OSD alone"),
        Column("stops_groups", "WOULD STOP", "number", 7, wide=True, help="groups that would be inactive without it"),
        Column("safe_to_destroy", "MAY GO", "flag", 7, wide=True, help="no copy would be lost; asked of one OSD alone"),
        Column("takes_until", "TAKES UNTIL", "percent", 7, wide=True, help="fuller, it takes no data from others"),
        Column("up_from", "UP FROM", "number", 8, wide=True, help="epoch of the map when it came up"),
        Column("down_at", "DOWN AT", "number", 8, wide=True, help="epoch of the map when it went down"),
        Column("state", "STATE", "text", 6, wide=True),
        Column("version", "VERSION", "text", 6, wide=True),
        Column("kb_used", "BYTES USED", "bytes", 6, wide=True),
        Column("crush_weight", "WEIGHT", "number", 6, wide=True, help="its share, in TiB"),
        Column("primary_affinity", "AFFINITY", "number", 7, wide=True, help="how readily it leads a group"),
        Column("device", "DEVICE", "text", 7, wide=True),
        Column("objectstore", "STORE", "text", 8, wide=True),
        Column("address", "ADDRESS", "text", 8, wide=True),
        Column("slow", "SLOW", "text", 8, wide=True),
        Column("trouble", "TROUBLE", "text", 8, wide=True, help="why fill levels are missing"),
        Column("number", "NUMBER", "number", 8, wide=True),
        Column("id", "ID", "id", 8, wide=True),
    ),
    trends=(
        Trend(
            "latency of a write",
            "latency",
            ceiling=0.05,
            query="max(ceph_osd_commit_latency_ms{ceph_daemon=$name}) / 1000",
        ),
        Trend(
            "used",
            "used",
            ceiling=100.0,
            query=(
                "100 * max(ceph_osd_stat_bytes_used{ceph_daemon=$name}) / max(ceph_osd_stat_bytes{ceph_daemon=$name})"
            ),
        ),
    ),
    sort=("number",),
    health=health,
    rollup=Share("OSDs", "up", well="up=true", felt="up=true"),
    links=(
        Link("pgs", "osds", "name", "groups on it that are not clean"),
        Link("units", "host", "host", "units on its host"),
        Link("hosts", "name", "host", "its host"),
        Link("servers", "host", "host", "servers on its host"),
    ),
    runs=Runs(host="{host}", unit="ceph-osd@{number}"),
    element="ceph-osd@{host}",
    period=10.0,
    deadline=15.0,
    list_command="ceph osd df tree",
    show_command="ceph osd metadata {id}",
)
