"""What Nova refuses because servers would change their availability zone, in its own words."""

from __future__ import annotations

from runbooks.simulator.http.call import ApiError, Call
from runbooks.simulator.model.compute import Aggregate


def may_be(call: Call, aggregate: Aggregate, zone: object, verb: str) -> None:
    """The aggregate may be named that zone. Raises ApiError 400."""
    about = f"Cannot {verb} aggregate {aggregate.number}. Reason: "
    if not zone:
        raise ApiError(400, f"{about}Aggregate {aggregate.name} does not support empty named availability zone.")
    if found := _others(call, aggregate, aggregate.hosts, str(zone)):
        raise ApiError(400, f"{about}One or more hosts already in availability zone(s) {found}.")
    if aggregate.zone != zone and any(_servers(call, host) for host in aggregate.hosts):
        raise ApiError(400, f"{about}One or more hosts contain instances in this zone.")


def may_move(call: Call, aggregate: Aggregate, host: str, join: bool) -> None:
    """The host may join or leave. Raises ApiError 409."""
    if not aggregate.zone:
        return
    verb, past, way = ("add", "added", "to") if join else ("remove", "removed", "from")
    about = f"Cannot {verb} host {way} aggregate {aggregate.number}. Reason: "
    if join and (found := _others(call, aggregate, [host], aggregate.zone)):
        raise ApiError(409, f"{about}One or more hosts already in availability zone(s) {found}.")
    same = [each for each in _containing(call, aggregate, [host]) if each.zone == aggregate.zone]
    count = _servers(call, host)
    if count and not same:
        before, after = (None, aggregate.zone) if join else (aggregate.zone, None)
        raise ApiError(
            409,
            f"{about}The host cannot be {past} {way} the aggregate as the availability zone of the host would change "
            f"from '{before}' to '{after}' but the host already has {count} instance(s). Changing the AZ of an "
            "existing instance is not supported by this action. Move the instances away from this host then try "
            "again. If you need to move the instances between AZs then you can use shelve_offload and unshelve to "
            "achieve this..",
        )


def _containing(call: Call, aggregate: Aggregate, hosts: list[str]) -> list[Aggregate]:
    return [
        each
        for each in call.cloud.compute.aggregates.values()
        if each.number != aggregate.number and each.zone and any(host in each.hosts for host in hosts)
    ]


def _others(call: Call, aggregate: Aggregate, hosts: list[str], zone: str) -> list[str | None]:
    return [each.zone for each in _containing(call, aggregate, hosts) if each.zone != zone]


def _servers(call: Call, host: str) -> int:
    return sum(1 for _ in call.cloud.compute.servers.on_host(host))
