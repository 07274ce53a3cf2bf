"""The log files of Kolla's containers, in `/var/log/kolla`: made from the clock and the model when asked for.

What happened to servers is there under its request id, on the controller that took the request and on the compute that
did the work; so is a broker that is gone, as every service that talks to it complains. Times are the cloud's.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice

from runbooks.simulator.model.actions import Action
from runbooks.simulator.model.hosts import Host, Unit
from runbooks.simulator.model.server import Server
from runbooks.simulator.ssh import changes, neutron_logs
from runbooks.simulator.ssh.journal import Entry
from runbooks.simulator.ssh.program import Place

FOLDER = "/var/log/kolla"
LONGEST = 86400.0
"""Seconds that a file goes back: logrotate runs once a day."""
_ROUTINE = 3600.0
"""Seconds of routine messages."""
_MOST_SERVERS = 300
_NAMES = {
    "openvswitch_vswitchd": ("openvswitch", "ovs-vswitchd"),
    "openvswitch_db": ("openvswitch", "ovsdb-server"),
    "nova_libvirt": ("libvirt", "libvirtd"),
}
_OPENSTACK = (
    "keystone",
    "glance_",
    "placement_",
    "nova_",
    "neutron_",
    "cinder_",
    "heat_",
    "octavia_",
    "designate_",
    "manila_",
    "barbican_",
)
_WITHOUT = ("keystone_ssh", "keystone_fernet", "nova_ssh", "nova_libvirt", "nova_novncproxy")
_STARTS = {
    "nova_compute": ("nova.service", "Starting compute node (version 31.0.0)"),
    "nova_conductor": ("nova.service", "Starting conductor node (version 31.0.0)"),
    "nova_scheduler": ("nova.service", "Starting scheduler node (version 31.0.0)"),
}
_ACTIONS = {"create": "", "start": "os-start", "stop": "os-stop", "reboot": "reboot", "delete": ""}


def paths(place: Place) -> dict[str, Unit]:
    """Path → the container that writes it."""
    return {
        path_of(place, unit): unit
        for unit in place.host.units.values()
        if unit.engine == "docker" and (_speaks(unit.name) or unit.name in ("mariadb", "rabbitmq"))
    }


def path_of(place: Place, unit: Unit) -> str:
    """`/var/log/kolla/nova/nova-compute.log`."""
    if unit.name == "rabbitmq":
        return f"{FOLDER}/rabbitmq/rabbit@{place.host.name}.log"
    folder, name = _NAMES.get(unit.name, (unit.name.partition("_")[0], unit.name.replace("_", "-")))
    return f"{FOLDER}/{folder}/{name}.log"


def content(place: Place, unit: Unit, since: float | None = None) -> str:
    """The whole file, or its lines after `since`."""
    found = (entry for entry in entries(place, unit) if since is None or entry.at > since)
    return "".join(_written(place, unit, entry) for entry in found)


def lines(place: Place, unit: Unit) -> list[tuple[float, str]]:
    """(moment, line without its newline), oldest first."""
    return [(entry.at, _written(place, unit, entry).rstrip("\n")) for entry in entries(place, unit)]


def entries(place: Place, unit: Unit) -> list[Entry]:
    """What the service has logged, oldest first."""
    return sorted(_made(place, unit), key=lambda entry: entry.at)


def changed(place: Place, unit: Unit) -> float:
    """When the file was last written."""
    return max((entry.at for entry in _made(place, unit)), default=unit.since)


def _speaks(name: str) -> bool:
    return name.startswith(_OPENSTACK) and name not in _WITHOUT


def _made(place: Place, unit: Unit) -> Iterator[Entry]:
    if unit.state in ("running", "hung"):
        if unit.name in ("mariadb", "rabbitmq"):
            yield _said(unit, unit.since, 6, "", _READY[unit.name])
            return
        logger, words = _STARTS.get(unit.name, ("oslo_service.service", "Starting 2 workers"))
        yield _said(unit, unit.since, 6, f"{logger} [-] ", words)
        if unit.name == "nova_compute":
            yield from _resources(place, unit)
    elif unit.name in ("mariadb", "rabbitmq"):
        yield _said(unit, unit.since, 6, "", _GONE[unit.name])
        return
    yield from _requests(place, unit)
    yield from _broker(place, unit)
    if unit.state == "running":
        for at, priority, head, words in neutron_logs.said(place, unit, _actions(place)):
            yield _said(unit, at, priority, head, words)


_READY = {
    "mariadb": "0 [Note] WSREP: Synchronized with group, ready for connections",
    "rabbitmq": "[info] <0.9.0> Server startup complete; 6 plugins started.",
}
_GONE = {
    "mariadb": "0 [Note] /usr/sbin/mariadbd: Shutdown complete",
    "rabbitmq": "[info] <0.12.0> Successfully stopped RabbitMQ and its dependencies",
}


def _said(unit: Unit, at: float, priority: int, head: str, words: str) -> Entry:
    return Entry(at, unit.name, unit.name, 0, priority, head + words)


def _written(place: Place, unit: Unit, entry: Entry) -> str:
    """One line in the service's own form."""
    moment = datetime.fromtimestamp(entry.at, UTC)
    if unit.name == "rabbitmq":
        return f"{moment.strftime('%Y-%m-%d %H:%M:%S.%f')}+00:00 {entry.message}\n"
    if unit.name == "mariadb":
        return f"{moment.strftime('%Y-%m-%d %H:%M:%S')} {entry.message}\n"
    level = {3: "ERROR", 4: "WARNING"}.get(entry.priority, "INFO")
    stamp = moment.strftime("%Y-%m-%d %H:%M:%S.%f")[:-3]
    return f"{stamp} {7 + changes.process_id(place, unit) % 90} {level} {entry.message}\n"


def _resources(place: Place, unit: Unit) -> Iterator[Entry]:
    """nova-compute counts its resources once a minute."""
    host, now = place.host, place.now
    begin = max(unit.since, now - _ROUTINE)
    for number in range(int(begin // 60) + 1, int(now // 60) + 1):
        request = place.cloud.seed.uuid("audit", host.name, number)
        used = int(host.memory_used * (host.memory_kib >> 10))
        head = f"nova.compute.resource_tracker [None req-{request} - - - - - -] "
        words = f"Final resource view: name={host.name} phys_ram={host.memory_kib >> 10}MB used_ram={used}MB"
        yield _said(unit, number * 60.0 + 0.4, 6, head, words)


# -- requests --------------------------------------------------------------------------------------------------------


def _requests(place: Place, unit: Unit) -> Iterator[Entry]:
    """What was done to servers: asked of one controller, carried out on a compute."""
    if unit.name not in ("nova_api", "nova_conductor", "nova_compute"):
        return
    for server, action in _actions(place):
        head = f"[None {action.request_id} {action.user_id} {action.project_id} - - default default] "
        if unit.name == "nova_api" and _controller(place, action, "api") is place.host:
            verb, path = _asked(server, action)
            words = f'{place.cloud.layout.vip} "{verb} {path}" status: 202 len: 0 microversion: 2.96 time: 0.214'
            yield _said(unit, action.start + 0.2, 6, f"nova.api.openstack.requestlog {head}", words)
        for event in action.events:
            mine = event.host == place.host.name or (not event.host and _controller(place, action, "rpc") is place.host)
            if mine and (unit.name == "nova_compute") == bool(event.host) and unit.name != "nova_api":
                yield from _step(unit, server, action, head, event.start, event.finish, event.details, event.result)


def _step(
    unit: Unit, server: Server, action: Action, head: str,
    start: float, finish: float | None, details: str | None, result: str | None,
) -> Iterator[Entry]:  # fmt: skip
    about = f"[instance: {server.id}] "
    yield _said(unit, start + 0.05, 6, f"nova.compute.manager {head}{about}", f"{action.action.capitalize()} begins")
    if finish is None:
        return
    if result == "Success":
        words = f"Took {max(finish - start, 0.0):.2f} seconds to {action.action} instance."
        yield _said(unit, finish, 6, f"nova.compute.manager {head}{about}", words)
    else:
        logger = "nova.compute.manager" if unit.name == "nova_compute" else "nova.scheduler.utils"
        yield _said(unit, finish, 3, f"{logger} {head}{about}", f"Failed to {action.action}: {details or 'Error'}")


def _asked(server: Server, action: Action) -> tuple[str, str]:
    if action.action == "create":
        return "POST", "/v2.1/servers"
    if action.action == "delete":
        return "DELETE", f"/v2.1/servers/{server.id}"
    return "POST", f"/v2.1/servers/{server.id}/action"


def _controller(place: Place, action: Action, part: str) -> Host:
    """Which controller took the message: always the same one for a request."""
    control = place.cloud.hosts.with_role("control")
    return control[place.cloud.seed.number(len(control), part, action.request_id)]


def _actions(place: Place) -> Iterator[tuple[Server, Action]]:
    compute, oldest = place.cloud.compute, place.now - LONGEST
    for server in islice(compute.servers.newest(), _MOST_SERVERS):
        for action in compute.actions.of(server):
            if action.start >= oldest:
                yield server, action


# -- the broker ------------------------------------------------------------------------------------------------------


def _broker(place: Place, unit: Unit) -> Iterator[Entry]:
    """While a RabbitMQ node is gone, services that were connected to it say so, twice a minute."""
    if unit.state != "running" or unit.name in ("keystone", "placement_api", "glance_api"):
        return
    for host in place.cloud.hosts.with_role("control"):
        broker = host.units["rabbitmq"]
        if host.up and broker.state == "running":
            continue
        gone = host.changed if not host.up else broker.since
        own = place.cloud.seed.number(3, "broker", place.host.name, unit.name)
        if place.cloud.hosts.with_role("control")[own] is not host:
            continue
        connection = place.cloud.seed.uuid("connection", place.host.name, unit.name)
        number = 0
        while (at := max(gone, unit.since) + 1.0 + 30.0 * number) <= place.now and number < 200:
            words = (
                f"[{connection}] AMQP server on {host.machine.address}:5672 is unreachable: [Errno 111] ECONNREFUSED. "
                "Trying again in 30 seconds.: ConnectionRefusedError: [Errno 111] ECONNREFUSED"
            )
            yield _said(unit, at, 3, "oslo.messaging._drivers.impl_rabbit [-] ", words)
            number += 1
