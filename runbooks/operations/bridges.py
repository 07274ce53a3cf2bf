"""Bridges of Open vSwitch: let the agent that wires them do it again. Flows and ports are never added by hand."""

from __future__ import annotations

from typing import Any

from runbooks.expect import Expect
from runbooks.operation import Asked, Guard, Operation, Verdict, Work, is_closed, is_open
from runbooks.resync import agent_of, resync


def _runs(asked: Asked) -> Verdict:
    """An agent without a switch below it wires nothing."""
    if asked.row.runs is False:
        return is_closed("Open vSwitch does not run it: start ovs-vswitchd first")
    return is_open("Open vSwitch runs it")


def _resync(asked: Asked) -> Work:
    unit = agent_of(asked, "neutron-openvswitch-agent", "ovn-controller")
    where = "flows>0 controlled!=false" if asked.row.flows is not None else "controlled!=false"
    return resync(asked, unit, Expect("bridges", asked.identity, where, target=asked.row.host))


def _closed(row: Any) -> str:
    return "" if row.engine == "openvswitch" else "is a bridge of the kernel: no agent wires it"


OPERATIONS = (
    Operation(
        name="bridge.resync",
        kind="bridges",
        title="let the agent of {name} on {host} wire it again",
        about="restart the agent that wires the bridge, when its flows are gone or it is not controlled",
        risk="R1",
        account="ssh",
        rows="engine=openvswitch",
        reads=("units",),
        closed=_closed,
        guards=(Guard("switch-runs", _runs, "ovs-vswitchd runs the bridge"),),
        work=_resync,
        scope="bridges:{host}",
    ),
)
