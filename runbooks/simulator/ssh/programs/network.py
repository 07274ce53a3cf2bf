"""Addresses and sockets: `ip addr` (text, brief, JSON) and `ss`."""

from __future__ import annotations

import json
from typing import Any

from runbooks.simulator.ssh import changes
from runbooks.simulator.ssh.getopt import options
from runbooks.simulator.ssh.program import Call, Place, UsageError, program

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


def _addresses(place: Place) -> list[str]:
    """The host's own address, then the virtual ones that keepalived holds here."""
    host, layout = place.host, place.cloud.layout
    virtual = [layout.vip, layout.internal_vip] if place.cloud.balancers.has(host.name) else []
    return [host.machine.address, *virtual]


def _interfaces(place: Place) -> list[dict[str, Any]]:
    """`ip -j addr`, in its order of keys."""
    forever = {"valid_life_time": 4294967295, "preferred_life_time": 4294967295}
    mac = _mac(place, place.host.name)
    link_local = "fe80::5054:ff:fe" + mac[9:11] + ":" + mac[12:14] + mac[15:17]
    own, *virtual = _addresses(place)
    inet: list[dict[str, Any]] = [
        {"family": "inet", "local": own, "prefixlen": 24, "scope": "global", "label": "eth0", **forever}
    ]
    inet += [
        {"family": "inet", "local": address, "prefixlen": 32, "scope": "global", "label": "eth0", **forever}
        for address in virtual
    ]
    return [
        {
            "ifindex": 1, "ifname": "lo", "flags": ["LOOPBACK", "UP", "LOWER_UP"], "mtu": 65536, "qdisc": "noqueue",
            "operstate": "UNKNOWN", "group": "default", "txqlen": 1000, "link_type": "loopback",
            "address": "00:00:00:00:00:00", "broadcast": "00:00:00:00:00:00",
            "addr_info": [
                {"family": "inet", "local": "127.0.0.1", "prefixlen": 8, "scope": "host", "label": "lo", **forever},
                {"family": "inet6", "local": "::1", "prefixlen": 128, "scope": "host", **forever},
            ],
        },
        {
            "ifindex": 2, "ifname": "eth0", "flags": ["BROADCAST", "MULTICAST", "UP", "LOWER_UP"], "mtu": 1500,
            "qdisc": "mq", "operstate": "UP", "group": "default", "txqlen": 1000, "link_type": "ether", "address": mac,
            "broadcast": "ff:ff:ff:ff:ff:ff",
            "addr_info": [*inet, {"family": "inet6", "local": link_local, "prefixlen": 64, "scope": "link", **forever}],
        },
    ]  # fmt: skip


@program("ip", folder="/usr/sbin")
def _ip(call: Call) -> int:
    """`ip [-j] [-br] [-4|-6] addr|link|neigh [show] [dev NAME]`."""
    words = call.args
    flags = [word for word in words if word.startswith("-")]
    rest = [word for word in words if not word.startswith("-")]
    if not rest:
        raise UsageError("Usage: ip [ OPTIONS ] OBJECT { COMMAND | help }", 255)
    what = rest[0]
    if (len(what) > 1 and "neighbour".startswith(what)) or what == "neighbor":
        return _neighbours(call, json_wanted="-j" in flags or "-json" in flags)
    if not ("address".startswith(what) or "link".startswith(what)):
        raise UsageError(f'Object "{what}" is unknown, try "ip help".', 1)
    found = _interfaces(call.place)
    names = [word for word in rest[1:] if word not in ("show", "list", "dev")]
    if names:
        found = [interface for interface in found if interface["ifname"] == names[0]]
        if not found:
            return call.fail(f'Device "{names[0]}" does not exist.')
    family = "inet6" if "-6" in flags else "inet" if "-4" in flags else ""
    for interface in found:
        interface["addr_info"] = [info for info in interface["addr_info"] if family in ("", info["family"])]
        if "link".startswith(what):
            del interface["addr_info"]
    if "-j" in flags or "-json" in flags:
        call.print(json.dumps(found, separators=(",", ":")))
        return 0
    for interface in found:
        _print_interface(call, interface, brief="-br" in flags or "-brief" in flags)
    return 0


def _neighbours(call: Call, *, json_wanted: bool) -> int:
    """The virtual addresses, as hosts that do not have them know them: their services talk to them all the time."""
    balancers = call.place.cloud.balancers
    holder = next((host for host in balancers.hosts if balancers.has(host.name)), None)
    found: list[dict[str, Any]] = []
    if holder is not None and not balancers.has(call.place.host.name):
        mac = _mac(call.place, holder.name)
        found = [
            {"dst": address, "dev": "eth0", "lladdr": mac, "state": ["REACHABLE"]} for address in balancers.addresses()
        ]
    if json_wanted:
        call.print(json.dumps(found, separators=(",", ":")))
        return 0
    for each in found:
        call.print(f"{each['dst']} dev {each['dev']} lladdr {each['lladdr']} {each['state'][0]}")
    return 0


def _mac(place: Place, host: str) -> str:
    return "52:54:00" + place.cloud.seed.mac("eth0", host)[8:]


def _print_interface(call: Call, interface: dict[str, Any], *, brief: bool) -> None:
    infos = interface.get("addr_info", [])
    if brief:
        shown = " ".join(f"{info['local']}/{info['prefixlen']}" for info in infos)
        call.print(f"{interface['ifname']:<16} {interface['operstate']:<14} {shown} ".rstrip() + " ")
        return
    call.print(
        f"{interface['ifindex']}: {interface['ifname']}: <{','.join(interface['flags'])}> mtu {interface['mtu']} qdisc "
        f"{interface['qdisc']} state {interface['operstate']} group default qlen {interface['txqlen']}"
    )
    call.print(f"    link/{interface['link_type']} {interface['address']} brd {interface['broadcast']}")
    for info in infos:
        label = f" {info['label']}" if "label" in info else ""
        call.print(f"    {info['family']} {info['local']}/{info['prefixlen']} scope {info['scope']}{label}")
        call.print("       valid_lft forever preferred_lft forever")


@program("ss", "netstat")
def _ss(call: Call) -> int:
    """Listening TCP sockets of the units that run; processes only for root, as the kernel has it."""
    given = options(call, flags="ltunpaHo46", long="listening tcp numeric processes no-header")
    head = "" if "H/no-header" in given else "Process" if "p/processes" in given else " "
    table = [["State", "Recv-Q", "Send-Q", "Local Address:Port", "Peer Address:Port", head]] if head else []
    for unit in call.place.host.units.values():
        if unit.state not in ("running", "hung"):
            continue
        for port, backlog, process, own in _PORTS.get(unit.name, ()):
            address = call.place.host.machine.address if own else "0.0.0.0"
            who = ""
            if "p/processes" in given and call.place.root:
                who = f'users:(("{process[:15]}",pid={changes.process_id(call.place, unit)},fd=3))'
            table.append(["LISTEN", "0", str(backlog), f"{address}:{port}", "0.0.0.0:*", who])
    widths = [max((len(row[at]) for row in table), default=0) for at in range(6)]
    for row in table:
        cells = [row[at].rjust(widths[at]) if at in (3, 4) else row[at].ljust(widths[at]) for at in range(6)]
        call.print(" ".join(cells).rstrip())
    return 0
