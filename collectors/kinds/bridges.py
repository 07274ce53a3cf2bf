"""Bridges of the network and compute hosts, Open vSwitch's and Linux's: ports, how many flows, who controls them.

A bridge of Open vSwitch that fails secure passes nothing without flows: after a restart of ovs-vswitchd its unit is
active, its ports are up, its agent is alive, and only the number of its flows tells that nothing gets through. A tunnel
that is missing is no row anywhere: the bridge that should have it tells.
"""

from __future__ import annotations

from typing import Any

import msgspec

from collectors.health import OK, Health, critical, ok, unknown, warning
from collectors.kind import Column, Kind, Link, Reading, Row, Scope, Wire
from collectors.kinds._shared import listed, word
from collectors.kinds._tunnels import Rows, lacking
from collectors.request import HostCommands
from collectors.rollup import Worst

COUNTED = ("br-int", "br-tun", "br-ex")
"""Bridges whose flows are counted: Neutron's own, and the usual one to the outside."""
ENTERED = ("br-int", "br-tun")
"""Of these the flows of table 0 are counted for themselves: Neutron's own, which fail secure."""
AGENT = "Open vSwitch agent"
TUNNEL_BRIDGE = "br-tun"


class BridgeWire(Wire):
    """A bridge of Open vSwitch (`ovs-vsctl list Bridge`) or of the kernel (`ip -d link`)."""

    host: str
    name: str
    engine: str
    ports: int | None = None
    fail_mode: str | None = None
    datapath: str | None = None
    controllers: list[bool | None] = msgspec.field(default_factory=list)
    spanning_tree: bool | None = None
    vlan_filtering: bool | None = None
    state: str | None = None
    flows: int | None = None
    entries: int | None = None
    packets: int | None = None
    absent: bool = False
    """ovs-vswitchd does not know the bridge."""


class Bridge(Row, frozen=True):
    """One bridge of one host."""

    id: str
    name: str
    host: str
    engine: str
    ports: int | None
    flows: int | None
    entries: int | None
    runs: bool | None
    fail_mode: str | None
    controlled: bool | None
    agent_alive: bool | None
    datapath: str | None
    state: str | None
    spanning_tree: bool | None
    vlan_filtering: bool | None
    packets: int | None
    no_tunnel_to: str | None


def _no_tunnel_to(reading: Reading, wire: BridgeWire) -> str | None:
    """Hosts that have ports on the same networks, and to which this host's tunnel bridge leads no way."""
    ports, agents = reading.joins.get("bridge-ports"), reading.joins.get("agents")
    if wire.name != TUNNEL_BRIDGE or ports is None or agents is None:
        return None
    return listed(lacking(Rows(ports), Rows(agents)).get(wire.host, ()))


def _agent_alive(reading: Reading, host: str) -> bool | None:
    """What Neutron says about the agent that makes this host's flows; None while its agents are not known."""
    agents: Any = reading.joins.get("agents", {}).values()
    return next((agent.alive for agent in agents if agent.agent_type == AGENT and agent.host == host), None)


def row(wire: BridgeWire, reading: Reading) -> Bridge:
    """`controlled` is None where no controller is set."""
    connected = [bool(each) for each in wire.controllers]
    return Bridge(
        id=f"{wire.host}/{wire.name}",
        name=word(wire.name) or "",
        host=word(wire.host) or "",
        engine=word(wire.engine) or "",
        ports=wire.ports,
        flows=wire.flows,
        entries=wire.entries,
        runs=False if wire.absent else True if wire.flows is not None else None,
        fail_mode=word(wire.fail_mode),
        controlled=all(connected) if connected else None,
        agent_alive=_agent_alive(reading, wire.host) if wire.engine == "openvswitch" else None,
        datapath=word(wire.datapath),
        state=word(wire.state),
        spanning_tree=wire.spanning_tree,
        vlan_filtering=wire.vlan_filtering,
        packets=wire.packets,
        no_tunnel_to=word(_no_tunnel_to(reading, wire)),
    )


def health(bridge: Bridge, now: float) -> Health:
    """Without flows in table 0 nothing passes, whatever is left or was made anew in the others; without its controller
    nothing new is wired.
    """
    if bridge.engine == "linux":
        return ok("nothing is plugged into it") if bridge.ports == 0 else OK
    if bridge.runs is False:
        return critical("it is configured, but Open vSwitch does not run it: is ovs-vswitchd alive?")
    if 0 in (bridge.flows, bridge.entries) and bridge.fail_mode == "secure":
        return critical(f"flows gone: nothing passes{_whose_work(bridge)}")
    if bridge.no_tunnel_to is not None:
        return critical(
            f"no tunnel to {bridge.no_tunnel_to}, where ports of the same networks are{_whose_work(bridge)}"
        )
    if bridge.flows is None and bridge.name in COUNTED:
        return unknown("its flows could not be counted")
    if bridge.controlled is False:
        return warning(f"its controller is not connected: what it has stays, nothing new is wired{_whose_work(bridge)}")
    return OK


def _whose_work(bridge: Bridge) -> str:
    if bridge.agent_alive is None:
        return ""
    return f"; the {AGENT} is alive: restart it" if bridge.agent_alive else f"; the {AGENT} is dead"


KIND = Kind(
    name="bridges",
    title="Bridges",
    aliases=("bridge", "switches"),
    about="one row per bridge of a network or compute host: ports, flows, controller",
    system="network",
    scope=Scope("host", roles=("network", "compute")),
    read=HostCommands(
        (
            "ovs-bridges",
            *(f"ovs-flow-count bridge={name}" for name in COUNTED),
            *(f"ovs-entry-count bridge={name}" for name in ENTERED),
            "linux-bridges",
        )
    ),
    wire=BridgeWire,
    row=row,
    fields=Bridge,
    columns=(
        Column("name", "BRIDGE", "name", 1),
        Column("host", "HOST", "ref", 1),
        Column("engine", "ENGINE", "text", 3, help="openvswitch or linux"),
        Column("ports", "PORTS", "number", 2),
        Column("flows", "FLOWS", "number", 2, help=f"of {', '.join(COUNTED)}"),
        Column(
            "entries", "TABLE 0", "number", 4, help=f"flows of table 0 of {' and '.join(ENTERED)}: all come in there"
        ),
        Column("runs", "RUNS", "flag", 4, help="ovs-vswitchd answers for it; asked where flows are counted"),
        Column("fail_mode", "FAIL MODE", "status", 3, help="secure: without flows nothing passes"),
        Column("controlled", "CONTROLLED", "flag", 3, help="its controller, the agent, is connected"),
        Column("agent_alive", "AGENT ALIVE", "flag", 4, joined=True, help="what Neutron says of this host's agent"),
        Column("no_tunnel_to", "NO TUNNEL TO", "text", 5, joined=True, help="hosts with ports of the same networks"),
        Column("datapath", "DATAPATH", "text", 5, help="system: the kernel's; netdev: in ovs-vswitchd itself"),
        Column("state", "STATE", "status", 6, wide=True, help="of a Linux bridge, the kernel's word"),
        Column("packets", "PACKETS", "number", 6, wide=True, help="that its flows have matched"),
        Column("spanning_tree", "SPANNING TREE", "flag", 7, wide=True),
        Column("vlan_filtering", "VLAN FILTERING", "flag", 7, wide=True),
        Column("id", "ID", "id", 8, wide=True),
    ),
    sort=("host", "name"),
    health=health,
    rollup=Worst("bridges", "well", none="ok"),
    detail=True,
    links=(
        Link("bridge-ports", "switch", "id", "its ports"),
        Link("flows", "bridge", "id", "its flows", when="engine=openvswitch"),
        Link("fdb-entries", "bridge", "id", "addresses that it has heard"),
        Link("agents", "host", "host", "network agents on its host"),
        Link("hosts", "name", "host", "its host"),
    ),
    joins=("agents", "bridge-ports"),
    judged_with=("agents", "bridge-ports"),
    element="{name}@{host}",
    server_filters={"host": "host"},
    period=30.0,
    list_command="ovs-vsctl show",
    show_command="ssh {host} ovs-ofctl dump-aggregate {name}",
)
