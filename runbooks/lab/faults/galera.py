"""Galera: a member that dies, is cut off, stands aside or holds up the others; the quorum lost; everybody dead.

The members are asked for their own `wsrep_` states. To take back a lost quorum, and a cluster of which nobody is
left, is what `services/galera.py` does whenever the lab comes up.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from runbooks.ground.declared import FaultError
from runbooks.lab.faults import traffic
from runbooks.lab.faults.fault import Fault, Parameters, host
from runbooks.lab.faults.units import drop_in, kill, must_be_active, remove_drop_in, state
from runbooks.lab.lab import Lab
from runbooks.lab.machine import Machine
from runbooks.lab.services import galera
from runbooks.lab.shell import LabError

UNIT = galera.UNIT

_BEFORE = """
CREATE DATABASE IF NOT EXISTS nephoscope_fault;
CREATE TABLE IF NOT EXISTS nephoscope_fault.marker (word VARCHAR(40) PRIMARY KEY);
REPLACE INTO nephoscope_fault.marker VALUES ('before ctl03 stopped');
"""
_AFTER = "REPLACE INTO nephoscope_fault.marker VALUES ('after ctl03 stopped')"
"""What only the members that died later have: who begins again must have both."""


def says(machine: Machine, name: str) -> str:
    """A `wsrep_` status of the member; empty when it does not answer."""
    try:
        return galera.look(machine).status.get(f"wsrep_{name}", "")
    except LabError:
        return ""


def whole(lab: Lab) -> bool:
    """True when every member is synced and sees all others."""
    size = str(len(lab.control))
    return all(
        says(each, "local_state_comment") == "Synced" and says(each, "cluster_size") == size for each in lab.control
    )


def must_be_whole(lab: Lab, parameters: Parameters) -> None:
    """Raises FaultError unless Galera is complete."""
    if not whole(lab):
        raise FaultError("some Galera member is out already: first let the cluster heal")


def _broken(lab: Lab, parameters: Parameters) -> bool:
    return not whole(lab)


def _back(lab: Lab, parameters: Parameters) -> None:
    """Whatever it takes, until all are one cluster again."""
    for machine in lab.control:
        if machine.running:
            remove_drop_in(machine, UNIT)
    galera.start(lab)


def _kill(choose: Callable[[Lab, Parameters], Sequence[Machine]]) -> Callable[[Lab, Parameters], None]:
    def die(machine: Machine) -> None:
        machine.run("systemctl", "kill", "--signal=KILL", UNIT)
        machine.wait("mariadb is dead", lambda: state(machine, UNIT) != "active", 20)

    def inject(lab: Lab, parameters: Parameters) -> None:
        machines = choose(lab, parameters)
        for machine in machines:
            drop_in(machine, UNIT, "[Service]\nRestart=no\n")
        lab.each(machines, die)

    return inject


def _the_one(lab: Lab, parameters: Parameters) -> Sequence[Machine]:
    return [lab.machines[parameters["host"]]]


def _all_but_the_first(lab: Lab, parameters: Parameters) -> Sequence[Machine]:
    return lab.control[1:]


def _member_gone(lab: Lab, parameters: Parameters) -> bool:
    """The others see it only after some seconds; it counts as gone until all is well again."""
    machine = lab.machines[parameters["host"]]
    others = [each for each in lab.control if each.name != machine.name]
    seen = all(says(each, "cluster_size") == str(len(others)) for each in others)
    return seen if state(machine, UNIT) != "active" else not whole(lab)


def _no_quorum(lab: Lab, parameters: Parameters) -> bool:
    said = says(lab.control[0], "cluster_status")
    return said not in ("Primary", "") or (said == "Primary" and _any_runs(lab) and not whole(lab))


def _any_runs(lab: Lab) -> bool:
    return any(state(machine, UNIT) == "active" for machine in lab.control[1:])


# Everybody dead, one after another, so that the members do not hold the same data


def _all_dead(lab: Lab, parameters: Parameters) -> None:
    first, second, third = lab.control
    galera.sql(first, _BEFORE)
    third.stop(UNIT)
    galera.sql(first, _AFTER)
    for machine in (first, second):
        kill(machine, UNIT)


def _all_back(lab: Lab, parameters: Parameters) -> None:
    _back(lab, parameters)
    galera.sql(lab.control[0], "DROP DATABASE IF EXISTS nephoscope_fault")


# One member is cut off on the port of the cluster; it runs, and refuses to serve


def _isolation(lab: Lab, parameters: Parameters) -> tuple[list[str], list[str]]:
    rules = [f"tcp {end} 4567 counter drop" for end in ("dport", "sport")]
    return rules, rules


def _isolate(lab: Lab, parameters: Parameters) -> None:
    name = traffic.table("galera-member-isolated", parameters)
    text = traffic.rules(name, "nephoscope galera-member-isolated", *_isolation(lab, parameters))
    traffic.put(host(lab, parameters), name, text)


def _connect(lab: Lab, parameters: Parameters) -> None:
    machine = lab.machines[parameters["host"]]
    if machine.running:
        traffic.take(machine, traffic.table("galera-member-isolated", parameters))
    galera.start(lab)


def _isolated(lab: Lab, parameters: Parameters) -> bool:
    machine = lab.machines[parameters["host"]]
    others = [each for each in lab.control if each.name != machine.name]
    cut = says(machine, "cluster_status") == "non-Primary"
    return (cut and all(says(each, "cluster_status") == "Primary" for each in others)) or (not cut and not whole(lab))


# One member stands aside


def _desync(lab: Lab, parameters: Parameters) -> None:
    galera.sql(host(lab, parameters), "SET GLOBAL wsrep_desync = ON")


def _resync(lab: Lab, parameters: Parameters) -> None:
    machine = lab.machines[parameters["host"]]
    if machine.running and _desynced(lab, parameters):
        galera.sql(machine, "SET GLOBAL wsrep_desync = OFF")


def _desynced(lab: Lab, parameters: Parameters) -> bool:
    return says(lab.machines[parameters["host"]], "local_state_comment") == "Donor/Desynced"


def _refuse_member(lab: Lab, parameters: Parameters) -> None:
    must_be_active(host(lab, parameters), UNIT)
    must_be_whole(lab, parameters)


FAULTS = {
    "galera-member-out": Fault(_kill(_the_one), _back, _member_gone, _refuse_member, 120),
    "galera-member-isolated": Fault(_isolate, _connect, _isolated, _refuse_member, 120),
    "galera-member-desynced": Fault(_desync, _resync, _desynced, _refuse_member, 60),
    "galera-no-quorum": Fault(_kill(_all_but_the_first), _back, _no_quorum, must_be_whole, 180),
    "galera-all-down": Fault(_all_dead, _all_back, _broken, must_be_whole, 240),
}
"""The faults of this file."""
