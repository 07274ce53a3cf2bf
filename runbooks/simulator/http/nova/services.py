"""`os-services`: what reports to Nova, and switching it off and on."""

from __future__ import annotations

from runbooks.simulator.http.api import Route
from runbooks.simulator.http.call import ApiError, Call, Reply
from runbooks.simulator.http.nova.links import View, is_uuid, stamp
from runbooks.simulator.http.nova.who import who
from runbooks.simulator.model import notifications
from runbooks.simulator.model.services import Service

RULE = "os_compute_api:os-services:"
_FORCED_UP = (
    "Unable to force up host {host} as `done` evacuation migration records remain associated with the host. Ensure the "
    "compute service has been restarted, allowing these records to move to `completed` before retrying this request."
)


def view(call: Call, service: Service) -> View:
    """A service as the list shows it."""
    services, now = call.cloud.compute.services, call.cloud.now()
    zone = call.cloud.compute.zone(service.host) if service.binary == "nova-compute" else service.zone
    shown: View = {
        "binary": service.binary,
        "host": service.host,
        "id": service.id if call.version >= (2, 53) else service.number,
        "zone": zone,
        "status": "disabled" if service.disabled else "enabled",
        "state": "up" if services.up(service, now) else "down",
        "updated_at": stamp(services.heartbeat(service, now)),
        "disabled_reason": service.disabled_reason,
    }
    if call.version >= (2, 11):
        shown["forced_down"] = service.forced_down
    return shown


def index(call: Call) -> Reply:
    wanted = {name: call.query[name] for name in ("binary", "host") if name in call.query}
    found = [
        service
        for service in call.cloud.compute.services
        if all(getattr(service, name) == value for name, value in wanted.items())
    ]
    return Reply({"services": [view(call, service) for service in found]})


def _one(call: Call) -> Service:
    key = call.args["id"]
    if call.version >= (2, 53) and not is_uuid(key):
        raise ApiError(400, f"Invalid uuid {key}")
    found = call.cloud.compute.services.by_id(key)
    if found is None:
        raise ApiError(404, f"Service {key} could not be found.")
    return found


def update(call: Call) -> Reply:
    """Since 2.53: enable, disable with a reason, force down and up."""
    service, body = _one(call), call.body()
    if service.binary != "nova-compute":
        raise ApiError(
            400, f"Updating a {service.binary} service is not supported. Only nova-compute services can be updated."
        )
    if not body:
        raise ApiError(400, "No updates were requested. Fields 'status' or 'forced_down' should be specified.")
    status, forced = body.get("status"), body.get("forced_down")
    if status not in (None, "enabled", "disabled"):
        raise ApiError(
            400,
            f"Invalid input for field/attribute status. Value: {status}. '{status}' is not one of "
            "['enabled', 'disabled']",
        )
    if forced is not None:
        _force(call, service, forced)
    if status is not None:
        _switch(service, status == "disabled", body.get("disabled_reason"))
    _notify(call, service)
    return Reply({"service": view(call, service)})


def _notify(call: Call, service: Service) -> None:
    asker = who(call)
    notifications.of_service(call.cloud, service, asker.user_id, asker.project_id, asker.request_id)


def _switch(service: Service, disabled: bool, reason: object) -> None:
    if reason is not None and not disabled:
        raise ApiError(400, "Specifying disabled_reason when status is 'enabled' is invalid.")
    service.disabled = disabled
    service.disabled_reason = str(reason) if reason is not None and disabled else None


def _force(call: Call, service: Service, forced: object) -> None:
    if not isinstance(forced, bool):
        raise ApiError(
            400, f"Invalid input for field/attribute forced_down. Value: {forced}. {forced!r} is not of type 'boolean'"
        )
    if not forced and service.forced_down and _evacuated(call, service.host):
        raise ApiError(400, _FORCED_UP.format(host=service.host))
    service.forced_down = forced


def _evacuated(call: Call, host: str) -> bool:
    """True while servers were evacuated from `host` and its nova-compute has not started since."""
    migrations = call.cloud.compute.migrations
    return any(each.kind == "evacuation" and each.status == "done" and each.source == host for each in migrations)


def legacy(call: Call) -> Reply:
    """Until 2.52: `PUT /os-services/enable` and its like, with host and binary in the body."""
    body, verb = call.body(), call.args["verb"]
    host, binary = str(body.get("host", "")), str(body.get("binary", ""))
    service = call.cloud.compute.services.find(binary, host)
    if service is None:
        raise ApiError(404, f"Could not find binary {binary} on host {host}.")
    if verb in ("enable", "disable", "disable-log-reason"):
        _switch(service, verb != "enable", body.get("disabled_reason"))
        _notify(call, service)
        shown: View = {"host": host, "binary": binary, "status": "disabled" if service.disabled else "enabled"}
        if verb == "disable-log-reason":
            shown["disabled_reason"] = service.disabled_reason
        return Reply({"service": shown})
    if verb == "force-down" and call.version >= (2, 11):
        _force(call, service, body.get("forced_down"))
        _notify(call, service)
        return Reply({"service": {"host": host, "binary": binary, "forced_down": service.forced_down}})
    raise ApiError(404, "Unknown action")


def delete(call: Call) -> Reply:
    """The record goes; a compute must be empty, its compute node and provider go with it."""
    service, compute = _one(call), call.cloud.compute
    if service.binary == "nova-compute":
        if next(compute.servers.on_host(service.host), None) is not None:
            raise ApiError(
                409,
                "Unable to delete compute service that is hosting instances. Migrate or delete the instances first.",
            )
        compute.hypervisors.remove(service.host)
        for aggregate in compute.aggregates.values():
            if service.host in aggregate.hosts:
                aggregate.hosts.remove(service.host)
    compute.services.remove(service)
    return Reply(None, 204)


ROUTES = [
    Route("GET", "/v2.1/os-services", index, "admin", RULE + "list"),
    Route("PUT", "/v2.1/os-services/{id}", update, "admin", RULE + "update", since=(2, 53)),
    Route("PUT", "/v2.1/os-services/{verb}", legacy, "admin", RULE + "update", until=(2, 52)),
    Route("DELETE", "/v2.1/os-services/{id}", delete, "admin", RULE + "delete"),
]
