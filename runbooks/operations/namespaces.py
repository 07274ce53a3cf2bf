"""Network namespaces: let the agent that owns one make it right, and remove one that nobody owns any more.

Nothing is put into a namespace by hand. One is only removed when Neutron knows nothing of its network or router, and
nothing runs in it: then no agent has it, and none will make it again.
"""

from __future__ import annotations

import re
from typing import Any, Final

from collectors.kinds.namespaces import PURPOSES
from runbooks.expect import Expect
from runbooks.guards import one_at_a_time
from runbooks.operation import Asked, Guard, Operation, Step, Verdict, Work, is_closed, is_open, is_unknown, work
from runbooks.operations.entries import host_call
from runbooks.resync import agent_of, resync

_AGENTS: Final = {
    "qdhcp": ("neutron-dhcp-agent",),
    "qrouter": ("neutron-l3-agent",),
    "snat": ("neutron-l3-agent",),
    "fip": ("neutron-l3-agent",),
    "ovnmeta": ("neutron-ovn-metadata-agent", "ovn-metadata-agent", "neutron-ovn-agent"),
}
"""Prefix of the name → the services of which one owns it."""
_TYPES: Final = {"qdhcp": "DHCP agent", "qrouter": "L3 agent", "snat": "L3 agent", "fip": "L3 agent"}
_REMOVABLE: Final = re.compile(r"(qdhcp|qrouter|snat)-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def _prefix(row: Any) -> str:
    return str(row.name).partition("-")[0]


def _closed_resync(row: Any) -> str:
    return "" if _prefix(row) in _AGENTS and row.purpose else "is no namespace of an agent of Neutron"


def _resync(asked: Asked) -> Work:
    unit = agent_of(asked, *_AGENTS[_prefix(asked.row)])
    right = Expect("namespaces", asked.identity, "health!=critical health!=unknown", target=asked.row.host)
    return resync(asked, unit, right)


def _same_type(row: Any, target: Any) -> bool:
    """Agents that stand in for the one that owns the target."""
    return bool(row.agent_type == _TYPES.get(_prefix(target))) and row.host != target.host


def _closed_remove(row: Any) -> str:
    if not _REMOVABLE.fullmatch(row.name):
        return "is no namespace of a network's DHCP server or of a router"
    return "its network or router is there: restart its agent instead" if row.orphan is False else ""


def _nobodys(asked: Asked) -> Verdict:
    """Neutron has no network or router of its id, by a list that was read whole."""
    prefix, _, identity = asked.row.name.partition("-")
    kind = PURPOSES[prefix][1]
    snapshot = asked.cloud.snapshot(kind)
    if identity in snapshot.keys:
        return is_closed(f"Neutron has it among its {kind}: an agent may own it, restart the agent instead")
    if snapshot.errors or not snapshot.complete:
        return is_unknown(f"the {kind} could not all be read")
    by = "network_id" if kind == "networks" else "device_id"
    if ports := asked.cloud.rows("ports", query=((by, identity),)):
        return is_closed(f"{len(ports)} ports of Neutron are of it")
    return is_open(f"none of Neutron's {len(snapshot.rows):,} {kind} has its id, nor has any port")


def _empty(asked: Asked) -> Verdict:
    if asked.row.processes is None:
        return is_unknown("its processes could not be read")
    return is_closed(f"{asked.row.programs} run in it") if asked.row.processes else is_open("nothing runs in it")


def _remove(asked: Asked) -> Work:
    row = asked.row
    return work(
        Step(
            f"remove {row.name} from {row.host}",
            host_call(row.host, "namespace-delete", namespace=row.name),
            "",
            Expect("namespaces", asked.identity, absent=True, target=row.host),
        ),
        stops="whatever still goes through it; nothing of Neutron's does",
        notes=("Ports of Open vSwitch that were in it lose their interface; the Open vSwitch agent removes those.",),
    )


OPERATIONS = (
    Operation(
        name="namespace.resync",
        kind="namespaces",
        title="let the agent of {name} on {host} synchronise",
        about="restart the agent that owns the namespace: it makes anew what is missing in it",
        risk="R1",
        account="ssh",
        reads=("agents", "units"),
        closed=_closed_resync,
        guards=(one_at_a_time("agents", "alive=false", _same_type),),
        work=_resync,
    ),
    Operation(
        name="namespace.remove",
        kind="namespaces",
        title="remove {name} from {host}",
        about="remove what an agent has left behind: its network or router is gone from Neutron",
        risk="R3",
        account="ssh",
        reads=("networks", "routers"),
        closed=_closed_remove,
        guards=(
            Guard("nobodys", _nobodys, "Neutron has neither a network or router nor a port of its id"),
            Guard("empty", _empty, "nothing runs in it"),
        ),
        work=_remove,
        irreversible=True,
    ),
)
