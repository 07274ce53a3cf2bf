"""What OVN's members and databases say, joined into one item per thing. Pure; `ovn.py` asks.

A member of a database knows itself, and how long ago it heard the others: the leader's word tells whether one that we
cannot reach still takes part. What is in one database is completed by the other: a router is configured in the
northbound one, and who serves its gateway is in the southbound one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import msgspec

NORTHBOUND: Final = "OVN_Northbound"
SOUTHBOUND: Final = "OVN_Southbound"
NORTHD: Final = "ovn-northd"
PREFIX: Final = "neutron-"
"""How Neutron names switches and routers: this and their id there."""


class Told(msgspec.Struct, frozen=True):
    """What one member said of itself, or why it said nothing."""

    database: str
    host: str
    facts: Mapping[str, Any] | None = None
    """Of `cluster/status`, or `northd`; `{"role": "standalone"}` of a database without a cluster."""
    trouble: str = ""
    answers: bool | None = True
    """False: its host says that it does not run; None: nobody there could tell."""

    @property
    def usable(self) -> bool:
        """True when its lists can be read: it is part of its cluster, or needs none."""
        if self.facts is None:
            return False
        return self.facts.get("role") == "standalone" or (
            self.facts.get("status") == "cluster member" and self.facts.get("leader") not in (None, "unknown")
        )

    @property
    def leads(self) -> bool:
        """True for the leader."""
        return self.facts is not None and self.facts.get("role") in ("leader", "standalone")


def member_of(told: Sequence[Told], database: str) -> Iterator[Told]:
    """The members of one database whose lists can be read, the leader first."""
    usable = [one for one in told if one.database == database and one.usable]
    yield from sorted(usable, key=lambda one: not one.leads)


def databases(told: Sequence[Told], configuration: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """One item per member of a database and per northd, and one per server of a cluster that is none of our hosts."""
    active = [one.host for one in told if one.database == NORTHD and (one.facts or {}).get("northd") == "active"]
    silent = [one.host for one in told if one.database == NORTHD and one.facts is None and one.answers is None]
    for one in told:
        item: dict[str, Any] = {"database": one.database, "host": one.host}
        if one.facts is None:
            item |= {"trouble": one.trouble, "answers": one.answers}
        if one.database == NORTHD:
            role = None if one.facts is None else one.facts["northd"]
            item |= {"role": role, "active": active, "not_asked": silent}
            yield item | (dict(configuration) if role == "active" else {})
            continue
        yield item | dict(one.facts or {}) | _seen_by_the_leader(one, told)
    for database in (NORTHBOUND, SOUTHBOUND):
        yield from _strangers(database, [one for one in told if one.database == database])


def _leader(told: Sequence[Told], database: str) -> Told | None:
    return next((one for one in told if one.database == database and one.facts and one.facts["role"] == "leader"), None)


def _seen_by_the_leader(one: Told, told: Sequence[Told]) -> dict[str, Any]:
    """Which host leads, how many servers the cluster has, and how long ago the leader heard this one."""
    servers = {
        each.facts["server_id"]: each.host
        for each in told
        if each.database == one.database and each.facts and each.facts.get("server_id")
    }
    leader = _leader(told, one.database)
    found: dict[str, Any] = {"members": len((one.facts or {}).get("servers") or ()) or None}
    if one.facts is not None:
        named = one.facts.get("leader")
        found["leader"] = one.host if named == "self" else servers.get(str(named), named)
    if leader is None or leader.facts is None:
        return found
    found["members"] = len(leader.facts["servers"])
    found["leader"] = found.get("leader") or leader.host
    found["leader_index"] = leader.facts.get("last_index")
    others = [server for server in leader.facts["servers"] if not server["self"]]
    if one.facts is not None:
        mine = [server for server in others if server["server_id"] == one.facts.get("server_id")]
    else:  # who does not answer us is one of those whom no host that answers is; which one, is not told
        mine = [server for server in others if server["server_id"] not in servers]
    times = [server["silent"] for server in mine if server["silent"] is not None]
    found["election_timer"] = leader.facts.get("election_timer")
    return found | {"silent": min(times) if times else None, "heard_last": max(times) if times else None}


def _strangers(database: str, told: Sequence[Told]) -> Iterator[dict[str, Any]]:
    """Servers of the cluster that are none of the site's hosts: more than those hosts that do not answer us."""
    leader = _leader(told, database)
    if leader is None or leader.facts is None:
        return
    known = {one.facts.get("server_id") for one in told if one.facts is not None}
    others = [server for server in leader.facts["servers"] if server["server_id"] not in known]
    if len(others) <= sum(1 for one in told if one.facts is None):
        return
    for server in others:
        yield {
            "database": database, "host": server["address"], "stranger": True, "address": server["address"],
            "server_id": server["server_id"], "silent": server["silent"], "leader": leader.host,
            "members": len(leader.facts["servers"]), "election_timer": leader.facts.get("election_timer"),
        }  # fmt: skip


def chassis(southbound: Mapping[str, Any], northbound: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """One item per chassis, with what it should have taken over, since when, and others of the same host."""
    found: Sequence[Mapping[str, Any]] = southbound["chassis"]
    counted = (northbound.get("configuration") or {}).get("counted")
    for one in found:
        same = [each for each in found if each is not one and one.get("hostname") == each.get("hostname") is not None]
        newer = [each["name"] for each in same if (each.get("updated") or 0) > (one.get("updated") or 0)]
        yield {**one, "wanted": southbound.get("wanted"), "counted": counted, "newer": newer}


def switches(northbound: Mapping[str, Any], southbound: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """One item per logical switch, with the tunnel key that northd gave it."""
    for one in northbound["switches"]:
        yield {**one, "network_id": _neutron(one["name"]), "tunnel_key": southbound["tunnel_keys"].get(one["id"])}


def routers(northbound: Mapping[str, Any], southbound: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """One item per logical router, with the chassis that serves each of its gateway ports."""
    serving, hosts = southbound["serving"], southbound["hosts"]
    for one in northbound["routers"]:
        gateways = [
            {
                "port": gateway["port"],
                "host": hosts.get(serving.get(gateway["port"])),
                "candidates": [
                    {"host": hosts.get(name, name), "priority": priority, "known": name in hosts}
                    for name, priority in gateway["candidates"]
                ],
            }
            for gateway in one["gateways"]
        ]
        yield {**one, "router_id": _neutron(one["name"]), "gateways": gateways}


def port_bindings(southbound: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """One item per port binding."""
    known = set(southbound["chassis_names"])
    for one in southbound["bindings"]:
        missing = [word for word in one["wanted"] if word not in known]
        yield {**one, "of_id": _neutron(one["datapath"]), "missing": missing}


def _neutron(name: str | None) -> str | None:
    """The id in Neutron of a switch or router that Neutron made."""
    return name.removeprefix(PREFIX) if name and name.startswith(PREFIX) else None
