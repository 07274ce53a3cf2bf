"""`os-aggregates` and `os-availability-zone`: groups of hosts."""

from __future__ import annotations

from runbooks.simulator.http.api import Route
from runbooks.simulator.http.call import ApiError, Call, Reply
from runbooks.simulator.http.nova import aggregate_zones
from runbooks.simulator.http.nova.links import View, stamp
from runbooks.simulator.model.compute import Aggregate

RULE = "os_compute_api:os-aggregates:"


def _view(call: Call, aggregate: Aggregate) -> View:
    shown: View = {
        "name": aggregate.name,
        "availability_zone": aggregate.zone,
        "deleted": False,
        "created_at": stamp(aggregate.created),
        "updated_at": stamp(aggregate.updated),
        "hosts": list(aggregate.hosts),
        "deleted_at": None,
        "id": aggregate.number,
        "metadata": aggregate.metadata | ({"availability_zone": aggregate.zone} if aggregate.zone else {}),
    }
    if call.version >= (2, 41):
        shown["uuid"] = aggregate.id
    return shown


def index(call: Call) -> Reply:
    return Reply({"aggregates": [_view(call, each) for each in call.cloud.compute.aggregates.values()]})


def _one(call: Call) -> Aggregate:
    key = call.args["id"]
    found = call.cloud.compute.aggregates.get(int(key)) if key.isdecimal() else None
    if found is None:
        raise ApiError(404, f"Aggregate {key} could not be found.")
    return found


def show(call: Call) -> Reply:
    return Reply({"aggregate": _view(call, _one(call))})


def _given(call: Call) -> dict[str, object]:
    found = call.body().get("aggregate")
    if not isinstance(found, dict):
        raise ApiError(
            400, "Invalid input for field/attribute aggregate. Value: None. 'aggregate' is a required property"
        )
    return found


def create(call: Call) -> Reply:
    values, compute = _given(call), call.cloud.compute
    name = str(values.get("name", ""))
    if any(each.name == name for each in compute.aggregates.values()):
        raise ApiError(409, f"Aggregate {name} already exists.")
    number = max(compute.aggregates, default=0) + 1
    zone = str(values["availability_zone"]) if values.get("availability_zone") else None
    made = Aggregate(number, call.cloud.seed.uuid("aggregate", name, call.cloud.now()), name, call.cloud.now(), zone)
    compute.aggregates[number] = made
    shown = _view(call, made)
    for key in ("hosts", "metadata"):
        del shown[key]
    return Reply({"aggregate": shown})


def update(call: Call) -> Reply:
    found, values = _one(call), _given(call)
    found.name = str(values.get("name", found.name))
    if "availability_zone" in values:
        zone = values["availability_zone"]
        aggregate_zones.may_be(call, found, zone, "update")
        found.zone = str(zone)
    found.updated = call.cloud.now()
    return Reply({"aggregate": _view(call, found)})


def delete(call: Call) -> Reply:
    found = _one(call)
    if found.hosts:
        raise ApiError(400, f"Cannot remove host from aggregate {found.number}. Reason: Host aggregate is not empty.")
    del call.cloud.compute.aggregates[found.number]
    return Reply(None, 200)


def action(call: Call) -> Reply:
    """`add_host`, `remove_host`, `set_metadata`."""
    found, body = _one(call), call.body()
    for verb in ("add_host", "remove_host"):
        part = body.get(verb)
        if isinstance(part, dict):
            _membership(call, found, verb == "add_host", str(part.get("host", "")))
            break
    else:
        part = body.get("set_metadata")
        given = part.get("metadata") if isinstance(part, dict) else None
        if not isinstance(given, dict):
            raise ApiError(400, "Unknown action")
        if "availability_zone" in given:
            aggregate_zones.may_be(call, found, given["availability_zone"], "update metadata of")
        for key, value in given.items():
            if key == "availability_zone":
                found.zone = str(value)
            elif value is None:
                found.metadata.pop(key, None)
            else:
                found.metadata[key] = str(value)
    found.updated = call.cloud.now()
    return Reply({"aggregate": _view(call, found)})


def _membership(call: Call, aggregate: Aggregate, join: bool, host: str) -> None:
    if call.cloud.compute.services.compute(host) is None:
        raise ApiError(404, f"Compute host {host} could not be found.")
    if join and host in aggregate.hosts:
        raise ApiError(409, f"Aggregate {aggregate.number} already has host {host}.")
    if not join and host not in aggregate.hosts:
        raise ApiError(404, f"Cannot remove host {host} in aggregate {aggregate.number}: not found")
    aggregate_zones.may_move(call, aggregate, host, join)
    if join:
        aggregate.hosts.append(host)
    else:
        aggregate.hosts.remove(host)


def zones(call: Call) -> Reply:
    """The zones that servers may be built in."""
    return Reply({"availabilityZoneInfo": [_zone(name) for name in _zones(call) if name != "internal"]})


def _zones(call: Call) -> dict[str, dict[str, View]]:
    """Zone → host → service → state."""
    compute, now = call.cloud.compute, call.cloud.now()
    found: dict[str, dict[str, View]] = {}
    for service in compute.services:
        zone = compute.zone(service.host) if service.binary == "nova-compute" else service.zone
        found.setdefault(zone, {}).setdefault(service.host, {})[service.binary] = {
            "available": compute.services.up(service, now),
            "active": not service.disabled,
            "updated_at": stamp(compute.services.heartbeat(service, now)),
        }
    return dict(sorted(found.items()))


def _zone(name: str, hosts: dict[str, View] | None = None) -> View:
    return {"zoneName": name, "zoneState": {"available": True}, "hosts": hosts}


def zones_detail(call: Call) -> Reply:
    return Reply({"availabilityZoneInfo": [_zone(name, hosts) for name, hosts in _zones(call).items()]})


_AT = "/v2.1/os-aggregates"
ROUTES = [
    Route("GET", _AT, index, "admin", RULE + "index"),
    Route("POST", _AT, create, "admin", RULE + "create"),
    Route("GET", _AT + "/{id}", show, "admin", RULE + "show"),
    Route("PUT", _AT + "/{id}", update, "admin", RULE + "update"),
    Route("DELETE", _AT + "/{id}", delete, "admin", RULE + "delete"),
    Route("POST", _AT + "/{id}/action", action, "admin", RULE + "add_host"),
    Route("GET", "/v2.1/os-availability-zone", zones, "any"),
    Route(
        "GET", "/v2.1/os-availability-zone/detail", zones_detail, "admin", "os_compute_api:os-availability-zone:detail"
    ),
]
