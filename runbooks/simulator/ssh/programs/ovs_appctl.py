"""`ovs-appctl`: `fdb/show BRIDGE`, who was heard; `ofproto/trace BRIDGE FLOW`, what becomes of a packet."""

from __future__ import annotations

from runbooks.simulator.model.wires.switch import Switch, has_switch
from runbooks.simulator.ssh.program import Call, program
from runbooks.simulator.ssh.programs.ovs_ofctl import split
from runbooks.simulator.ssh.programs.ovs_trace import BadFlow, traced

_VERBS = {"fdb/show": (2, 2), "ofproto/trace": (3, 3)}
_FAILED = "\novs-appctl: ovs-vswitchd: server returned an error"


@program("ovs-appctl", on=has_switch)
def _ovs_appctl(call: Call) -> int:
    operands, _ = split(call)
    switch = Switch(call.place.cloud, call.place.host)
    if not switch.runs:
        return call.fail(
            'ovs-appctl: cannot read pidfile "/var/run/openvswitch/ovs-vswitchd.pid" (No such file or directory)'
        )
    if not call.place.root:
        return call.fail('ovs-appctl: cannot connect to "/var/run/openvswitch/ovs-vswitchd.ctl" (Permission denied)')
    verb = operands[0] if operands else ""
    if verb not in _VERBS:
        return call.fail(f'"{verb}" is not a valid command (use "list-commands" to see a list of valid commands)'
                         + _FAILED, 2)  # fmt: skip
    least, most = _VERBS[verb]
    if not least <= len(operands) <= most:
        return call.fail(f'"{verb}" command requires at least {least - 1} arguments' + _FAILED, 2)
    if operands[1] not in switch.bridges:
        words = "no such bridge" if verb == "fdb/show" else f"Unknown bridge {operands[1]}"
        return call.fail(words + _FAILED, 2)
    if verb == "ofproto/trace":
        try:
            call.print(traced(switch, operands[1], operands[2]))
        except BadFlow as problem:
            return call.fail(f"Bad openflow flow syntax: {problem}" + _FAILED, 2)
        return 0
    call.print(" port  VLAN  MAC                Age")
    for plug in switch.plugs if operands[1] == "br-int" else ():
        if plug.port is not None and plug.tag is not None and plug.port.network_id in switch.vlans:
            age = call.place.cloud.seed.number(290, "fdb", switch.host.name, plug.name)
            call.print(f"{plug.ofport:>5}  {switch.vlans[plug.port.network_id]:>4}  {plug.port.mac}  {age:>3}")
    return 0
