"""The flows of a host's bridges, as Neutron's Open vSwitch agent makes them (with its own firewall driver).

The same tables, matches and actions as recorded: what the model would not deliver has no flow here. Counters follow
from the host's time; a flow is as old as the agent's last start.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from runbooks.simulator.model.network.bindings import carried
from runbooks.simulator.model.network.records import Port, Rule
from runbooks.simulator.model.wires.group_flows import group_flows, grouped
from runbooks.simulator.model.wires.switch import DEAD_VLAN, Plug, Switch

if TYPE_CHECKING:
    from runbooks.simulator.model.cloud import Cloud

ZONE = "zone=NXM_NX_REG6[0..15]"
COMMIT = f"ct(commit,{ZONE})"
LARGE = 200
"""Ports of a network from which on its flows are only counted by who asks how many there are."""
REFUSE = f"ct(commit,{ZONE},exec(set_field:0x1->ct_mark))"


@dataclass(frozen=True, slots=True)
class Flow:
    """One flow: where it is, what it matches (empty: everything), what it does."""

    table: int
    priority: int
    match: str
    actions: str
    used: bool = False
    """Packets match it."""


def cookie(switch: Switch, bridge: str) -> int:
    """Another one after each start of the agent: so it knows its old flows."""
    since = switch.host.units[switch.agent].since
    return int.from_bytes(switch.cloud.seed.digest("cookie", switch.host.name, bridge, int(since), size=8), "big")


def flows(switch: Switch, bridge: str, *, whole: bool = True) -> list[Flow]:
    """What `dump-flows` prints for a bridge, table by table. Not `whole`: without each port of large networks."""
    if not switch.has_flows(bridge):
        return []
    if switch.cloud.layout.network == "ovn":
        found = list(_of_ovn(switch) if bridge == "br-int" else [Flow(0, 0, "", "NORMAL", True)])
    elif bridge == "br-tun":
        found = list(_tunnels(switch, whole))
    else:
        found = list(_integration(switch, whole) if bridge == "br-int" else _external(switch))
    return sorted(found, key=lambda flow: (flow.table, -flow.priority))


def uncounted(switch: Switch, bridge: str) -> int:
    """Flows of large networks that `flows(…, whole=False)` leaves out.

    On br-tun one in, one to all, and one to each port elsewhere; on br-int those of the members of groups.
    """
    if not switch.has_flows(bridge):
        return 0
    network = switch.cloud.network
    if bridge == "br-int":
        named = {(rule.id, port.network_id) for port, rule in grouped(switch)}
        counts = Counter({one: network.ports.count_on(one) for one in {one for _, one in named}})
        return sum(2 * counts[one] for _, one in named if counts[one] > LARGE)
    if bridge != "br-tun":
        return 0
    here = Counter(port.network_id for port, _ in switch.neutrons)
    large = [one for one in switch.vlans if network.ports.count_on(one) > LARGE]
    return sum(2 + network.ports.count_on(one) - here[one] for one in large)


def _of_ovn(switch: Switch) -> Iterator[Flow]:
    """Where ovn-controller's pipeline begins and ends: each port in and out, and what comes by a tunnel."""
    for plug in switch.plugs:
        if plug.bridge != "br-int" or plug.name == "br-int":
            continue
        if plug.type == "geneve":
            tunnel = "move:NXM_NX_TUN_ID[0..23]->OXM_OF_METADATA[0..23],resubmit(,40)"
            yield Flow(0, 100, f"in_port={plug.ofport}", tunnel, True)
        elif plug.port is not None:
            key = f"0x{switch.cloud.seed.number(32_000, 'ovn key', plug.port.id) + 1:x}"
            yield Flow(0, 100, f"in_port={plug.ofport}", f"load:{key}->NXM_NX_REG14[],resubmit(,8)", True)
            yield Flow(65, 100, f"reg15={key}", f"output:{plug.ofport}", True)
    yield Flow(8, 0, "", "drop")
    yield Flow(40, 0, "", "resubmit(,41)", True)


def _flat(switch: Switch, network: str) -> bool:
    """True for a flat network that the host has a bridge to."""
    cloud = switch.cloud
    return cloud.network.networks[network].kind == "flat" and carried(cloud, network, switch.host.name)


def _external(switch: Switch) -> Iterator[Flow]:
    for network, tag in switch.vlans.items():
        if _flat(switch, network):
            yield Flow(0, 4, f"in_port=2,dl_vlan={tag}", "pop_vlan,NORMAL", True)
    yield Flow(0, 2, "in_port=2", "drop", True)
    yield Flow(0, 0, "", "NORMAL", True)


# -- br-int ----------------------------------------------------------------------------------------------------------

_BASE = (
    Flow(0, 65535, f"dl_vlan={DEAD_VLAN}", "drop"),
    Flow(0, 0, "", "goto_table:58", True),
    Flow(23, 0, "", "drop"),
    Flow(24, 0, "", "drop"),
    Flow(30, 0, "", "goto_table:58"),
    Flow(31, 0, "", "goto_table:58"),
    Flow(58, 0, "", "goto_table:59", True),
    Flow(59, 0, "", "goto_table:60", True),
    Flow(60, 1, "", "NORMAL", True),
    Flow(62, 3, "", "NORMAL"),
    Flow(71, 110, "ct_state=+trk", "ct_clear,resubmit(,71)"),
    *(Flow(table, 0, "", "drop") for table in (71, 72, 73, 81, 82, 92, 93)),
    Flow(91, 1, "", "resubmit(,94)", True),
    Flow(94, 1, "", "NORMAL", True),
)


def _integration(switch: Switch, whole: bool) -> Iterator[Flow]:
    yield from _BASE
    yield from group_flows(switch, whole)
    for network, tag in switch.vlans.items():
        if switch.outside and _flat(switch, network):
            act = f"push_vlan:0x8100,set_field:{4096 + tag}->vlan_vid,goto_table:58"
            yield Flow(0, 3, "in_port=1,vlan_tci=0x0000/0x1fff", act, True)
    if switch.outside:
        yield Flow(0, 2, "in_port=1", "drop", True)
    for plug in switch.plugs:
        if plug.bridge == "br-int" and plug.port is not None and plug.tag != DEAD_VLAN:
            yield from _of_port(switch, plug, plug.port)


def _of_port(switch: Switch, plug: Plug, port: Port) -> Iterator[Flow]:
    """A port without security groups passes table 73 only; a server's is held to its addresses and rules."""
    number, tag = f"0x{plug.ofport:x}", f"0x{switch.vlans[port.network_id]:x}"
    registers = f"set_field:{number}->reg5,set_field:{tag}->reg6"
    if not port.port_security or plug.inside:
        yield Flow(60, 100, f"in_port={plug.ofport}", f"{registers},resubmit(,73)", True)
        yield Flow(73, 80, f"reg5={number}", "resubmit(,94)", True)
        return
    here, reg5 = f"reg5={number},in_port={plug.ofport}", f"reg5={number}"
    yield Flow(60, 100, f"in_port={plug.ofport}", f"{registers},resubmit(,71)", True)
    vlan = switch.vlans[port.network_id]
    yield Flow(60, 90, f"dl_vlan={vlan},dl_dst={port.mac}", f"{registers},pop_vlan,resubmit(,81)", True)
    for _, address in port.fixed_ips:
        yield Flow(71, 95, f"arp,{here},dl_src={port.mac},arp_spa={address}", "resubmit(,94)", True)
        yield Flow(71, 65, f"ip,{here},dl_src={port.mac},nw_src={address}", f"ct(table=72,{ZONE})", True)
    yield Flow(71, 80, f"udp,{here},dl_src={port.mac},nw_src=0.0.0.0,tp_src=68,tp_dst=67", "resubmit(,73)", True)
    yield Flow(71, 70, f"udp,{here},tp_src=67,tp_dst=68", "resubmit(,93)")
    yield Flow(71, 10, here, "ct_clear,resubmit(,93)")
    yield from _rules(switch.cloud, port, plug, reg5, vlan)
    yield Flow(73, 100, f"reg6={tag},dl_dst={port.mac}", f"set_field:{number}->reg5,resubmit(,81)", True)
    yield Flow(73, 90, f"ct_state=+new-est,ip,{reg5}", f"{COMMIT},resubmit(,91)", True)
    yield Flow(73, 80, reg5, "resubmit(,94)", True)
    yield Flow(81, 100, f"arp,{reg5}", f"output:{plug.ofport}", True)
    yield Flow(81, 95, f"udp,{reg5},tp_src=67,tp_dst=68", f"output:{plug.ofport}", True)
    yield Flow(81, 90, f"ct_state=-trk,ip,{reg5}", f"ct(table=82,{ZONE})", True)
    yield Flow(81, 80, f"ct_state=+trk,{reg5}", "resubmit(,82)")


def _rules(cloud: Cloud, port: Port, plug: Plug, reg5: str, vlan: int) -> Iterator[Flow]:
    """The security groups' rules (72 out, 82 in), and what follows from connections that are known."""
    groups = [group for identity in port.security_groups if (group := cloud.network.security_groups.get(identity))]
    for rule in (rule for group in groups for rule in group.rules):
        match = _matched(rule)
        if match is None:
            continue
        table, known, fresh = (72, "resubmit(,73)", "resubmit(,73)")
        if rule.direction == "ingress":
            table, known, fresh = 82, f"output:{plug.ofport}", f"{COMMIT},output:{plug.ofport},resubmit(,92)"
        priority = 77 if rule.port_min is not None else 74
        yield Flow(table, priority, f"ct_state=+est-rel-rpl,{match[0]},{reg5}{match[1]}", known, True)
        yield Flow(table, priority, f"ct_state=+new-est,{match[0]},{reg5}{match[1]}", fresh, True)
    for table, back in ((72, "resubmit(,94)"), (82, f"output:{plug.ofport}")):
        yield Flow(table, 50, f"ct_mark=0x1,{reg5}", "resubmit(,93)")
        yield Flow(table, 50, f"ct_state=+est-rel+rpl,ct_zone={vlan},ct_mark=0,{reg5}", back, True)
        yield Flow(table, 40, f"ct_state=-est,{reg5}", "resubmit(,93)")
        yield Flow(table, 40, f"ct_state=+est,ip,{reg5}", REFUSE)


def _matched(rule: Rule) -> tuple[str, str] | None:
    """(protocol, the rest) of an IPv4 rule; None for one of IPv6 or of a group's members, which need conjunctions."""
    if rule.ethertype != "IPv4" or rule.remote_group or rule.remote_address_group:
        return None
    source = "nw_src" if rule.direction == "ingress" else "nw_dst"
    prefix = f",{source}={rule.remote_prefix}" if rule.remote_prefix not in (None, "0.0.0.0/0") else ""
    ports = f",tp_dst={rule.port_min}" if rule.port_min is not None and rule.protocol in ("tcp", "udp") else ""
    return rule.protocol if rule.protocol in ("tcp", "udp", "icmp") else "ip", prefix + ports


# -- br-tun ----------------------------------------------------------------------------------------------------------


def _tunnels(switch: Switch, whole: bool) -> Iterator[Flow]:
    learn = (
        f"learn(table=20,hard_timeout=300,priority=1,cookie=0x{cookie(switch, 'br-tun'):x},NXM_OF_VLAN_TCI[0..11],"
        "NXM_OF_ETH_DST[]=NXM_OF_ETH_SRC[],load:0->NXM_OF_VLAN_TCI[],load:NXM_NX_TUN_ID[]->NXM_NX_TUN_ID[],"
        "output:OXM_OF_IN_PORT[]),output:1"
    )
    by_host = {peer.name: number for number, peer in enumerate(switch.peers, 2)}
    yield Flow(0, 1, "in_port=1", "goto_table:2", True)
    for number in by_host.values():
        yield Flow(0, 1, f"in_port={number}", "goto_table:4", True)
    for table in (0, 3, 4, 6):
        yield Flow(table, 0, "", "drop")
    yield Flow(2, 0, "dl_dst=00:00:00:00:00:00/01:00:00:00:00:00", "goto_table:20", True)
    yield Flow(2, 0, "dl_dst=01:00:00:00:00:00/01:00:00:00:00:00", "goto_table:22", True)
    yield Flow(10, 1, "", learn, True)
    yield Flow(20, 0, "", "goto_table:22", True)
    yield Flow(22, 0, "", "drop")
    for network_id, tag in switch.vlans.items():
        network = switch.cloud.network.networks[network_id]
        if network.kind != "vxlan" or network.segment is None:
            continue
        tunnel = f"0x{network.segment:x}"
        if not whole and switch.cloud.network.ports.count_on(network_id) > LARGE:
            continue
        yield Flow(4, 1, f"tun_id={tunnel}", f"push_vlan:0x8100,set_field:{4096 + tag}->vlan_vid,goto_table:10", True)
        flood = set()
        for port in switch.cloud.network.ports.on_network(network_id):
            number = by_host.get(port.host, 0)
            if number:
                flood.add(number)
                send = f"pop_vlan,set_field:{tunnel}->tun_id,output:{number}"
                yield Flow(20, 2, f"dl_vlan={tag},dl_dst={port.mac}", send, True)
        if flood:
            outputs = ",".join(f"output:{number}" for number in sorted(flood))
            yield Flow(22, 1, f"dl_vlan={tag}", f"pop_vlan,set_field:{tunnel}->tun_id,{outputs}", True)
