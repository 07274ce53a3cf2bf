"""Flows for rules that let in the members of a security group: conjunctions, as Neutron's firewall driver makes them.

One part is each member's address on the network, another the port that has the rule; only where both match, the third
flow, which names the conjunction, lets the packet in. A group without members has a port's part alone: nobody passes.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from runbooks.simulator.model.network.records import Port, Rule

if TYPE_CHECKING:
    from runbooks.simulator.model.wires.flows import Flow
    from runbooks.simulator.model.wires.switch import Switch

FIRST = 16
"""The driver's first number of a conjunction; each rule takes eight."""
STATES = (("+est-rel-rpl", ""), ("+new-est", "ct(commit,zone=NXM_NX_REG6[0..15]),"))


def grouped(switch: Switch) -> list[tuple[Port, Rule]]:
    """The servers' ports here with each of their rules for IPv4 that names a group."""
    groups = switch.cloud.network.security_groups
    return [
        (port, rule)
        for port, inside in switch.neutrons
        if port.port_security and not inside
        for identity in port.security_groups
        if (group := groups.get(identity)) is not None
        for rule in group.rules
        if rule.remote_group and rule.ethertype == "IPv4"
    ]


def members(switch: Switch, group: str, network: str) -> list[str]:
    """The addresses of a group's members on a network."""
    ports = switch.cloud.network.ports.on_network(network)
    return sorted(address for port in ports if group in port.security_groups for _, address in port.fixed_ips)


def group_flows(switch: Switch, whole: bool) -> Iterator[Flow]:
    """All parts of all conjunctions of a host. Not `whole`: without the members on large networks."""
    from runbooks.simulator.model.wires.flows import LARGE, Flow

    found = grouped(switch)
    numbers = {rule_id: FIRST + 8 * at for at, rule_id in enumerate(sorted({rule.id for _, rule in found}))}
    plugs = {plug.port.id: plug for plug in switch.plugs if plug.port is not None}
    told: set[tuple[str, str]] = set()
    for port, rule in found:
        number, inward = numbers[rule.id], rule.direction == "ingress"
        table, plug = (82 if inward else 72), plugs[port.id]
        protocol = rule.protocol if rule.protocol in ("tcp", "udp", "icmp") else "ip"
        at = f",tp_dst={rule.port_min}" if rule.port_min is not None and protocol in ("tcp", "udp") else ""
        reg5, reg6 = f"reg5=0x{plug.ofport:x}", f"reg6=0x{switch.vlans[port.network_id]:x}"
        for offset, (state, commit) in enumerate(STATES):
            own = number + offset
            passes = f"{commit}output:{plug.ofport}" + (",resubmit(,92)" if commit else "")
            act = f"set_field:0x{own:x}->reg7,{passes if inward else 'resubmit(,73)'}"
            yield Flow(table, 70, f"ct_state={state},{protocol},{reg5}{at}", f"conjunction({own},2/2)")
            yield Flow(table, 70, f"conj_id={own},ct_state={state},{protocol},{reg5}", act, True)
        if (rule.id, port.network_id) in told:
            continue
        told.add((rule.id, port.network_id))
        if not whole and switch.cloud.network.ports.count_on(port.network_id) > LARGE:
            continue
        for address in members(switch, str(rule.remote_group), port.network_id):
            for offset, (state, _) in enumerate(STATES):
                field = "nw_src" if inward else "nw_dst"
                match = f"ct_state={state},ip,{reg6},{field}={address}"
                yield Flow(table, 70, match, f"conjunction({number + offset},1/2)", True)
