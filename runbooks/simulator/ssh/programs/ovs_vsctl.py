"""`ovs-vsctl`: show, list-br, list-ports, get, list and find over Bridge, Port, Interface and Controller."""

from __future__ import annotations

from runbooks.simulator.model.wires.switch import Switch, has_switch
from runbooks.simulator.ssh.program import Call, UsageError, program
from runbooks.simulator.ssh.programs.ovs_tables import COLUMNS, show, table
from runbooks.simulator.ssh.programs.ovsdb import Refused, divided, form_of, joined, rows

_NO_DATABASE = "ovs-vsctl: unix:/var/run/openvswitch/db.sock: database connection failed"


@program("ovs-vsctl", on=has_switch)
def _ovs_vsctl(call: Call) -> int:
    switch = Switch(call.place.cloud, call.place.host)
    common, commands = divided(call.args)
    if "--version" in common or "-V" in common:
        call.print("ovs-vsctl (Open vSwitch) 3.1.0\nDB Schema 8.3.1")
        return 0
    form = form_of(common)
    if not commands:
        raise UsageError("ovs-vsctl: missing command name (use --help for help)")
    if not switch.database:
        return call.fail(f"{_NO_DATABASE} (No such file or directory)")
    if not call.place.root:
        return call.fail(f"{_NO_DATABASE} (Permission denied)")
    try:
        written = [_run(switch, command, form) for command in commands]
    except Refused as problem:
        return call.fail(f"ovs-vsctl: {problem}")
    call.print(joined(written, form), end="")
    return 0


def _run(switch: Switch, command: list[str], form: str) -> str:
    verb, *rest = [word for word in command if not word.startswith("-")]
    if verb == "show":
        return show(switch)
    if verb == "list-br":
        return "\n".join(switch.bridges)
    if verb in ("list-ports", "list-ifaces") and rest:
        if rest[0] not in switch.bridges:
            raise Refused(f"no bridge named {rest[0]}")
        return "\n".join(sorted(p.name for p in switch.plugs if p.bridge == rest[0] != p.name))
    if verb in ("list", "find", "get") and rest:
        return rows(COLUMNS, lambda name: table(switch, name), command, form, verb)
    raise Refused(f"unknown command '{verb}'; use --help for help")
