"""The monitors as one list: what each says on its own host, beside what the cluster says of it.

Which of them form a quorum is decided by their own words; the cluster's answer, which may be old, only adds clock skews
and versions.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from collectors.deadline import Deadline
from collectors.errors import SourceError
from collectors.sources.ceph_commands import maybe
from collectors.sources.ceph_mons import PATIENCE, MonSays, monmap, without_quorum
from collectors.sources.ceph_views import View

if TYPE_CHECKING:
    from collectors.sources.ceph import CephSource

_ADDS = View((), lambda replies: [], ("time-sync-status", "mon metadata", "quorum_status", "health"))


def mons(source: CephSource, deadline: Deadline) -> list[dict[str, Any]]:
    """One item per monitor of the map. Raises `SourceError` when neither a host nor the cluster says anything."""
    said = source.said(Deadline(min(PATIENCE, deadline.remaining())))
    found = monmap(said)
    replies: Mapping[str, Any] = {}
    error: SourceError | None = None
    if not found or without_quorum(said) is None:
        try:
            replies, _ = source.ask(_ADDS, Deadline(min(PATIENCE, deadline.remaining())))
        except SourceError as caught:
            error = caught
    found = found or (maybe(replies, "quorum_status") or {}).get("monmap") or {}
    if not found and error is not None and not any(each.runs is not None for each in said):
        raise error
    told = {each.mon.name: each for each in said}
    listed = {each["name"]: each for each in found.get("mons") or ()}
    return [_item(name, listed.get(name, {}), told, replies) for name in {**listed, **told}]


def _item(
    name: str, listed: Mapping[str, Any], told: Mapping[str, MonSays], replies: Mapping[str, Any]
) -> dict[str, Any]:
    own = told.get(name)
    status = own.status if own is not None and own.status is not None else {}
    rank = listed.get("rank")
    # Peers in a quorum say who else is in it; a monitor's own word about itself comes first.
    seen = [each for each in told.values() if each.in_quorum and each.mon.name != name]
    by_peers = any(rank in ((each.status or {}).get("quorum") or ()) for each in seen) if seen else None
    names = (maybe(replies, "quorum_status") or {}).get("quorum_names")
    by_cluster = None if names is None else name in names
    about = {each.get("name"): each for each in maybe(replies, "mon metadata") or ()}.get(name) or {}
    skew = ((maybe(replies, "time-sync-status") or {}).get("time_skew_status") or {}).get(name) or {}
    checks = (maybe(replies, "health") or {}).get("checks") or {}
    skewed = _about(checks.get("MON_CLOCK_SKEW"), f"mon.{name} ")
    return {
        "name": name,
        "host": own.mon.host if own is not None else about.get("hostname"),
        "rank": rank,
        "address": listed.get("addr") or listed.get("public_addr"),
        "asked": own is not None,
        "runs": own.runs if own is not None else None,
        "why": own.why if own is not None else "",
        "state": status.get("state"),
        "quorum": own.in_quorum if status and own is not None else None,
        "by_peers": by_peers,
        "by_cluster": by_cluster,
        "quorum_age": status.get("quorum_age"),
        "skew": skew.get("skew", _skew(skewed)),
        "skew_health": skew.get("health", "HEALTH_WARN" if skewed else None),
        "ceph_version": about.get("ceph_version"),
        "disk": _about(checks.get("MON_DISK_LOW") or checks.get("MON_DISK_CRIT"), f"mon.{name} "),
    }


def _skew(words: str) -> float | None:
    """The seconds of `clock skew 0.999503s > max 0.05s`, where no other answer tells them."""
    found = re.search(r"clock skew (-?[\d.]+)s", words)
    return float(found[1]) if found else None


def _about(check: Mapping[str, Any] | None, start: str) -> str:
    """What a health check's detail says about one monitor."""
    for each in (check or {}).get("detail") or ():
        message = str(each.get("message") or "")
        if message.startswith(start):
            return message.removeprefix(start)
    return ""
