"""Faults of the database cluster: members that die, are cut off, stand aside or hold up the others."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from runbooks.ground.declared import FaultError
from runbooks.simulator.model.cloud import Cloud
from runbooks.simulator.unit_faults import Undo, kill


def _member_out(cloud: Cloud, given: Mapping[str, str]) -> Undo:
    return kill(cloud, given["host"], "mariadb")


def _no_quorum(cloud: Cloud, given: Mapping[str, str]) -> Undo:
    """All members but the first die at the same moment, so that the one that is left has lost the majority."""
    alive = cloud.hosts.alive("control", "mariadb")
    if len(alive) < 3:
        raise FaultError("some Galera member is out already: a quorum can only be lost at once by a whole cluster")
    undo = [kill(cloud, host.name, "mariadb") for host in alive[1:]]

    def back() -> None:
        for each in undo:
            each()
        cloud.galera.bootstrap(alive[0].name)

    return back


def _all_down(cloud: Cloud, given: Mapping[str, str]) -> Undo:
    """The last member dies, the others commit a little more, and die as well."""
    alive = [host.name for host in cloud.hosts.alive("control", "mariadb")]
    if len(alive) < 3:
        raise FaultError("some Galera member is out already")
    undo = [kill(cloud, alive[-1], "mariadb")]
    cloud.settle()
    cloud.galera.seqno += 7
    undo += [kill(cloud, name, "mariadb") for name in alive[:-1]]

    def back() -> None:
        for each in undo:
            each()

    return back


def _member_isolated(cloud: Cloud, given: Mapping[str, str]) -> Undo:
    cloud.galera.cut_off(given["host"])
    return lambda: cloud.galera.cut_off(given["host"], False)


def _member_desynced(cloud: Cloud, given: Mapping[str, str]) -> Undo:
    member = cloud.galera[given["host"]]
    member.desync = True

    def back() -> None:
        member.desync = False

    return back


def _flow_control(cloud: Cloud, given: Mapping[str, str]) -> Undo:
    if cloud.galera.slow:
        raise FaultError(f"{cloud.galera.slow} holds up the others already")
    cloud.galera.slow_down(given["host"])
    return lambda: cloud.galera.slow_down("")


ACTS: dict[str, Callable[[Cloud, Mapping[str, str]], Undo]] = {
    "galera-member-out": _member_out,
    "galera-no-quorum": _no_quorum,
    "galera-all-down": _all_down,
    "galera-member-isolated": _member_isolated,
    "galera-member-desynced": _member_desynced,
    "galera-flow-control": _flow_control,
}
