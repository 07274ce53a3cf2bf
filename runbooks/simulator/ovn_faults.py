"""Faults of OVN: an ovn-controller, members of its databases, a host that serves routers' gateways."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from runbooks.ground.declared import FaultError
from runbooks.simulator.model.cloud import Cloud
from runbooks.simulator.model.network.ovn import CONTROLLER, SWITCH, UNITS, Database, Ovn
from runbooks.simulator.unit_faults import Undo, kill

_DATABASES: Final[dict[str, Database]] = {"northbound": "nb", "southbound": "sb"}


def _ovn(cloud: Cloud) -> Ovn:
    if cloud.ovn is None:
        raise FaultError("this cloud has no OVN: start it with --network ovn")
    return cloud.ovn


def _controller_dead(cloud: Cloud, given: Mapping[str, str]) -> Undo:
    _ovn(cloud)
    return kill(cloud, given["host"], CONTROLLER)


def _member_out(cloud: Cloud, given: Mapping[str, str]) -> Undo:
    _ovn(cloud)
    return kill(cloud, given["host"], UNITS[_DATABASES[given["database"]]])


def _no_quorum(cloud: Cloud, given: Mapping[str, str]) -> Undo:
    """All members but the leader die at the same moment, which leaves it without a majority."""
    database = _DATABASES[given["database"]]
    ovn = _ovn(cloud)
    alive = ovn.alive(database)
    if len(alive) < 3:
        raise FaultError("some member is out already: a majority can only be lost at once by a whole cluster")
    undo = [kill(cloud, name, UNITS[database]) for name in alive if name != ovn.rafts[database].leader]

    def back() -> None:
        for each in undo:
            each()

    return back


def _gateway_down(cloud: Cloud, given: Mapping[str, str]) -> Undo:
    """Its tunnels fall silent: ovs-vswitchd dies, and ovn-controller with it."""
    _ovn(cloud)
    undo = [kill(cloud, given["host"], unit) for unit in (SWITCH, CONTROLLER)]

    def back() -> None:
        for each in undo:
            each()

    return back


ACTS: Final[dict[str, Callable[[Cloud, Mapping[str, str]], Undo]]] = {
    "ovn-controller-dead": _controller_dead,
    "ovn-member-out": _member_out,
    "ovn-no-quorum": _no_quorum,
    "ovn-gateway-down": _gateway_down,
}
"""Fault → what it does."""
