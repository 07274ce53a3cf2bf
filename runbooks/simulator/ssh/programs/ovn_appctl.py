"""`ovn-appctl`: how a member of a database sees its cluster, which northd is active, whether a host's controller has
its database. Kolla gives northd's socket a name of its own, so that it is not found by its process id."""

from __future__ import annotations

from typing import Final

from runbooks.simulator.model.hosts import Host
from runbooks.simulator.model.network.ovn import NAMES, PORTS, UNITS, Database, Ovn, Raft
from runbooks.simulator.ssh.program import Call, Place, UsageError, program
from runbooks.simulator.ssh.programs.ovn_ctl import VERSION

RUN: Final = "/var/run/ovn"
SOCKETS: Final[dict[str, Database]] = {f"{RUN}/ovnnb_db.ctl": "nb", f"{RUN}/ovnsb_db.ctl": "sb"}
NORTHD: Final = f"{RUN}/ovn-northd.ctl"


def has_ovn(host: Host) -> bool:
    """True for hosts with any part of OVN."""
    return bool({"ovn_nb_db", "ovn_controller"} & host.names)


@program("ovn-appctl", on=has_ovn)
def _ovn_appctl(call: Call) -> int:
    words, target = [], "ovn-controller"
    given = iter(call.args)
    for word in given:
        if word in ("-t", "--target", "-T"):
            value = next(given, "")
            target = value if word != "-T" else target
        elif word.startswith("--target="):
            target = word.partition("=")[2]
        elif word in ("-V", "--version"):
            call.print(f"ovn-appctl {VERSION}\nOpen vSwitch Library 3.1.0")
            return 0
        elif not word.startswith("--timeout="):
            words.append(word)
    if not words:
        raise UsageError("ovn-appctl: at least one non-option argument is required (use --help for help)")
    return _answered(call, target, words)


def _answered(call: Call, target: str, words: list[str]) -> int:
    place, ovn = call.place, call.place.cloud.ovn
    assert ovn is not None
    if not target.startswith("/"):
        if target == "ovn-northd" and _runs(place, "ovn_northd"):
            return _refused(call, f"{RUN}/ovn-northd.7.ctl", "No such file or directory")
        if target != "ovn-controller" or not _runs(place, "ovn_controller"):
            return call.fail(f'ovn-appctl: cannot read pidfile "{RUN}/{target}.pid" (No such file or directory)')
        if words[0] == "connection-status":
            call.print("connected" if ovn.quorum("sb") else "not connected")
            return 0
        return _unknown(call, target, words[0])
    unit = UNITS[SOCKETS[target]] if target in SOCKETS else "ovn_northd" if target == NORTHD else ""
    if unit not in place.host.names:
        return _refused(call, target, "No such file or directory")
    if not _runs(place, unit):
        return _refused(call, target, "Connection refused")
    if not place.root:
        return _refused(call, target, "Permission denied")
    if target == NORTHD and words[0] == "status":
        call.print("Status: active" if ovn.northd == place.host.name else "Status: standby")
        return 0
    if target in SOCKETS and words[0] == "cluster/status":
        database = SOCKETS[target]
        if words[1:] != [NAMES[database]]:
            return call.fail(f"unknown cluster\novn-appctl: {target}: server returned an error", 2)
        call.print(status(place, ovn, database))
        return 0
    return _unknown(call, target, words[0])


def _runs(place: Place, unit: str) -> bool:
    return unit in place.host.names and place.host.units[unit].state in ("running", "hung")


def _refused(call: Call, target: str, why: str) -> int:
    return call.fail(f'ovn-appctl: cannot connect to "{target}" ({why})')


def _unknown(call: Call, target: str, word: str) -> int:
    return call.fail(
        f'"{word}" is not a valid command (use "list-commands" to see a list of valid commands)\n'
        f"ovn-appctl: {target}: server returned an error",
        2,
    )


def status(place: Place, ovn: Ovn, database: Database) -> str:
    """`cluster/status` of the member on this host."""
    host, now, raft = place.host.name, place.now, ovn.rafts[database]
    connected = ovn.connected(database, host)
    leads = connected and raft.leader == host
    last = ovn.count(database, now) + 40
    lost = raft.lost if raft.lost is not None else now
    term = raft.term if connected else raft.term + int((now - lost) / 2)
    leader = "self" if leads else _short(place, database, raft.leader) if connected and raft.leader else "unknown"
    elected = f"{int((now - raft.elected) * 1000)} ms ago"
    lines = [
        _short(place, database, host),
        f"Name: {NAMES[database]}",
        f"Cluster ID: {_identity(place, database, 'cluster')}",
        f"Server ID: {_identity(place, database, host)}",
        f"Address: {_address(place, database, host)}",
        "Status: cluster member" if connected else "Status: disconnected from the cluster (election timeout)",
        f"Role: {'leader' if leads else 'follower' if connected else 'candidate'}",
        f"Term: {term}",
        f"Leader: {leader}",
        "Vote: self" if leads or not connected else "Vote: unknown",
        "",
        *([f"Last Election started {elected}, reason: timeout", f"Last Election won: {elected}"] if leads else ()),
        "Election timer: 1000",
        f"Log: [{max(last - 500, 2)}, {last}]",
        "Entries not yet committed: 0",
        "Entries not yet applied: 0",
        f"Connections: {_connections(place, ovn, database)}".rstrip(),
        f"Disconnections: {len(raft.gone)}",
        "Servers:",
        *(_server(place, ovn, raft, database, name, last, leads) for name in ovn.members),
    ]
    return "\n".join(lines)


def _short(place: Place, database: Database, name: str) -> str:
    return place.cloud.seed.uuid("ovn raft", place.cloud.layout.region, database, name)[:4]


def _identity(place: Place, database: Database, name: str) -> str:
    whole = place.cloud.seed.uuid("ovn raft", place.cloud.layout.region, database, name)
    return f"{whole[:4]} ({whole})"


def _address(place: Place, database: Database, name: str) -> str:
    return f"tcp:{place.cloud.hosts[name].machine.address}:{PORTS[database]}"


def _connections(place: Place, ovn: Ovn, database: Database) -> str:
    found = []
    for name in ovn.members:
        short = _short(place, database, name)
        if name != place.host.name:
            found.append(f"<-{short} ->{short}" if name in ovn.alive(database) else f"(->{short})")
    return " ".join(found)


def _server(place: Place, ovn: Ovn, raft: Raft, database: Database, name: str, last: int, leads: bool) -> str:
    short = _short(place, database, name)
    text = f"    {short} ({short} at {_address(place, database, name)})"
    index = f" next_index={last} match_index={last - 1}" if leads else ""
    if name == place.host.name:
        return f"{text} (self){index}"
    gone = raft.gone.get(name)
    silent = place.cloud.seed.number(300, "raft message", name) + 20 if gone is None else int((place.now - gone) * 1000)
    hears = leads or name == raft.leader or gone is not None
    return f"{text}{index}" + (f" last msg {silent} ms ago" if hears else "")
