"""`os-hypervisors`: compute nodes, with their usage until 2.87 and their uptime from 2.88 on."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import islice

import msgspec

from runbooks.simulator.http.api import Route
from runbooks.simulator.http.call import ApiError, Call, Reply
from runbooks.simulator.http.nova.links import View, flag, limit, next_link
from runbooks.simulator.model.hypervisors import CPU_INFO, RESERVED_MIB, Hypervisor

RULE = "os_compute_api:os-hypervisors:"
_CPU_INFO_TEXT = msgspec.json.encode(CPU_INFO).decode()


def _brief(call: Call, node: Hypervisor) -> View:
    service = call.cloud.compute.services.compute(node.host)
    up = service is not None and call.cloud.compute.services.up(service, call.cloud.now())
    return {
        "id": node.id if call.version >= (2, 53) else node.number,
        "hypervisor_hostname": node.host,
        "state": "up" if up else "down",
        "status": "disabled" if service is not None and service.disabled else "enabled",
    }


def _full(call: Call, node: Hypervisor) -> View:
    service = call.cloud.compute.services.compute(node.host)
    shown = _brief(call, node)
    shown["hypervisor_type"] = "QEMU"
    shown["hypervisor_version"] = 7002011
    shown["host_ip"] = node.address
    shown["service"] = {
        "id": (service.id if call.version >= (2, 53) else service.number) if service else None,
        "host": node.host,
        "disabled_reason": service.disabled_reason if service else None,
    }
    if call.version >= (2, 88):
        return shown | {"uptime": uptime(call, node) if shown["state"] == "up" else None}
    taken = call.cloud.compute.servers.taken(node.host)
    ram_used = taken.ram + RESERVED_MIB
    return shown | {
        "vcpus": node.vcpus,
        "memory_mb": node.ram,
        "local_gb": node.disk,
        "vcpus_used": taken.vcpus,
        "memory_mb_used": ram_used,
        "local_gb_used": taken.disk,
        "free_ram_mb": node.ram - ram_used,
        "free_disk_gb": node.disk - taken.disk,
        "current_workload": taken.busy,
        "running_vms": taken.servers,
        "disk_available_least": node.disk - taken.disk,
        "cpu_info": CPU_INFO if call.version >= (2, 28) else _CPU_INFO_TEXT,
    }


def uptime(call: Call, node: Hypervisor) -> str:
    """The output of `uptime` on the host, as libvirt's driver passes it on."""
    host, now = call.cloud.hosts[node.host], call.cloud.now()
    minutes = int(now - host.booted) // 60
    days, hours = minutes // 1440, minutes // 60 % 24
    clock = f"{int(now) // 3600 % 24:02}:{int(now) // 60 % 60:02}:{int(now) % 60:02}"
    load = ", ".join(f"{value:.2f}" for value in host.load)
    return f" {clock} up {days} days, {hours:2}:{minutes % 60:02},  0 users,  load average: {load}\n"


def _wanted(call: Call) -> list[Hypervisor]:
    nodes: Iterable[Hypervisor] = call.cloud.compute.hypervisors
    pattern = call.query.get("hypervisor_hostname_pattern")
    if pattern is not None and call.version >= (2, 53):
        nodes = [node for node in nodes if pattern in node.host]
        if not nodes:
            raise ApiError(404, f"No hypervisor matching '{pattern}' could be found.")
    marker, size = call.query.get("marker") if call.version >= (2, 33) else None, limit(call)
    if marker:
        last = call.cloud.compute.hypervisors.by_id(marker)
        if last is None:
            raise ApiError(400, f"marker [{marker}] not found")
        nodes = call.cloud.compute.hypervisors.after(last) if pattern is None else _rest(nodes, last)
    return list(islice(nodes, size))


def _rest(nodes: Iterable[Hypervisor], last: Hypervisor) -> list[Hypervisor]:
    return [node for node in nodes if node.number > last.number]


def _listed(call: Call, nodes: list[Hypervisor], views: list[View]) -> Reply:
    if call.version >= (2, 53) and flag(call, "with_servers"):
        for node, shown in zip(nodes, views, strict=True):
            _with_servers(call, node, shown)
    body: View = {"hypervisors": views}
    if call.version >= (2, 33) and nodes and len(nodes) == limit(call):
        last = nodes[-1]
        body["hypervisors_links"] = next_link(call, last.id if call.version >= (2, 53) else str(last.number))
    return Reply(body)


def _with_servers(call: Call, node: Hypervisor, shown: View) -> None:
    servers = [{"name": each.name, "uuid": each.id} for each in call.cloud.compute.servers.on_host(node.host)]
    if servers or call.version >= (2, 75):
        shown["servers"] = servers


def index(call: Call) -> Reply:
    nodes = _wanted(call)
    return _listed(call, nodes, [_brief(call, node) for node in nodes])


def detail(call: Call) -> Reply:
    nodes = _wanted(call)
    return _listed(call, nodes, [_full(call, node) for node in nodes])


def _one(call: Call) -> Hypervisor:
    key = call.args["id"]
    found = call.cloud.compute.hypervisors.by_id(key)
    if found is None:
        raise ApiError(404, f"Hypervisor with ID '{key}' could not be found.")
    return found


def show(call: Call) -> Reply:
    node = _one(call)
    shown = _full(call, node)
    if call.version >= (2, 53) and flag(call, "with_servers"):
        _with_servers(call, node, shown)
    return Reply({"hypervisor": shown})


def show_uptime(call: Call) -> Reply:
    node = _one(call)
    shown = _brief(call, node)
    if shown["state"] != "up":
        raise ApiError(400, f"Service is unavailable at this time. Compute host {node.host} is down.")
    return Reply({"hypervisor": shown | {"uptime": uptime(call, node)}})


def statistics(call: Call) -> Reply:
    """Sums over all computes that are enabled and up."""
    sums: dict[str, int] = {"count": 0}
    for node in call.cloud.compute.hypervisors:
        for name, value in _full(call, node).items():
            if isinstance(value, int) and name not in ("id", "hypervisor_version"):
                sums[name] = sums.get(name, 0) + value
        sums["count"] += 1
    return Reply({"hypervisor_statistics": sums})


def search(call: Call) -> Reply:
    """Until 2.52: by a part of the name."""
    pattern = call.args["id"]
    found = [node for node in call.cloud.compute.hypervisors if re.search(re.escape(pattern), node.host)]
    if not found:
        raise ApiError(404, f"No hypervisor matching '{pattern}' could be found.")
    views = [_brief(call, node) for node in found]
    if call.path.endswith("/servers"):
        for node, shown in zip(found, views, strict=True):
            _with_servers(call, node, shown)
    return Reply({"hypervisors": views})


_AT = "/v2.1/os-hypervisors"
ROUTES = [
    Route("GET", _AT, index, "admin", RULE + "list"),
    Route("GET", f"{_AT}/detail", detail, "admin", RULE + "list-detail"),
    Route("GET", f"{_AT}/statistics", statistics, "admin", RULE + "statistics", until=(2, 87)),
    Route("GET", f"{_AT}/{{id}}", show, "admin", RULE + "show"),
    Route("GET", f"{_AT}/{{id}}/uptime", show_uptime, "admin", RULE + "uptime", until=(2, 87)),
    Route("GET", f"{_AT}/{{id}}/search", search, "admin", RULE + "search", until=(2, 52)),
    Route("GET", f"{_AT}/{{id}}/servers", search, "admin", RULE + "servers", until=(2, 52)),
]
