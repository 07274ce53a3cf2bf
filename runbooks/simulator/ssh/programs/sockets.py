"""Sockets: `ss`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from runbooks.simulator.http.rabbitmq.clients import connections
from runbooks.simulator.model.wires.namespaces import processes
from runbooks.simulator.ssh import changes
from runbooks.simulator.ssh.getopt import Options, options
from runbooks.simulator.ssh.program import Call, program
from runbooks.simulator.ssh.programs.ip import namespace_of

PORTS: dict[str, tuple[tuple[int, int, str, bool], ...]] = {
    "ssh": ((22, 128, "sshd", False),),
    "mariadb": ((3306, 152, "mariadbd", True), (4567, 4096, "mariadbd", False)),
    "mariadb_bootstrap": ((3306, 152, "mariadbd", True), (4567, 4096, "mariadbd", False)),
    "mariadb_clustercheck": ((4569, 128, "socat", True),),
    "rabbitmq": ((5672, 1024, "beam.smp", True), (15672, 1024, "beam.smp", True), (15692, 1024, "beam.smp", False),
                 (25672, 128, "beam.smp", False), (4369, 4096, "epmd", False)),
    "memcached": ((11211, 1024, "memcached", True),),
    "keystone": ((5000, 511, "apache2", True),),
    "glance_api": ((9292, 128, "glance-api", True),),
    "placement_api": ((8780, 511, "apache2", True),),
    "nova_api": ((8774, 511, "apache2", True),),
    "nova_novncproxy": ((6080, 100, "nova-novncproxy", True),),
    "neutron_server": ((9696, 4096, "neutron-server", True),),
    "cinder_api": ((8776, 511, "apache2", True),),
    "heat_api": ((8004, 511, "apache2", True),),
    "octavia_api": ((9876, 511, "apache2", True),),
    "designate_api": ((9001, 511, "apache2", True),),
    "designate_mdns": ((5354, 4096, "designate-mdns", True),),
    "manila_api": ((8786, 511, "apache2", True),),
    "barbican_api": ((9311, 128, "uwsgi", True),),
    "horizon": ((80, 511, "apache2", True),),
    "prometheus_node_exporter": ((9100, 4096, "node_exporter", True),),
    "prometheus_server": ((9091, 4096, "prometheus", True),),
    "prometheus_alertmanager": ((9093, 4096, "alertmanager", True),),
    "loki": ((3100, 4096, "loki", True),),
    "grafana": ((3000, 4096, "grafana", True),),
    "nova_libvirt": ((16509, 20, "libvirtd", True),),
}  # fmt: skip
"""Unit → (port, backlog, process, on the management address only)."""


_CLIENTS = (5672, 15672, 15692)
"""What a broker closes while its application is stopped, or it is in maintenance."""


class Socket(NamedTuple):
    """One line of ss."""

    protocol: str
    state: str
    received: int
    sent: int
    local: str
    peer: str
    process: str
    pid: int
    fd: int = 3


def _listening(call: Call) -> Iterator[Socket]:
    """What the host's units listen on. One that hangs accepts nobody: its queue fills, one connection a second."""
    place = call.place
    for unit in place.host.units.values():
        if unit.state in ("running", "hung"):
            for port, backlog, process, own in PORTS.get(unit.name, ()):
                if port in _CLIENTS and not place.cloud.rabbitmq.takes_clients(place.host.name):
                    continue
                address = place.host.machine.address if own else "0.0.0.0"
                waiting = min(int(place.now - unit.since), backlog + 1) if unit.state == "hung" else 0
                pid = changes.process_id(place, unit)
                yield Socket("tcp", "LISTEN", waiting, backlog, f"{address}:{port}", "0.0.0.0:*", process, pid)


def _connected(call: Call) -> Iterator[Socket]:
    """The host's connections to the brokers, and a broker's own ends of everybody's."""
    place = call.place
    address, units = place.host.machine.address, place.host.units
    broker = units.get("rabbitmq")
    for number, connection in enumerate(connections(place.cloud)):
        client, _, server = connection.name.partition(" -> ")
        unit = units.get(connection.process.program.unit or "")
        if client.startswith(f"{address}:") and unit is not None:
            pid, name = changes.process_id(place, unit), connection.process.program.program
            yield Socket("tcp", "ESTAB", 0, 0, client, server, name, pid, 10 + number % 50)
        if server.startswith(f"{address}:") and broker is not None:
            pid = changes.process_id(place, broker)
            yield Socket("tcp", "ESTAB", 0, 0, server, client, "beam.smp", pid, 40 + number)


def _of_namespace(call: Call, name: str) -> Iterator[Socket]:
    """What a DHCP server (DNS and DHCP) or a router (the proxy to the metadata) listens on."""
    place = call.place
    namespace = namespace_of(place, name)
    for each in processes(place.cloud, place.host.name, namespace) if namespace is not None else ():
        if each.name == "haproxy":
            own_address = namespace is not None and namespace.kind in ("metadata", "dhcp")
            at = "169.254.169.254:80" if own_address else "*:9697"
            peer = "0.0.0.0:*" if at[0] != "*" else "*:*"
            yield Socket("tcp", "LISTEN", 0, 1024, at, peer, each.name, each.pid, 4)
        if each.name == "dnsmasq" and namespace is not None:
            yield Socket("udp", "UNCONN", 0, 0, "0.0.0.0:67", "0.0.0.0:*", each.name, each.pid, 4)
            own = [address for port in namespace.ports for _, address in port.fixed_ips]
            for number, address in enumerate(("127.0.0.1", *own, "169.254.169.254")):
                at = f"{address}:53"
                yield Socket("udp", "UNCONN", 0, 0, at, "0.0.0.0:*", each.name, each.pid, 6 + 2 * number)
                yield Socket("tcp", "LISTEN", 0, 32, at, "0.0.0.0:*", each.name, each.pid, 7 + 2 * number)


@program("ss", "netstat")
def _ss(call: Call) -> int:
    """TCP and UDP sockets: listening ones (`-l`), connected ones, or all (`-a`); whose they are, only for root."""
    given = options(call, flags="ltunpaHo46", long="listening all tcp udp numeric processes no-header")
    protocols = [name for name in ("udp", "tcp") if f"{name[0]}/{name}" in given] or ["tcp"]
    several = len(protocols) > 1
    found: list[Socket] = []
    if name := call.place.namespace:
        found += _of_namespace(call, name)
    else:
        found += _listening(call) if "l/listening" in given or "a/all" in given else ()
        found += _connected(call) if "l/listening" not in given else ()
    _print(call, [each for each in found if each.protocol in protocols], given, several)
    return 0


def _print(call: Call, found: list[Socket], given: Options, several: bool) -> None:
    head = "" if "H/no-header" in given else "Process" if "p/processes" in given else " "
    table = [[*(["Netid"] if several else []), "State", "Recv-Q", "Send-Q", "Local Address:Port", "Peer Address:Port",
              head]] if head else []  # fmt: skip
    named = "p/processes" in given and call.place.root
    for each in found:
        who = f'users:(("{each.process[:15]}",pid={each.pid},fd={each.fd}))' if named else ""
        table.append([*([each.protocol] if several else []), each.state, str(each.received), str(each.sent), each.local,
                      each.peer, who])  # fmt: skip
    count = 7 if several else 6
    widths = [max((len(row[at]) for row in table), default=0) for at in range(count)]
    for row in table:
        right = (count - 3, count - 2)
        cells = [row[at].rjust(widths[at]) if at in right else row[at].ljust(widths[at]) for at in range(count)]
        call.print(" ".join(cells).rstrip())
