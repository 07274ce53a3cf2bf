"""`ovs-ofctl`: dump-aggregate, dump-flows, show. OpenFlow 1.0 and 1.3 in their own forms."""

from __future__ import annotations

import re

from runbooks.simulator.model.wires.flows import Flow, cookie, flows, uncounted
from runbooks.simulator.model.wires.switch import LOCAL, Switch, has_switch
from runbooks.simulator.ssh.program import Call, Place, UsageError, program


def split(call: Call) -> tuple[list[str], str]:
    """(operands, OpenFlow version or empty): of several that are allowed the newest is spoken."""
    operands, version, words = [], "", call.args
    while words:
        word = words.pop(0)
        if word in ("-O", "--protocols") and words:
            version = words.pop(0)
        elif word.startswith(("-O", "--protocols=")):
            version = word.removeprefix("--protocols=").removeprefix("-O")
        elif word in ("-t",) and words:
            words.pop(0)
        elif not word.startswith("-"):
            operands.append(word)
    return operands, "1.3" if "13" in version else ""


def _bridge(call: Call, name: str) -> Switch | int:
    """The switch that runs a bridge, or the exit status of the refusal."""
    switch = Switch(call.place.cloud, call.place.host)
    if not switch.runs or name not in switch.bridges:
        return call.fail(f"ovs-ofctl: {name} is not a bridge or a socket")
    if not call.place.root:
        return call.fail(f"ovs-ofctl: /var/run/openvswitch/{name}.mgmt: failed to open socket (Permission denied)")
    return switch


def counted(place: Place, switch: Switch, bridge: str, flow: Flow) -> tuple[float, int]:
    """(age in seconds, packets) of a flow."""
    since = switch.host.units[switch.agent].since
    age = max(place.now - since - flow.table / 100, 0.1)
    pace = place.cloud.seed.number(400, "flow", switch.host.name, bridge, flow.table, flow.match) + 1
    return age, int(age * pace / 40) if flow.used else 0


def _flow_line(place: Place, switch: Switch, bridge: str, flow: Flow, version: str) -> str:
    age, packets = counted(place, switch, bridge, flow)
    idle = "" if version else f"idle_age={0 if packets else int(min(age, 65534))}, "
    actions = flow.actions if version else re.sub(r"goto_table:(\d+)", r"resubmit(,\1)", flow.actions)
    match = f",{flow.match}" if flow.match else ""
    return (
        f" cookie=0x{cookie(switch, bridge):x}, duration={age:.3f}s, table={flow.table}, n_packets={packets}, "
        f"n_bytes={packets * 98}, {idle}priority={flow.priority}{match} actions={actions}"
    )


@program("ovs-ofctl", on=has_switch)
def _ovs_ofctl(call: Call) -> int:
    operands, version = split(call)
    if not operands:
        raise UsageError("ovs-ofctl: missing command name; use --help for help")
    verb, *rest = operands
    if verb not in ("dump-aggregate", "dump-flows", "show"):
        raise UsageError(f"ovs-ofctl: unknown command '{verb}'; use --help for help")
    if not rest:
        raise UsageError(f"ovs-ofctl: '{verb}' command requires at least 1 arguments")
    switch = _bridge(call, rest[0])
    if isinstance(switch, int):
        return switch
    if verb == "show":
        return _show(call, switch, rest[0])
    wanted = re.search(r"table=(\d+)", " ".join(rest[1:]))
    counting = verb == "dump-aggregate" and wanted is None
    # What large networks add is in later tables: nothing of it is in table 0.
    brief = verb == "dump-aggregate" and (counting or (wanted is not None and int(wanted[1]) == 0))
    listed = flows(switch, rest[0], whole=not brief)
    found = [flow for flow in listed if wanted is None or flow.table == int(wanted[1])]
    if verb == "dump-aggregate":
        count = len(found) + (uncounted(switch, rest[0]) if counting else 0)
        packets = sum(counted(call.place, switch, rest[0], flow)[1] for flow in found)
        head = "OFPST_AGGREGATE reply (OF1.3) (xid=0x2)" if version else "NXST_AGGREGATE reply (xid=0x4)"
        call.print(f"{head}: packet_count={packets} byte_count={packets * 98} flow_count={count}")
        return 0
    call.print("OFPST_FLOW reply (OF1.3) (xid=0x2):" if version else "NXST_FLOW reply (xid=0x4):")
    for flow in found:
        call.print(_flow_line(call.place, switch, rest[0], flow, version))
    return 0


def _show(call: Call, switch: Switch, bridge: str) -> int:
    call.print("OFPT_FEATURES_REPLY (OF1.3) (xid=0x2): dpid:0000" + call.place.cloud.seed.hex("dpid", bridge)[:12])
    call.print("n_tables:254, n_buffers:0")
    call.print("capabilities: FLOW_STATS TABLE_STATS PORT_STATS GROUP_STATS QUEUE_STATS")
    call.print("OFPST_PORT_DESC reply (OF1.3) (xid=0x3):")
    for plug in switch.plugs:
        if plug.bridge == bridge:
            number = "LOCAL" if plug.ofport == LOCAL else str(plug.ofport)
            call.print(f" {number}({plug.name}): addr:{plug.port.mac if plug.port else '00:00:00:00:00:00'}")
            call.print("     config:     0\n     state:      LIVE\n     speed: 0 Mbps now, 0 Mbps max")
    call.print("OFPT_GET_CONFIG_REPLY (OF1.3) (xid=0x5): frags=normal miss_send_len=0")
    return 0
