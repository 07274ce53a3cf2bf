"""Sockets: `ss`."""

from __future__ import annotations

from runbooks.simulator.model.wires.namespaces import processes
from runbooks.simulator.ssh import changes
from runbooks.simulator.ssh.getopt import options
from runbooks.simulator.ssh.program import Call, program
from runbooks.simulator.ssh.programs.ip import namespace_of

_PORTS: dict[str, tuple[tuple[int, int, str, bool], ...]] = {
    "ssh": ((22, 128, "sshd", False),),
    "mariadb": ((3306, 152, "mariadbd", True), (4567, 4096, "mariadbd", False)),
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
    "horizon": ((80, 511, "apache2", True),),
    "prometheus_node_exporter": ((9100, 4096, "node_exporter", True),),
    "prometheus_server": ((9091, 4096, "prometheus", True),),
    "prometheus_alertmanager": ((9093, 4096, "alertmanager", True),),
    "grafana": ((3000, 4096, "grafana", True),),
    "nova_libvirt": ((16509, 20, "libvirtd", True),),
}  # fmt: skip
"""Unit → (port, backlog, process, on the management address only)."""


def _of_units(call: Call) -> list[tuple[str, str, int, str, int]]:
    """(protocol, address, backlog, process, its number) of what the host's units listen on."""
    place, found = call.place, []
    for unit in place.host.units.values():
        if unit.state in ("running", "hung"):
            for port, backlog, process, own in _PORTS.get(unit.name, ()):
                address = place.host.machine.address if own else "0.0.0.0"
                found.append(("tcp", f"{address}:{port}", backlog, process, changes.process_id(place, unit)))
    return found


def _of_namespace(call: Call, name: str) -> list[tuple[str, str, int, str, int]]:
    """The same of a DHCP server (DNS and DHCP) or a router (the proxy to the metadata)."""
    place, found = call.place, []
    namespace = namespace_of(place, name)
    for process in processes(place.cloud, place.host.name, namespace) if namespace is not None else ():
        if process.name == "haproxy":
            found.append(("tcp", "*:9697", 1024, process.name, process.pid))
        if process.name == "dnsmasq" and namespace is not None:
            found.append(("udp", "0.0.0.0:67", 0, process.name, process.pid))
            own = [address for port in namespace.ports for _, address in port.fixed_ips]
            for address in ("127.0.0.1", *own, "169.254.169.254"):
                found.append(("udp", f"{address}:53", 0, process.name, process.pid))
                found.append(("tcp", f"{address}:53", 32, process.name, process.pid))
    return found


@program("ss", "netstat")
def _ss(call: Call) -> int:
    """Listening sockets of the units that run, or of a namespace's processes; who they are, only for root."""
    given = options(call, flags="ltunpaHo46", long="listening tcp udp numeric processes no-header")
    protocols = [name for name in ("udp", "tcp") if f"{name[0]}/{name}" in given] or ["tcp"]
    several = len(protocols) > 1
    head = "" if "H/no-header" in given else "Process" if "p/processes" in given else " "
    table = [[*(["Netid"] if several else []), "State", "Recv-Q", "Send-Q", "Local Address:Port", "Peer Address:Port",
              head]] if head else []  # fmt: skip
    name = call.place.namespace
    for protocol, address, backlog, process, pid in _of_namespace(call, name) if name else _of_units(call):
        if protocol not in protocols:
            continue
        who = f'users:(("{process[:15]}",pid={pid},fd=3))' if "p/processes" in given and call.place.root else ""
        peer = "*:*" if address.startswith("*") else "0.0.0.0:*"
        state = "LISTEN" if protocol == "tcp" else "UNCONN"
        table.append([*([protocol] if several else []), state, "0", str(backlog), address, peer, who])
    count = 7 if several else 6
    widths = [max((len(row[at]) for row in table), default=0) for at in range(count)]
    for row in table:
        right = (count - 3, count - 2)
        cells = [row[at].rjust(widths[at]) if at in right else row[at].ljust(widths[at]) for at in range(count)]
        call.print(" ".join(cells).rstrip())
    return 0
