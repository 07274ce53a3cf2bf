"""Open vSwitch with the userspace datapath on network and compute hosts: the kernel needs no module for it.

Bridges: br-int; br-phy, which owns the tunnel address (a userspace tunnel leaves only through a bridge that does); and
br-ex with eth2 on network hosts. br-tun and the flows are made by Neutron's agent. The bridges are in OVS's own books,
their addresses are not: the unit `ovs-bridges` sets them at each boot.
"""

from __future__ import annotations

from runbooks.lab.lab import Lab
from runbooks.lab.machine import Machine

PACKAGES: tuple[str, ...] = ("openvswitch-switch", "ethtool")

UNIT = "ovs-bridges"
SCRIPT = "/usr/local/sbin/ovs-bridges"


def mac(machine: Machine) -> str:
    """br-phy's own address: the same at each boot, so that the neighbours' tables stay right."""
    parts = [int(part) for part in machine.tunnel.split(".")]
    return "02:" + ":".join(f"{part:02x}" for part in (0, *parts))


def script(machine: Machine) -> str:
    """The script of `ovs-bridges`."""
    vsctl = "ovs-vsctl --timeout=30"
    lines = [
        "#!/bin/sh -e",
        "# The bridges of this host and their addresses.",
        f"{vsctl} -- --may-exist add-br br-phy"
        f" -- set bridge br-phy datapath_type=netdev fail_mode=standalone 'other_config:hwaddr=\"{mac(machine)}\"'"
        " -- --may-exist add-port br-phy eth1"
        " -- --may-exist add-br br-int -- set bridge br-int datapath_type=netdev fail_mode=secure",
        "ip address flush dev eth1",
        "ip link set eth1 up",
        f"ip address replace {machine.tunnel}/24 dev br-phy",
        "ip link set br-phy up",
        "ethtool -K eth1 tx off >/dev/null",
        "ethtool -K br-phy tx off >/dev/null || true",
    ]
    if "network" in machine.roles:
        lines += [
            f"{vsctl} -- --may-exist add-br br-ex -- set bridge br-ex datapath_type=netdev fail_mode=standalone"
            " -- --may-exist add-port br-ex eth2",
            "ip link set eth2 up",
            "ip link set br-ex up",
            "ethtool -K eth2 tx off >/dev/null",
        ]
    return "\n".join(lines) + "\n"


BRIDGES = f"""\
[Unit]
Description=Bridges of Open vSwitch
After=openvswitch-switch.service
Requires=openvswitch-switch.service

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart={SCRIPT}

[Install]
WantedBy=multi-user.target
"""


def machines(lab: Lab) -> list[Machine]:
    """The hosts that have it."""
    return [*lab.with_role("network"), *lab.with_role("compute")]


def install(lab: Lab) -> None:
    """Script and units; each host gets its own id."""
    for machine in machines(lab):
        machine.write(SCRIPT, script(machine), mode=0o755)
        machine.write("/etc/openvswitch/system-id.conf", f"{machine.name}\n")
        machine.unit(UNIT, BRIDGES)
        machine.enable("openvswitch-switch", UNIT)


def start(lab: Lab) -> None:
    """Start it, and wait for the bridges."""
    lab.each(machines(lab), _start)


def _start(machine: Machine) -> None:
    machine.start("openvswitch-switch", UNIT)
    machine.wait("br-int is there", lambda: machine.run("ovs-vsctl", "br-exists", "br-int", check=False).ok, 30)
