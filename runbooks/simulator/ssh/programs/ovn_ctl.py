"""`ovn-nbctl` and `ovn-sbctl`: show, list, find, get, and lists of switches and routers, at the member on this host.

Unless told otherwise they want the leader, and through the socket of their own host they know no other member: at a
follower, or at one without a majority, they give up.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from runbooks.simulator.model.hosts import Host
from runbooks.simulator.model.network.ovn import Database, Ovn
from runbooks.simulator.ssh.program import Call, UsageError, program
from runbooks.simulator.ssh.programs.ovn_columns import NORTHBOUND, SOUTHBOUND
from runbooks.simulator.ssh.programs.ovn_northbound import Northbound
from runbooks.simulator.ssh.programs.ovn_southbound import Southbound
from runbooks.simulator.ssh.programs.ovsdb import NONE, Refused, Row, divided, form_of, joined, rows

VERSION: Final = "23.03.1"
_SCHEMA: Final[dict[Database, str]] = {"nb": "7.0.0", "sb": "20.27.0"}
_OPTIONS: Final = ("--no-leader-only", "--leader-only", "--timeout", "--format", "--columns", "--no-wait", "--db")

Run = Callable[[str], list[Row]]


def is_central(host: Host) -> bool:
    """True for hosts with a member of the databases."""
    return "ovn_nb_db" in host.names


def _columns(tables: dict[str, dict[str, Any]]) -> dict[str, tuple[str, ...]]:
    return {table: ("_uuid", *columns) for table, columns in tables.items()}


COLUMNS: Final[dict[Database, dict[str, tuple[str, ...]]]] = {"nb": _columns(NORTHBOUND), "sb": _columns(SOUTHBOUND)}


@program("ovn-nbctl", "ovn-sbctl", on=is_central)
def _ovn_ctl(call: Call) -> int:
    ovn, database = call.place.cloud.ovn, _database(call.name)
    assert ovn is not None
    common, commands = divided(call.args)
    if "--version" in common or "-V" in common:
        call.print(f"{call.name} {VERSION}\nOpen vSwitch Library 3.1.0\nDB Schema {_SCHEMA[database]}")
        return 0
    for option in common:
        if option.partition("=")[0] not in _OPTIONS:
            raise UsageError(f"{call.name}: unrecognized option '{option}'")
    if not commands:
        raise UsageError(f"{call.name}: missing command name (use --help for help)")
    why = _closed(call, ovn, database, leader="--no-leader-only" not in common)
    if why is not None:
        return call.fail(f"{call.name}: unix:/var/run/ovn/ovn{database}_db.sock: database connection failed ({why})")
    cloud = call.place.cloud
    tables = Northbound(cloud, ovn).rows if database == "nb" else Southbound(cloud, ovn).rows
    form = form_of(common)
    try:
        written = [_run(database, tables, command, form) for command in commands]
    except Refused as problem:
        return call.fail(f"{call.name}: {problem}")
    call.print(joined(written, form), end="")
    return 0


def _database(name: str) -> Database:
    return "nb" if name == "ovn-nbctl" else "sb"


def _closed(call: Call, ovn: Ovn, database: Database, *, leader: bool) -> str | None:
    """Why the database cannot be asked here; an empty text for a member that is not the one wanted."""
    host = call.place.host.name
    if host not in ovn.members or not ovn.runs(database, host):
        return "Connection refused"
    if not call.place.root:
        return "Permission denied"
    if not ovn.connected(database, host) or (leader and ovn.rafts[database].leader != host):
        return ""
    return None


def _run(database: Database, tables: Run, command: list[str], form: str) -> str:
    verb, *rest = [word for word in command if not word.startswith("-")]
    if verb in ("list", "find", "get") and rest:
        return rows(COLUMNS[database], tables, command, form, verb)
    if verb == "show":
        return _show_north(tables) if database == "nb" else _show_south(tables)
    if database == "nb" and verb in ("ls-list", "lr-list"):
        found = tables("Logical_Switch" if verb == "ls-list" else "Logical_Router")
        return "\n".join(f"{row['_uuid'][1]} ({row['name']})" for row in sorted(found, key=lambda row: row["name"]))
    raise Refused(f"unknown command '{verb}'; use --help for help")


def _of(row: Row, column: str) -> list[str]:
    """The UUIDs that a column refers to."""
    value = row[column]
    if value == NONE:
        return []
    return [str(each[1]) for each in (value[1] if value[0] == "set" else [value])]


def _told(row: Row, column: str) -> dict[str, Any]:
    return dict(map(tuple, row[column][1]))


def _show_north(tables: Run) -> str:
    ports = {row["_uuid"][1]: row for name in ("Logical_Switch_Port", "Logical_Router_Port") for row in tables(name)}
    candidates = {row["_uuid"][1]: row for row in tables("Gateway_Chassis")}
    nats = {row["_uuid"][1]: row for row in tables("NAT")}
    lines = []
    for switch in tables("Logical_Switch"):
        known = _told(switch, "external_ids").get("neutron:network_name")
        lines.append(f"switch {switch['_uuid'][1]} ({switch['name']})" + (f" (aka {known})" if known else ""))
        for port in (ports[uuid] for uuid in _of(switch, "ports")):
            lines.append(f"    port {port['name']}")
            if port["type"]:
                lines.append(f"        type: {port['type']}")
            lines.append(
                f"        router-port: {_told(port, 'options')['router-port']}"
                if port["type"] == "router" else f'        addresses: ["{port["addresses"]}"]'
            )  # fmt: skip
    for router in tables("Logical_Router"):
        known = _told(router, "external_ids").get("neutron:router_name")
        lines.append(f"router {router['_uuid'][1]} ({router['name']})" + (f" (aka {known})" if known else ""))
        for port in (ports[uuid] for uuid in _of(router, "ports")):
            networks = port["networks"] if isinstance(port["networks"], str) else ", ".join(port["networks"][1])
            lines += [f"    port {port['name']}", f'        mac: "{port["mac"]}"', f'        networks: ["{networks}"]']
            names = [candidates[uuid]["chassis_name"] for uuid in _of(port, "gateway_chassis")]
            lines += [f"        gateway chassis: [{' '.join(names)}]"] if names else []
        for nat in (nats[uuid] for uuid in _of(router, "nat")):
            lines += [f"    nat {nat['_uuid'][1]}", f'        external ip: "{nat["external_ip"]}"',
                      f'        logical ip: "{nat["logical_ip"]}"', f'        type: "{nat["type"]}"']  # fmt: skip
    return "\n".join(lines)


def _show_south(tables: Run) -> str:
    encaps = {row["_uuid"][1]: row for row in tables("Encap")}
    bound: dict[str, list[str]] = {}
    for binding in tables("Port_Binding"):
        for uuid in _of(binding, "chassis"):
            bound.setdefault(uuid, []).append(str(binding["logical_port"]))
    lines = []
    for chassis in tables("Chassis"):
        lines += [f"Chassis {chassis['name']}", f"    hostname: {chassis['hostname']}"]
        for encap in (encaps[uuid] for uuid in _of(chassis, "encaps")):
            lines += [f"    Encap {encap['type']}", f'        ip: "{encap["ip"]}"', '        options: {csum="true"}']
        for port in sorted(bound.get(chassis["_uuid"][1], [])):
            lines.append(f"    Port_Binding {port}" if port.startswith("cr-") else f'    Port_Binding "{port}"')
    return "\n".join(lines)
