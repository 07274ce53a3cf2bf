"""A frame's way through one host's bridges: the flows are followed, table by table, as Open vSwitch does it.

There is no second opinion of what passes: the flow that is missing here is the one that `ovs-ofctl` does not print.
Each step is noted, so that `ofproto/trace` can tell of it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from runbooks.simulator.model.wires.flows import Flow
from runbooks.simulator.model.wires.look import Look
from runbooks.simulator.model.wires.match import matches
from runbooks.simulator.model.wires.packet import Frame
from runbooks.simulator.model.wires.switch import LOCAL, Plug, Switch

RECIRCULATE = re.compile(r"ct\(table=(\d+),zone=.*\)")
_STEP = re.compile(r"[a-z_]+\((?:[^()]|\([^()]*\))*\)|[^,]+")
MOST = 64
"""Steps after which Open vSwitch gives up a packet that goes in circles."""


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that happened: a bridge was entered, a table looked at, an action done, something worth a word."""

    kind: str
    """`bridge`, `table`, `action`, `note`, `thaw`."""
    text: str
    depth: int = 0
    table: int = 0
    flow: Flow | None = None


@dataclass(frozen=True, slots=True)
class Output:
    """What leaves the switch: by which port, and how the frame is then."""

    plug: Plug
    frame: Frame


@dataclass
class Pipeline:
    """One frame in one host's switch. `passes` has its steps: those before and after each recirculation."""

    look: Look
    switch: Switch
    passes: list[list[Step]] = field(default_factory=lambda: [[]])
    frames: list[Frame] = field(default_factory=list)
    """The frame as it was when each pass began."""
    ends: list[Frame] = field(default_factory=list)
    """The frame as it was when each pass ended."""
    outputs: list[Output] = field(default_factory=list)
    end: str = ""
    """Why nothing goes on, of the last part that was dropped: the table, and what it matched."""
    commits: list[tuple[int, int]] = field(default_factory=list)
    """(pass, zone) in which connection tracking was told to remember."""
    _waiting: list[tuple[str, int, Frame]] = field(default_factory=list)
    _steps: int = 0

    def run(self, bridge: str, frame: Frame) -> Pipeline:
        """Follow the frame to all of its ends."""
        self.frames.append(frame.copy())
        self._enter(bridge, frame, 0)
        self.ends.append(frame)
        while self._waiting and len(self.passes) < 8:
            bridge, table, resumed = self._waiting.pop(0)
            resumed.state = "rpl" if resumed.packet.known else "new"
            resumed.zone = resumed.register("reg6")
            self.passes.append([Step("bridge", bridge), Step("thaw", f"Resuming from table {table}")])
            self.frames.append(resumed.copy())
            self._table(bridge, table, resumed, 0)
            self.ends.append(resumed)
        return self

    def _note(self, kind: str, text: str, depth: int, table: int = 0, flow: Flow | None = None) -> None:
        self.passes[-1].append(Step(kind, text, depth, table, flow))

    def _enter(self, bridge: str, frame: Frame, depth: int) -> None:
        self._note("bridge", bridge, depth)
        self._table(bridge, 0, frame, depth)

    def _table(self, bridge: str, table: int, frame: Frame, depth: int) -> None:
        self._steps += 1
        if self._steps > MOST:
            return
        flow = self._best(bridge, table, frame)
        self._note("table", "", depth, table, flow)
        where = f"{bridge} on {self.switch.host.name}, table {table}"
        if flow is None or flow.actions == "drop":
            self._note("action", "drop", depth)
            self.end = f"{where}: " + (
                "no flow matches" if flow is None else f"{flow.match or 'everything'} is dropped"
            )
            return
        steps = _STEP.findall(flow.actions)
        for at, action in enumerate(steps):
            self._act(bridge, action, frame, depth, last=at + 1 == len(steps))

    def _best(self, bridge: str, table: int, frame: Frame) -> Flow | None:
        """The matching flow of the highest priority; conjunctions stand for one when all of their parts match."""
        found = [flow for flow in self._of(bridge).get(table, ()) if matches(flow.match, frame)]
        parts = [flow for flow in found if flow.actions.startswith("conjunction(")]
        seen: dict[int, set[int]] = {}
        wanted: dict[int, int] = {}
        for flow in parts:
            number, clause, count = map(int, re.findall(r"\d+", flow.actions))
            seen.setdefault(number, set()).add(clause)
            wanted[number] = count
        frame.conjunction = next((number for number, had in seen.items() if len(had) == wanted[number]), 0)
        if frame.conjunction:
            found = [flow for flow in self._of(bridge).get(table, ()) if matches(flow.match, frame)]
        whole = [flow for flow in found if flow not in parts]
        return max(whole, key=lambda flow: (flow.priority, "conj_id" in flow.match), default=None)

    def _of(self, bridge: str) -> dict[int, list[Flow]]:
        return self.look.tables(self.switch.host.name, bridge)

    def _act(self, bridge: str, action: str, frame: Frame, depth: int, *, last: bool) -> None:
        name, _, rest = action.partition(":")
        if found := RECIRCULATE.fullmatch(action):
            self._note("action", action, depth)
            self._note("action", "drop", depth)
            self._note("note", "A clone of the packet is forked to recirculate. The forked pipeline will be resumed at "
                       f"table {found[1]}.", depth)  # fmt: skip
            self._note("note", "Sets the packet to an untracked state, and clears all the conntrack fields.", depth)
            self._waiting.append((bridge, int(found[1]), frame.copy()))
            return
        self._note("action", action, depth)
        if action.startswith("ct(commit"):
            self.commits.append((len(self.passes) - 1, frame.register("reg6")))
            self._note("action", "drop", depth)
            self._note("note", "Sets the packet to an untracked state, and clears all the conntrack fields.", depth)
            frame.state = ""
        elif action == "ct_clear":
            frame.state = ""
        elif name == "set_field":
            _set(frame, rest)
        elif action == "pop_vlan" or action.startswith("load:0->NXM_OF_VLAN"):
            frame.vlan = None
        elif name == "goto_table":
            self._table(bridge, int(rest), frame, depth)
        elif action.startswith("resubmit(,"):
            self._table(bridge, int(action[10:-1]), frame, depth)
        elif action == "NORMAL":
            self._normal(bridge, frame, depth)
        elif name == "output":
            self._out(bridge, self._plug(bridge, int(rest)), frame, depth, last=last)

    def _plug(self, bridge: str, number: int) -> Plug | None:
        return next((p for p in self.switch.plugs if p.bridge == bridge and p.ofport == number), None)

    def _out(self, bridge: str, plug: Plug | None, frame: Frame, depth: int, *, last: bool) -> None:
        if plug is None or plug.ofport == frame.in_port:
            return
        if plug.type == "patch":
            peer = next(p for p in self.switch.plugs if p.name == plug.options["peer"])
            onward = frame.copy()
            onward.in_port, onward.registers, onward.state = peer.ofport, None, ""
            self._enter(peer.bridge, onward, depth if last else depth + 1)
            return
        if plug.type == "vxlan":
            self._note("note", "output to kernel tunnel", depth)
        self.outputs.append(Output(plug, frame.copy()))

    def _normal(self, bridge: str, frame: Frame, depth: int) -> None:
        """A learning switch: to whom has been heard there, else to everybody of the VLAN."""
        if bridge != "br-int":
            others = [p for p in self.switch.plugs if p.bridge == bridge and p.ofport not in (frame.in_port, LOCAL)]
            self._note("note", "forwarding to learned port", depth)
            self._all(bridge, others, frame, depth)
            return
        frame, entered = frame.copy(), self._plug(bridge, frame.in_port)
        if entered is not None and entered.tag is not None:
            frame.vlan = entered.tag
        if frame.vlan is None:
            frame.vlan = 0
        taps = [p for p in self.switch.plugs if p.bridge == bridge and p.port is not None and p.tag == frame.vlan]
        mac = frame.packet.target_mac
        here = next((p for p in taps if p.port is not None and p.port.mac == mac), None)
        if here is not None:
            self._note("note", "forwarding to learned port", depth)
            self._all(bridge, [here], frame, depth)
            return
        ways = [p for p in self.switch.plugs if p.bridge == bridge and p.type == "patch"]
        flood = mac[1] in "13579bdf" or not self._heard(frame.vlan, mac)
        if not flood:
            self._note("note", "forwarding to learned port", depth)
            self._all(bridge, [self._way(frame.vlan, ways)], frame, depth)
            return
        self._note("note", "no learned MAC for destination, flooding", depth)
        self._all(bridge, [*taps, *ways], frame, depth)

    def _all(self, bridge: str, plugs: Sequence[Plug], frame: Frame, depth: int) -> None:
        """To several ports; a port with a VLAN of its own takes the tag off."""
        for at, plug in enumerate(plugs):
            sent = frame.copy()
            if plug.tag is not None:
                sent.vlan = None
            self._out(bridge, plug, sent, depth, last=at + 1 == len(plugs))

    def _network(self, vlan: int) -> str:
        return next((network for network, tag in self.switch.vlans.items() if tag == vlan), "")

    def _heard(self, vlan: int, mac: str) -> bool:
        """Whether somebody of this network has the address: all of them have spoken before."""
        network = self._network(vlan)
        return bool(network) and mac in self.look.macs(network)

    def _way(self, vlan: int, ways: Sequence[Plug]) -> Plug:
        flat = self.switch.cloud.network.networks[self._network(vlan)].kind == "flat"
        return next(plug for plug in ways if plug.name == ("int-br-ex" if flat else "patch-tun"))


def _set(frame: Frame, rest: str) -> None:
    """`VALUE->FIELD`."""
    value, _, name = rest.partition("->")
    if name == "vlan_vid":
        frame.vlan = int(value) - 4096
    elif name == "tun_id":
        frame.tunnel = int(value, 16)
    else:
        frame.registers = {**(frame.registers or {}), name: int(value, 16)}
