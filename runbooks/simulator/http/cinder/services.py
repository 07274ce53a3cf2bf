"""`os-services` and the pools that the schedulers know."""

from __future__ import annotations

from typing import Any

from runbooks.simulator.clock import iso
from runbooks.simulator.http.api import Route
from runbooks.simulator.http.broker import too_late
from runbooks.simulator.http.call import ApiError, Call, Reply
from runbooks.simulator.http.cinder.views import moment
from runbooks.simulator.model.cloud import Cloud
from runbooks.simulator.model.storage import replication
from runbooks.simulator.model.storage.records import Service
from runbooks.simulator.model.storage.services import VOLUME, pool

Row = dict[str, Any]


def _list(call: Call) -> Reply:
    """Since 3.49 the list asks a scheduler for the state of the backends, and waits for its answer."""
    services = call.cloud.storage.services
    if call.version >= (3, 49) and not services.scheduler_answers():
        return too_late(call)
    wanted = {name: call.query[name] for name in ("host", "binary") if name in call.query}
    known = {one.host for one in services.backends()}
    rows = [
        _row(call, one, known)
        for one in services
        if wanted.get("binary", one.binary) == one.binary and _on(one, wanted.get("host"))
    ]
    return Reply({"services": rows})


def _on(service: Service, host: str | None) -> bool:
    """`host=ctl01` also means the backends of ctl01."""
    return host is None or service.host == host or service.host.startswith(host + "@")


def _row(call: Call, service: Service, known: set[str]) -> Row:
    services = call.cloud.storage.services
    beat = services.heartbeat(service)
    changed = max(beat, service.modified or 0.0)
    row: Row = {
        "binary": service.binary,
        "host": service.host,
        "zone": service.zone,
        "status": "disabled" if service.disabled else "enabled",
        "state": "up" if services.up(service) else "down",
        "updated_at": moment(changed),
    }
    if call.version >= (3, 49) and service.binary == VOLUME:
        row["backend_state"] = "up" if service.host in known else None
    if call.version >= (3, 7):
        row["cluster"] = None
    row["disabled_reason"] = service.disabled_reason
    if service.binary == VOLUME:
        row["replication_status"] = replication.status(call.cloud, service)
        row["active_backend_id"] = service.active_backend_id
        row["frozen"] = service.frozen
    return row


def _change(call: Call) -> Reply:
    """`PUT /os-services/enable`, `disable`, `disable-log-reason`, `freeze`, `thaw`, `failover_host`."""
    action = call.args["action"]
    body = call.body()
    host = body.get("host")
    if not isinstance(host, str):
        raise ApiError(400, "Invalid input for field/attribute host. Value: None. 'host' is a required property")
    if action in ("freeze", "thaw", "failover_host", "failover"):
        return _backend(call, action, host, body)
    if action not in ("enable", "disable", "disable-log-reason"):
        raise ApiError(404, "Unknown action")
    binary = str(body.get("binary") or body.get("service") or "")
    service = call.cloud.storage.services.find(binary, host)
    if service is None:
        raise ApiError(404, f"Service {binary} could not be found on host {host}.")
    reason = body.get("disabled_reason") if action == "disable-log-reason" else None
    if action == "disable-log-reason" and not reason:
        raise ApiError(
            400,
            "Invalid input for field/attribute disabled_reason. Value: None. 'disabled_reason' is a required property",
        )
    service.disabled = action != "enable"
    service.disabled_reason = str(reason) if reason else None
    service.modified = call.cloud.now()
    row: Row = {
        "host": host,
        "service": body.get("service", ""),
        "binary": body.get("binary", ""),
        "status": "disabled" if service.disabled else "enabled",
        "disabled": service.disabled,
    }
    if reason:
        row["disabled_reason"] = reason
    return Reply(row)


def _backend(call: Call, action: str, host: str, body: dict[str, object]) -> Reply:
    service = call.cloud.storage.services.find(VOLUME, host)
    if service is None:
        raise ApiError(400, f"Invalid input received: Service {VOLUME} could not be found on host {host}.")
    if action in ("freeze", "thaw"):
        if service.frozen == (action == "freeze"):
            raise _unfit(host, "frozen", str(action == "thaw"))
        service.frozen = action == "freeze"
        service.disabled = service.frozen
        service.disabled_reason = "frozen" if service.frozen else None
        service.modified = call.cloud.now()
        return Reply(None, 200)
    now = replication.status(call.cloud, service)
    if now not in ("enabled", "failed-over") or not call.cloud.storage.services.up(service):
        raise _unfit(host, "replication_status", "enabled or failed-over", "and must be up ")
    target = body.get("backend_id")
    replication.fail_over(call.cloud, service, str(target) if target else None)
    return Reply(None, 202)


def _unfit(host: str, field: str, expected: str, up: str = "") -> ApiError:
    """Cinder looks and changes in one statement of SQL; what did not change was not as expected."""
    return ApiError(
        400,
        "Invalid input received: No service could be changed: "
        f"{field} in ['{host}'] must be {expected} {up}to failover.",
    )


def _pools(call: Call) -> Reply:
    if not call.cloud.storage.services.scheduler_answers():
        return too_late(call)
    detail = call.query.get("detail", "").lower() in ("1", "true", "t", "yes")
    services = call.cloud.storage.services
    names = [(pool(one), one) for one in services.backends()]
    if "name" in call.query:
        names = [pair for pair in names if pair[0] == call.query["name"]]
    if not detail:
        return Reply({"pools": [{"name": name} for name, _ in names]})
    return Reply({"pools": [{"name": name, "capabilities": _capabilities(call.cloud, one)} for name, one in names]})


def _capabilities(cloud: Cloud, service: Service) -> Row:
    storage = cloud.storage
    replicates = replication.status(cloud, service) != "disabled"
    allocated = storage.allocated_gb()
    backends = len(storage.services.backends()) or 1
    free = max(storage.capacity_gb - allocated * 0.62, 0.0)
    beat = storage.services.heartbeat(service)
    return {
        "pool_name": service.host.partition("@")[2],
        "total_capacity_gb": storage.capacity_gb,
        "free_capacity_gb": round(free, 2),
        "provisioned_capacity_gb": round(allocated / backends, 2),
        "reserved_percentage": 0,
        "QoS_support": False,
        "filter_function": None,
        "goodness_function": None,
        "consistencygroup_support": False,
        "replication_enabled": replicates,
        **({"replication_targets": list(service.replicas)} if replicates else {}),
        "group_replication_enabled": False,
        "allocated_capacity_gb": allocated // backends,
        "volume_backend_name": service.host.partition("@")[2],
        "storage_protocol": "ceph",
        "vendor_name": "Open Source",
        "driver_version": "1.3.0",
        "timestamp": iso(beat),
        "backend_state": "up",
        "multiattach": True,
        "max_over_subscription_ratio": "20.0",
        "thin_provisioning_support": True,
        "location_info": "ceph:/etc/ceph/ceph.conf:cinder:volumes",
    }


def _hosts(call: Call) -> Reply:
    services = call.cloud.storage.services
    rows = [
        {
            "host_name": one.host,
            "service": one.binary,
            "zone": one.zone,
            "service-status": "available" if services.up(one) else "unavailable",
            "service-state": "disabled" if one.disabled else "enabled",
            "last-update": moment(services.heartbeat(one)),
        }
        for one in services
    ]
    return Reply({"hosts": rows})


ROUTES = (
    Route("GET", "/v3/os-services", _list, "admin", "volume_extension:services:index"),
    Route("PUT", "/v3/os-services/{action}", _change, "admin", "volume_extension:services:update"),
    Route("GET", "/v3/scheduler-stats/get_pools", _pools, "admin", "scheduler_extension:scheduler_stats:get_pools"),
    Route("GET", "/v3/os-hosts", _hosts, "admin", "volume_extension:hosts"),
)
