"""The network of the servers: ports on the dead VLAN, flows that are gone, tunnels that are cut or too narrow, a DHCP
server that is silent. Open vSwitch and the processes of the hosts are asked.

Packets of Open vSwitch's userspace datapath never pass the kernel's filters, so a tunnel is cut by a flow of the
bridge that owns the tunnel's address.
"""

from __future__ import annotations

from runbooks.ground.declared import FaultError
from runbooks.lab.faults.fault import Fault, Parameters, forget, host, mark, recall, remember
from runbooks.lab.faults.units import freeze, must_be_active, state, thaw
from runbooks.lab.lab import Lab
from runbooks.lab.machine import Machine
from runbooks.lab.network import TUNNEL_MTU
from runbooks.lab.shell import LabError

AGENT = "neutron-openvswitch-agent"
DEAD_VLAN = "4095"
COOKIE = "0x6e657068"
"""Of our own flows: so they are found again."""

MTU = "1450"


def _machine(lab: Lab, parameters: Parameters) -> Machine:
    return lab.machines[parameters["host"]]


def _has_switch(lab: Lab, parameters: Parameters) -> None:
    """Raises FaultError where no Open vSwitch agent runs."""
    must_be_active(host(lab, parameters), AGENT)


# A port on the dead VLAN, and an agent that hangs and so does not mend it


def taps(machine: Machine) -> dict[str, str]:
    """The servers' ports on the integration bridge, with their VLAN tags."""
    found = {}
    for port in machine.run("ovs-vsctl", "list-ports", "br-int").out.split():
        if port.startswith("tap"):
            found[port] = machine.run("ovs-vsctl", "get", "Port", port, "tag").out.strip()
    return found


def _kill_port(lab: Lab, parameters: Parameters) -> None:
    machine = _machine(lab, parameters)
    port, tag = next((port, tag) for port, tag in sorted(taps(machine).items()) if tag.isdigit())
    remember(lab, mark("tap-dead-vlan", parameters), {"port": port, "tag": tag})
    freeze(machine, AGENT)
    machine.run("ovs-vsctl", "set", "Port", port, f"tag={DEAD_VLAN}")


def _revive_port(lab: Lab, parameters: Parameters) -> None:
    machine, key = _machine(lab, parameters), mark("tap-dead-vlan", parameters)
    kept = recall(lab, key)
    if machine.running:
        if kept and kept["port"] in taps(machine):
            machine.run("ovs-vsctl", "set", "Port", kept["port"], f"tag={kept['tag']}")
        thaw(machine, AGENT)
    forget(lab, key)


def _port_is_dead(lab: Lab, parameters: Parameters) -> bool:
    machine = _machine(lab, parameters)
    return machine.running and DEAD_VLAN in taps(machine).values()


def _has_port(lab: Lab, parameters: Parameters) -> None:
    _has_switch(lab, parameters)
    if not any(tag.isdigit() and tag != DEAD_VLAN for tag in taps(_machine(lab, parameters)).values()):
        raise FaultError(f"{parameters['host']} has no server with a port")


# Flows that are gone


def flows(machine: Machine, bridge: str, *which: str) -> list[str]:
    """The flows of a bridge."""
    said = machine.run("ovs-ofctl", "dump-flows", bridge, *which, check=False).out
    return [line.strip() for line in said.splitlines() if "table=" in line]


def _delete_flows(lab: Lab, parameters: Parameters) -> None:
    _machine(lab, parameters).run("ovs-ofctl", "del-flows", "br-tun")


def _make_flows(lab: Lab, parameters: Parameters) -> None:
    """The agent makes them all anew when it starts; some it has made already, when another host told of its ports."""
    machine = _machine(lab, parameters)
    if machine.running:
        machine.restart(AGENT, seconds=120)


def _flows_gone(lab: Lab, parameters: Parameters) -> bool:
    """Nothing comes in (table 0), or no flow puts anything into a tunnel (the agent makes these last)."""
    machine = _machine(lab, parameters)
    if not machine.running:
        return False
    ways_out = any("output:" in flow for flow in flows(machine, "br-tun", "table=22"))
    return not ways_out or not flows(machine, "br-tun", "table=0")


def _has_flows(lab: Lab, parameters: Parameters) -> None:
    _has_switch(lab, parameters)
    if _flows_gone(lab, parameters):
        raise FaultError(f"{parameters['host']} has no network that needs tunnels now")


# A tunnel that is cut in one direction


def _cut_match(lab: Lab, parameters: Parameters) -> str:
    return f"udp,nw_src={lab.machines[parameters['peer']].tunnel},tp_dst=4789"


def _cut_tunnel(lab: Lab, parameters: Parameters) -> None:
    flow = f"cookie={COOKIE},priority=1000,{_cut_match(lab, parameters)},actions=drop"
    _machine(lab, parameters).run("ovs-ofctl", "add-flow", "br-phy", flow)


def _join_tunnel(lab: Lab, parameters: Parameters) -> None:
    machine = _machine(lab, parameters)
    if machine.running:
        machine.run("ovs-ofctl", "del-flows", "br-phy", f"cookie={COOKIE}/-1,{_cut_match(lab, parameters)}")


def _tunnel_is_cut(lab: Lab, parameters: Parameters) -> bool:
    """The switch itself is asked what becomes of a frame from the peer."""
    machine = _machine(lab, parameters)
    if not machine.running:
        return False
    peer = lab.machines[parameters["peer"]].tunnel
    packet = f"in_port=eth1,udp,nw_src={peer},nw_dst={machine.tunnel},udp_dst=4789"
    said = machine.run("ovs-appctl", "ofproto/trace", "br-phy", packet, check=False).out
    return "priority 1000" in said and "Datapath actions: drop" in said


def _has_tunnel(lab: Lab, parameters: Parameters) -> None:
    _has_switch(lab, parameters)
    if parameters["peer"] == parameters["host"]:
        raise FaultError(f"{parameters['host']} has no tunnel to itself")


# A tunnel network that is too narrow


def _narrow(lab: Lab, parameters: Parameters) -> None:
    _machine(lab, parameters).run("ip", "link", "set", "eth1", "mtu", MTU)


def _widen(lab: Lab, parameters: Parameters) -> None:
    machine = _machine(lab, parameters)
    if machine.running:
        machine.run("ip", "link", "set", "eth1", "mtu", str(TUNNEL_MTU))


def _is_narrow(lab: Lab, parameters: Parameters) -> bool:
    machine = _machine(lab, parameters)
    return machine.running and machine.run("cat", "/sys/class/net/eth1/mtu").out.strip() == MTU


# A DHCP server that is silent, under an agent that is alive


def servers(machine: Machine) -> list[str]:
    """The dnsmasq processes of the host's networks."""
    return machine.run("pgrep", "-x", "dnsmasq", check=False).out.split()


def _silence(lab: Lab, parameters: Parameters) -> None:
    machine = _machine(lab, parameters)
    machine.run("kill", "-STOP", *servers(machine))


def _wake(lab: Lab, parameters: Parameters) -> None:
    machine = _machine(lab, parameters)
    if machine.running and servers(machine):
        machine.run("kill", "-CONT", *servers(machine), check=False)


def _is_silent(lab: Lab, parameters: Parameters) -> bool:
    machine = _machine(lab, parameters)
    if not machine.running or not servers(machine):
        return False
    try:
        said = machine.run("ps", "-o", "stat=", "-p", ",".join(servers(machine))).out.split()
    except LabError:
        return False  # one of them has just been replaced
    return any(each.startswith("T") for each in said) and state(machine, "neutron-dhcp-agent") == "active"


def _has_dhcp(lab: Lab, parameters: Parameters) -> None:
    machine = host(lab, parameters)
    must_be_active(machine, "neutron-dhcp-agent")
    if not servers(machine):
        raise FaultError(f"{machine.name} serves no network with DHCP")


FAULTS = {
    "tap-dead-vlan": Fault(_kill_port, _revive_port, _port_is_dead, _has_port, 60),
    "flows-deleted": Fault(_delete_flows, _make_flows, _flows_gone, _has_flows, 120),
    "tunnel-cut": Fault(_cut_tunnel, _join_tunnel, _tunnel_is_cut, _has_tunnel, 30),
    "tunnel-mtu-low": Fault(_narrow, _widen, _is_narrow, _has_switch, 30),
    "dhcp-silent": Fault(_silence, _wake, _is_silent, _has_dhcp, 30),
}
"""The faults of this file."""
