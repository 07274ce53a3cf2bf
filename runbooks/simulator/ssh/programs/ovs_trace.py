"""`ofproto/trace`: the pipeline's steps in Open vSwitch's words, pass by pass, and what the datapath would do."""

from __future__ import annotations

from collections.abc import Iterator

from runbooks.simulator.model.wires.flows import cookie
from runbooks.simulator.model.wires.look import Look
from runbooks.simulator.model.wires.packet import Frame, Packet
from runbooks.simulator.model.wires.pipeline import Pipeline, Step
from runbooks.simulator.model.wires.switch import LOCAL, Switch

_PROTOCOLS = ("ip", "arp", "tcp", "udp", "icmp")
_NONE = "00:00:00:00:00:00"


class BadFlow(ValueError):  # noqa: N818 - Open vSwitch says `Bad openflow flow syntax`
    """What the flow's description says cannot be understood."""


def _frame(switch: Switch, bridge: str, text: str) -> Frame:
    """`in_port=3,tcp,dl_src=…`: a port by its number or name. Raises BadFlow."""
    words, protocol, family = {}, "", ""
    for part in text.split(","):
        name, equals, value = part.strip().partition("=")
        if not equals and name in _PROTOCOLS:
            family = "arp" if name == "arp" else "ip"
            protocol = name if name not in ("ip", "arp") else ""
        elif equals:
            words[name] = value
        elif name:
            raise BadFlow(f"{text}: unknown field {name}")
    known = {"in_port", "dl_src", "dl_dst", "nw_src", "nw_dst", "arp_spa", "arp_tpa", "arp_op", "tp_src", "tp_dst",
             "tcp_src", "tcp_dst", "udp_src", "udp_dst", "dl_vlan", "tun_id", "dl_type", "nw_proto", "icmp_type",
             "icmp_code", "nw_ttl"}  # fmt: skip
    if unknown := sorted(set(words) - known):
        raise BadFlow(f"{text}: unknown field {unknown[0]}")
    entered = words.get("in_port", "")
    plug = next((p for p in switch.plugs if p.bridge == bridge and entered in (p.name, str(p.ofport))), None)
    if entered and plug is None and entered != "LOCAL":
        raise BadFlow(f"{text}: {entered}: invalid or unknown port for in_port")

    def port(side: str) -> int:
        return int(words.get(f"{protocol}_{side}", words.get(f"tp_{side}", "0")))

    source = words.get("nw_src", words.get("arp_spa", "0.0.0.0"))
    target = words.get("nw_dst", words.get("arp_tpa", "0.0.0.0"))
    packet = Packet(
        words.get("dl_src", _NONE), words.get("dl_dst", _NONE), source, target, "arp" if family == "arp" else "ip",
        protocol, port("src"), port("dst"),  # type: ignore[arg-type]
    )  # fmt: skip
    vlan = int(words["dl_vlan"]) if "dl_vlan" in words else None
    return Frame(packet, plug.ofport if plug is not None else LOCAL, vlan, tunnel=int(words.get("tun_id", "0"), 0))


def _described(frame: Frame, first: bool, number: int) -> str:
    """The `Flow:` line's words."""
    packet = frame.packet
    name = "arp" if packet.family == "arp" else packet.protocol or "ip"
    state = f"recirc_id=0x{number + 1:x},ct_state=new|trk,ct_zone={frame.zone},eth," if not first else ""
    tunnel = f",tun_id=0x{frame.tunnel:x}" if frame.tunnel else ""
    registers = "".join(f",{name}=0x{value:x}" for name, value in sorted((frame.registers or {}).items()) if value)
    entered = "LOCAL" if frame.in_port == LOCAL else str(frame.in_port)
    vlan = "vlan_tci=0x0000" if frame.vlan is None else f"dl_vlan={frame.vlan},dl_vlan_pcp=0,vlan_tci1=0x0000"
    head = f"{state}{name}{tunnel}{registers},in_port={entered},{vlan}"
    head += f",dl_src={packet.source_mac},dl_dst={packet.target_mac}"
    if packet.family == "arp":
        return f"{head},arp_spa={packet.source},arp_tpa={packet.target},arp_op=1,arp_sha={_NONE},arp_tha={_NONE}"
    head += f",nw_src={packet.source},nw_dst={packet.target}"
    number_of = "" if packet.protocol else ",nw_proto=0"
    head += f"{number_of},nw_tos=0,nw_ecn=0,nw_ttl=0,nw_frag=no"
    if packet.protocol == "icmp":
        return head + ",icmp_type=0,icmp_code=0"
    if packet.protocol:
        flags = ",tcp_flags=0" if packet.protocol == "tcp" else ""
        return f"{head},tp_src={packet.source_port},tp_dst={packet.target_port}{flags}"
    return head


def _steps(switch: Switch, steps: list[Step]) -> Iterator[str]:
    bridge: dict[int, str] = {}
    for step in steps:
        pad = "    " * step.depth
        inner = pad if step.depth == 0 else pad + " "
        if step.kind == "bridge":
            bridge[step.depth] = step.text
            title = f'bridge("{step.text}")'
            yield from ("", pad + title, pad + "-" * len(title))
        elif step.kind == "thaw":
            yield from (pad + "    thaw", pad + f"        {step.text}")
        elif step.kind == "table" and step.flow is None:
            yield f"{pad}{'    ' if step.depth else ''}{step.table:>2}. No match."
        elif step.kind == "table" and step.flow is not None:
            match = f"{step.flow.match}, " if step.flow.match else ""
            mark = cookie(switch, bridge.get(step.depth, "br-int"))
            yield (f"{pad}{'    ' if step.depth else ''}{step.table:>2}. {match}priority {step.flow.priority}, "
                   f"cookie 0x{mark:x}")  # fmt: skip
        elif step.kind == "note":
            yield f"{inner}{'   ' if step.depth else ''}     -> {step.text}"
        else:
            yield f"{inner}{'   ' if step.depth else ''}    {step.text}"


def _actions(done: Pipeline, number: int) -> str:
    """What the datapath would do in one pass: connection tracking, ports, tunnels."""
    found: list[str] = []
    steps = done.passes[number]
    if any(step.kind == "action" and step.text.startswith("ct(table=") for step in steps):
        zone = done.frames[number + 1].zone if number + 1 < len(done.frames) else 0
        return f"ct(zone={zone}),recirc(0x{number + 2:x})"
    found += [f"ct(commit,zone={zone})" for at, zone in done.commits if at == number]
    for output in done.outputs if number == len(done.passes) - 1 else ():
        plug = output.plug
        if plug.type == "vxlan":
            ends = f"src={plug.options['local_ip']},dst={plug.options['remote_ip']}"
            found.append(f"set(tunnel(tun_id=0x{output.frame.tunnel:x},{ends},ttl=64,tp_dst=4789,flags(df|key))),1")
        elif output.frame.vlan is not None:
            found.append(f"push_vlan(vid={output.frame.vlan},pcp=0),{plug.ofport + 1}")
        else:
            found.append(str(plug.ofport + 1))
    return ",".join(found) or "drop"


def traced(switch: Switch, bridge: str, text: str) -> str:
    """The whole of it. Raises BadFlow."""
    frame = _frame(switch, bridge, text)
    first = frame.copy()
    done = Pipeline(Look(switch.cloud), switch).run(bridge, frame)
    lines: list[str] = []
    for number, steps in enumerate(done.passes):
        start = first if number == 0 else done.frames[number]
        if number:
            words = (f"recirc(0x{number + 1:x}) - resume conntrack with default ct_state=trk|new "
                     "(use --ct-next to customize)")  # fmt: skip
            lines += ["", "=" * 79, words, "=" * 79, ""]
        lines.append(f"Flow: {_described(start, number == 0, number)}")
        lines += _steps(switch, steps)
        packet, recirculated = first.packet, f"0x{number + 1:x}" if number else "0"
        final = (f"recirc_id={recirculated},eth," if number else "") + _described(done.ends[number], True, number)
        name = "arp" if packet.family == "arp" else packet.protocol or "ip"
        state = "-trk" if number == 0 else "+new-est-rel-rpl"
        mega = (
            f"recirc_id={recirculated},ct_state={state},eth,{name},in_port={first.in_port},dl_src={packet.source_mac}"
        )
        lines += ["", f"Final flow: {final}", f"Megaflow: {mega}", f"Datapath actions: {_actions(done, number)}"]
    return "\n".join(lines)
