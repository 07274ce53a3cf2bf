"""What is asked of a Ceph cluster by name: the commands that a view needs, and the items that it makes of the answers.

Pure. What a view only `uses` may be missing (no manager, a way that does not tell it): the items then lack it, and
their rows show it as unknown. Absent members of Ceph's answers mean zero.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

import msgspec

from collectors.errors import SourceError, UsageError
from collectors.sources.ceph_commands import RBD, Replies, given, maybe

STOP: Final = "osd ok-to-stop {}"
DESTROY: Final = "osd safe-to-destroy {}"
OF_POOL: Final = "pg ls-of-pool {}"
MONS: Final = "mons"
"""Not made of commands alone: the monitors are asked on their hosts."""

Item = dict[str, Any]


class View(msgspec.Struct, frozen=True):
    """Commands without which there is nothing to show, commands that add to it, and what they become."""

    needs: tuple[str, ...]
    items: Callable[[Replies], list[Item]]
    uses: tuple[str, ...] = ()
    key: str = ""
    """Of a view of one row: the item's field that is the row's id; `{}` in its commands stands for a number of it."""
    number: Callable[[str], str] = str

    def of(self, identity: str) -> Mapping[str, str]:
        """The commands as they are asked for that row → as they are called here. Raises `UsageError`."""
        number = self.number(identity) if self.key else ""
        if self.key and not (number.isascii() and number.isdigit()):
            raise UsageError(f"“{identity[:40]}” is no id of Ceph's")
        return {name.replace("{}", number): name for name in (*self.needs, *self.uses)}


def _why(replies: Replies, name: str) -> str | None:
    found = replies.get(name)
    return found.why if isinstance(found, SourceError) else None


def _health(replies: Replies) -> list[Item]:
    """One item per health check that fails or is muted; none when all is well."""
    health, status = given(replies, "health"), maybe(replies, "status") or {}
    checks, mutes = health.get("checks") or {}, {each.get("code"): each for each in health.get("mutes") or ()}
    groups = status.get("pgmap") or {}
    cluster = {"status": health.get("status"), "fsid": status.get("fsid"), "groups": groups}
    found = [
        {
            "id": code,
            "severity": check.get("severity"),
            "summary": (check.get("summary") or {}).get("message"),
            "count": (check.get("summary") or {}).get("count"),
            "detail": [each.get("message") for each in check.get("detail") or ()],
            "muted": bool(check.get("muted")) or code in mutes,
            "ttl": (mutes.get(code) or {}).get("ttl"),
            **cluster,
        }
        for code, check in checks.items()
    ]
    found += [
        {"id": code, "muted": True, "summary": each.get("summary"), "ttl": each.get("ttl"), **cluster}
        for code, each in mutes.items()
        if code not in checks
    ]
    return found


def _mgrs(replies: Replies) -> list[Item]:
    """The active manager and those that stand by; without an active one, an item that says so."""
    stat, metadata = given(replies, "mgr stat"), maybe(replies, "mgr metadata") or []
    services = maybe(replies, "mgr services") or {}
    active = stat.get("active_name") if stat.get("available") else ""
    known = {each.get("name"): each for each in metadata}
    names = [*([active] if active else []), *(name for name in known if name != active)]
    standbys = stat.get("num_standby") or 0
    found = [
        {
            "name": name,
            "hostname": (known.get(name) or {}).get("hostname"),
            "ceph_version": (known.get(name) or {}).get("ceph_version"),
            "active": name == active,
            "available": bool(active),
            "standbys": standbys,
            "services": services if name == active else {},
        }
        for name in names
    ]
    return found if active else [{"name": "active manager", "available": False, "active": True}, *found]


def _hosts(tree: Mapping[str, Any]) -> dict[int, Item]:
    """OSD → its node of the tree, with the name of the host above it."""
    nodes = {each["id"]: each for each in tree.get("nodes") or ()}
    above = {child: each for each in nodes.values() for child in each.get("children") or ()}
    found: dict[int, Item] = {}
    for number, node in nodes.items():
        if node.get("type") != "osd":
            continue
        up: Mapping[str, Any] | None = above.get(number)
        while up is not None and up.get("type") != "host":
            up = above.get(up["id"])
        found[number] = {**node, "host": up.get("name") if up else None}
    return found


def _by_id(items: Iterable[Mapping[str, Any]] | None, key: str = "id") -> dict[Any, Mapping[str, Any]]:
    return {each[key]: each for each in items or () if key in each}


def _slow(health: Mapping[str, Any] | None) -> str:
    """The sentence of SLOW_OPS, which names the daemons that wait."""
    check = ((health or {}).get("checks") or {}).get("SLOW_OPS") or {}
    return str((check.get("summary") or {}).get("message") or "")


def _osds(replies: Replies) -> list[Item]:
    """One item per OSD of the map, with its place in the tree, its fill level and latency, its version."""
    dump, tree = given(replies, "osd dump"), _hosts(given(replies, "osd tree"))
    fill = _by_id((maybe(replies, "osd df") or {}).get("nodes"))
    infos = (maybe(replies, "osd perf") or {}).get("osdstats") or maybe(replies, "osd perf") or {}
    speed = _by_id(infos.get("osd_perf_infos"))
    about = _by_id(maybe(replies, "osd metadata"))
    slow = _slow(maybe(replies, "health"))
    # The map tells only when an OSD went up or down last (its `down_stamp` is set when it comes back).
    changed = dump.get("last_up_change")
    last = max((max(o.get("down_at") or 0, o.get("up_from") or 0) for o in dump.get("osds") or ()), default=0)
    return [
        {
            **each,
            "tree": tree.get(each["osd"]) or {},
            "df": fill.get(each["osd"]) or {},
            "perf": (speed.get(each["osd"]) or {}).get("perf_stats") or {},
            "metadata": about.get(each["osd"]) or {},
            "changed": changed if max(each.get("down_at") or 0, each.get("up_from") or 0) == last else None,
            "slow": slow if f"osd.{each['osd']}" in _daemons(slow) else "",
            "unread": _why(replies, "osd df"),
            "backfillfull": dump.get("backfillfull_ratio"),
            "stop": maybe(replies, STOP),
            "destroy": maybe(replies, DESTROY),
        }
        for each in dump.get("osds") or ()
    ]


def _daemons(sentence: str) -> list[str]:
    """The daemons that a sentence of Ceph's names: `… daemons [osd.0,osd.1] have slow ops.`"""
    import re

    return re.findall(r"\b(?:osd|mon|mgr|mds)\.[\w-]+", sentence)


def _pools(replies: Replies) -> list[Item]:
    """One item per pool, with its use, and the erasure code profile where it has one."""
    use = _by_id((maybe(replies, "df") or {}).get("pools"))
    profiles = (maybe(replies, "osd dump") or {}).get("erasure_code_profiles") or {}
    return [
        {
            **each,
            "stats": (use.get(each.get("pool_id", each.get("pool"))) or {}).get("stats") or {},
            "profile": profiles.get(each.get("erasure_code_profile") or "") or {},
        }
        for each in given(replies, "osd pool ls")
    ]


def _groups(replies: Replies) -> list[Item]:
    """One item per placement group that is not clean; with the names of the pools."""
    found = given(replies, OF_POOL) if OF_POOL in replies else given(replies, "pg ls")
    listed = found.get("pg_stats") or () if isinstance(found, Mapping) else found
    names = {str(each.get("pool_id")): each.get("pool_name") for each in maybe(replies, "osd pool ls") or ()}
    return [{**each, "pool": names.get(str(each.get("pgid", "")).partition(".")[0])} for each in listed]


SETTABLE: Final = (
    *("noout", "noin", "nodown", "noup", "nobackfill", "norebalance", "norecover"),
    *("noscrub", "nodeep-scrub", "notieragent", "nosnaptrim"),
)
"""Flags of the whole cluster that an operator may set; they are told also while they are not."""
_FORMAT: Final = ("sortbitwise", "recovery_deletes", "purged_snapdirs", "pglog_hardlimit", "require_", "stretch")
"""Flags of the format of the map and of the data, which every cluster has: nobody sets or unsets them."""


def _flags(replies: Replies) -> list[Item]:
    """One item per flag of the whole cluster, set or not, and per flag that a single OSD, host or device class has."""
    dump = given(replies, "osd dump")
    every = [flag for flag in str(dump.get("flags") or "").split(",") if flag and not flag.startswith(_FORMAT)]
    found: list[Item] = [{"flag": flag, "of": "cluster"} for flag in every]
    found += [{"flag": flag, "of": "cluster", "set": False} for flag in SETTABLE if flag not in every]
    for each in dump.get("osds") or ():
        states = [state for state in each.get("state") or () if state in ("noup", "nodown", "noin", "noout")]
        found += [{"flag": state, "of": f"osd.{each['osd']}"} for state in states]
    for name, part in (("crush_node_flags", "CRUSH node"), ("device_class_flags", "device class")):
        for of, flags in (dump.get(name) or {}).items():
            found += [{"flag": flag, "of": f"{part} {of}"} for flag in flags]
    return found


def _filesystems(replies: Replies) -> list[Item]:
    """One item per file system, with the daemons that stand by for any of them."""
    dump = given(replies, "fs dump")
    standbys = [each.get("name") for each in dump.get("standbys") or ()]
    return [
        {"id": each.get("id"), "standbys": standbys, **(each.get("mdsmap") or {})}
        for each in dump.get("filesystems") or ()
    ]


def _services(replies: Replies) -> list[Item]:
    """One item per daemon that reports to the managers by itself: gateways of objects, NFS, iSCSI, mirrors."""
    return [
        {"type": kind, "gid": name, **daemon}
        for kind, service in (given(replies, "service dump").get("services") or {}).items()
        for name, daemon in (service.get("daemons") or {}).items()
        if isinstance(daemon, Mapping)  # beside them stands a "summary"
    ]


def _orders(replies: Replies) -> list[Item]:
    """One item per service that the orchestrator was ordered to run, with its daemons that do not run."""
    daemons = maybe(replies, "orch ps") or []
    return [
        {**each, "daemons": [daemon for daemon in daemons if _of(daemon, each)]} for each in given(replies, "orch ls")
    ]


def _of(daemon: Mapping[str, Any], service: Mapping[str, Any]) -> bool:
    """Older releases do not say which service a daemon belongs to: then its type must be the service's whole name."""
    name = daemon.get("service_name")
    return name == service.get("service_name") if name else daemon.get("daemon_type") == service.get("service_name")


_OSD_USES: Final = ("osd metadata", "health", "osd df", "osd perf")

VIEWS: Final[Mapping[str, View]] = {
    "health": View(("health",), _health, ("status",)),
    "mgrs": View(("mgr stat",), _mgrs, ("mgr metadata", "mgr services")),
    "osds": View(("osd dump", "osd tree"), _osds, _OSD_USES),
    "osd": View(("osd dump", "osd tree"), _osds, (*_OSD_USES, STOP, DESTROY), "osd"),
    "pools": View(("osd pool ls",), _pools, ("df", "osd dump")),
    "pgs": View(("pg ls",), _groups, ("osd pool ls",)),
    "pg": View((OF_POOL,), _groups, ("osd pool ls",), "pgid", lambda identity: identity.partition(".")[0]),
    "flags": View(("osd dump",), _flags),
    "crashes": View(("crash ls",), lambda replies: list(given(replies, "crash ls"))),
    "filesystems": View(("fs dump",), _filesystems),
    "services": View(("service dump",), _services),
    "orders": View(("orch ls",), _orders, ("orch ps",)),
    "rbd-images": View((RBD,), lambda replies: list(given(replies, RBD))),
}
"""Every view but the monitors'."""
