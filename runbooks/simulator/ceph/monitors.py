"""Documents about the monitors: their map, the quorum, what one says of itself, their clocks."""

from __future__ import annotations

from typing import Any

from runbooks.simulator.model.ceph import Ceph
from runbooks.simulator.model.ceph.daemons import RELEASE
from runbooks.simulator.model.ceph.monitors import SKEW_LIMIT, TIMECHECK
from runbooks.simulator.model.ceph.words import stamp_z

Doc = dict[str, Any]

_MON_FEATURES = [
    *("kraken", "luminous", "mimic", "osdmap-prune", "nautilus", "octopus", "pacific", "elector-pinging"),
]
_CON = "4540138314316775423"
_REQUIRED_CON = "2449958747317026820"


def monmap(ceph: Ceph) -> Doc:
    """The map of the monitors."""
    return {
        "epoch": 1,
        "fsid": ceph.fsid,
        "modified": stamp_z(ceph.created),
        "created": stamp_z(ceph.created),
        "min_mon_release": 16,
        "min_mon_release_name": RELEASE,
        "election_strategy": 1,
        "disallowed_leaders: ": "",
        "stretch_mode": False,
        "tiebreaker_mon": "",
        "removed_ranks: ": "",
        "features": {"persistent": list(_MON_FEATURES), "optional": []},
        "mons": [monitor(ceph, name) for name in ceph.monitors.names],
    }


def addresses(ceph: Ceph, name: str) -> list[Doc]:
    """Both addresses of a monitor."""
    address = ceph.cloud.hosts[name].machine.address
    return [{"type": kind, "addr": f"{address}:{port}", "nonce": 0} for kind, port in (("v2", 3300), ("v1", 6789))]


def monitor(ceph: Ceph, name: str) -> Doc:
    """One monitor of the map."""
    address = f"{ceph.cloud.hosts[name].machine.address}:6789/0"
    return {
        "rank": ceph.monitors.rank(name),
        "name": name,
        "public_addrs": {"addrvec": addresses(ceph, name)},
        "addr": address,
        "public_addr": address,
        "priority": 0,
        "weight": 0,
        "crush_location": "{}",
    }


def ranks(ceph: Ceph) -> list[int]:
    """Of those in the quorum."""
    return [ceph.monitors.rank(name) for name in ceph.monitors.quorum]


def quorum_age(ceph: Ceph) -> int:
    return int(ceph.now - ceph.monitors.elected)


def mon_dump(ceph: Ceph) -> Doc:
    """`ceph mon dump`."""
    return {**monmap(ceph), "quorum": ranks(ceph)}


def quorum_status(ceph: Ceph) -> Doc:
    """`ceph quorum_status`."""
    return {
        "election_epoch": ceph.monitors.epoch,
        "quorum": ranks(ceph),
        "quorum_names": list(ceph.monitors.quorum),
        "quorum_leader_name": ceph.monitors.leader(),
        "quorum_age": quorum_age(ceph),
        "features": {"quorum_con": _CON, "quorum_mon": list(_MON_FEATURES)},
        "monmap": monmap(ceph),
    }


def mon_status(ceph: Ceph, name: str) -> Doc:
    """What a monitor says at its own socket, also without a quorum."""
    mons = ceph.monitors
    inside = name in mons.quorum
    age = {"quorum_age": quorum_age(ceph)} if inside else {}
    return {
        "name": name,
        "rank": mons.rank(name),
        "state": mons.state(name),
        "election_epoch": mons.epoch,
        "quorum": ranks(ceph) if inside else [],
        **age,
        "features": {
            "required_con": _REQUIRED_CON,
            "required_mon": list(_MON_FEATURES),
            "quorum_con": _CON,
            "quorum_mon": list(_MON_FEATURES),
        },
        "outside_quorum": [] if inside else [name],
        "extra_probe_peers": [],
        "sync_provider": [],
        "monmap": monmap(ceph),
        "feature_map": {
            kind: [{"features": "0x3f01cfbdfffdffff", "release": "luminous", "num": count}]
            for kind, count in (("mon", 1), ("osd", len(ceph.osds)), ("client", 3), ("mgr", len(ceph.managers.names)))
        },
        "stretch_mode": False,
    }


def time_sync(ceph: Ceph) -> Doc:
    """`ceph time-sync-status`."""
    found = {}
    for name in ceph.monitors.quorum:
        skew, latency = ceph.monitors.skew(name), ceph.latency(name)
        wrong = abs(skew) > SKEW_LIMIT
        found[name] = {
            "skew": skew or 0,
            "latency": latency or 0,
            "health": "HEALTH_WARN" if wrong else "HEALTH_OK",
        }
        if wrong:
            found[name]["details"] = f"clock skew {abs(skew):.6g}s > max {SKEW_LIMIT:g}s"
    rounds = 2 * int((ceph.now - ceph.monitors.elected) // TIMECHECK) + 2
    return {
        "time_skew_status": found,
        "timechecks": {"epoch": ceph.monitors.epoch, "round": rounds, "round_status": "finished"},
    }
