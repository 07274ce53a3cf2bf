"""RabbitMQ: a node that dies, is cut off, has the wrong cookie or an alarm; the majority lost.

The nodes' management APIs are asked, each for itself: while a peer does not answer they may be mute for some seconds.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from runbooks.ground.declared import FaultError
from runbooks.lab.faults import traffic
from runbooks.lab.faults.fault import Fault, Parameters, host
from runbooks.lab.faults.rabbitmq_cluster import UNIT, bring_back, end, heal, must_be_whole, nodes, whole
from runbooks.lab.faults.units import Where, killed, must_be_active, state
from runbooks.lab.lab import Lab
from runbooks.lab.machine import Machine, accepts
from runbooks.lab.services import rabbitmq
from runbooks.lab.shell import wait_until

COOKIE = "/var/lib/rabbitmq/.erlang.cookie"


def others(lab: Lab, parameters: Parameters) -> list[Machine]:
    """The nodes beside the one that the fault is about."""
    return [machine for machine in lab.control if machine.name != parameters["host"]]


def _one(lab: Lab, parameters: Parameters) -> Sequence[tuple[str, str]]:
    return [(parameters["host"], UNIT)]


def _all_but_the_first(lab: Lab, parameters: Parameters) -> Sequence[tuple[str, str]]:
    return [(machine.name, UNIT) for machine in lab.control[1:]]


def _refuse(lab: Lab, parameters: Parameters) -> None:
    must_be_active(host(lab, parameters), UNIT)
    must_be_whole(lab, parameters)


def _node_out(lab: Lab, parameters: Parameters) -> bool:
    """The others do not count it among the running ones; over when all of them see all."""
    name = parameters["host"]
    seen = [nodes(lab, machine).get(name, {}).get("running") for machine in others(lab, parameters)]
    return not any(seen) if state(lab.machines[name], UNIT) != "active" else not whole(lab)


def _no_majority(lab: Lab, parameters: Parameters) -> bool:
    """The last node has paused: its unit is active, and nobody can connect to it."""
    first = lab.control[0]
    dead = all(state(machine, UNIT) != "active" for machine in lab.control[1:])
    return not accepts(first.address, rabbitmq.PORT, 2) if dead else not whole(lab)


# Alarms


def _alarm(name: str) -> Fault:
    """A node's limit is moved so that what it uses, or what is free, is beyond it."""
    words = {
        "mem_alarm": ("set_vm_memory_high_watermark", "absolute"),
        "disk_free_alarm": ("set_disk_free_limit",),
    }[name]
    wrong, right = {"mem_alarm": ("20MB", "512MB"), "disk_free_alarm": ("900GB", "200MB")}[name]

    def inject(lab: Lab, parameters: Parameters) -> None:
        rabbitmq.ctl(lab.machines[parameters["host"]], *words, wrong)

    def undo(lab: Lab, parameters: Parameters) -> None:
        machine = lab.machines[parameters["host"]]
        if machine.running and state(machine, UNIT) == "active":
            rabbitmq.ctl(machine, *words, right)

    def in_effect(lab: Lab, parameters: Parameters) -> bool:
        machine = lab.machines[parameters["host"]]
        return bool(nodes(lab, machine).get(machine.name, {}).get(name))

    def refuse(lab: Lab, parameters: Parameters) -> None:
        must_be_active(host(lab, parameters), UNIT)
        if in_effect(lab, parameters):
            raise FaultError(f"{parameters['host']} has this alarm already")

    return Fault(inject, undo, in_effect, refuse, 60)


# A partition


def _handling(lab: Lab, how: str) -> None:
    """What the nodes do when they lose each other; read anew each time, so it can be changed while they run."""
    for machine in lab.control:
        if machine.running and state(machine, UNIT) == "active":
            machine.run(
                "rabbitmqctl",
                "-q",
                "eval",
                f"application:set_env(rabbit, cluster_partition_handling, {how}).",
                check=False,
            )


def _cut(lab: Lab, parameters: Parameters) -> None:
    name = traffic.table("rabbitmq-partition", parameters)
    peers = ", ".join(machine.address for machine in others(lab, parameters))
    come = [f"ip saddr {{ {peers} }} tcp {end} {{ 4369, 25672 }} counter drop" for end in ("dport", "sport")]
    go = [f"ip daddr {{ {peers} }} tcp {end} {{ 4369, 25672 }} counter drop" for end in ("dport", "sport")]
    traffic.put(host(lab, parameters), name, traffic.rules(name, "nephoscope rabbitmq-partition", come, go))


def _join(lab: Lab, parameters: Parameters) -> None:
    machine = lab.machines[parameters["host"]]
    if machine.running:
        traffic.take(machine, traffic.table("rabbitmq-partition", parameters))


def _partition(lab: Lab, parameters: Parameters) -> None:
    """Cut off for good; or, where the nodes ignore it, until both sides gave each other up, and then together again.

    Both must have: a node that never missed the others takes them back without a word (each notices by its own ticks).
    """
    _handling(lab, parameters["handling"])
    _cut(lab, parameters)
    if parameters["handling"] == "ignore":
        wait_until(lambda: _given_up(lab, parameters), 150, 2)
        _join(lab, parameters)
        wait_until(lambda: _estranged_sides(lab), 60, 2)


def _given_up(lab: Lab, parameters: Parameters) -> bool:
    """Every node counts those of the other side as not running."""
    alone = lab.machines[parameters["host"]]
    rest = others(lab, parameters)
    seen = [(machine, alone) for machine in rest] + [(alone, machine) for machine in rest]
    return all(nodes(lab, one).get(other.name, {}).get("running") is False for one, other in seen)


def _estranged_sides(lab: Lab) -> bool:
    """Some node says that it and another have run on apart."""
    return any(each.get("partitions") for machine in lab.control for each in nodes(lab, machine).values())


def _partitioned(lab: Lab, parameters: Parameters) -> bool:
    machine = lab.machines[parameters["host"]]
    if parameters["handling"] == "ignore":
        return _estranged_sides(lab) or (
            not traffic.present(machine, traffic.table("rabbitmq-partition", parameters)) and not whole(lab)
        )
    paused = state(machine, UNIT) == "active" and not accepts(machine.address, rabbitmq.PORT, 2)
    return paused or not whole(lab)


def _reunite(lab: Lab, parameters: Parameters) -> None:
    """The loser forgets its side of the story: it is started again, and joins the majority."""
    _join(lab, parameters)
    _handling(lab, "pause_minority")
    machine = lab.machines[parameters["host"]]
    if not machine.running:
        return
    if parameters["handling"] == "ignore":
        machine.run("systemctl", "stop", UNIT, check=False, seconds=120)
        bring_back(lab, machine)
    heal(lab)


# The cookie


def _wrong_cookie(lab: Lab, parameters: Parameters) -> None:
    """systemd waits for a node that joins nobody: the start is not waited for."""
    machine = lab.machines[parameters["host"]]
    machine.stop(UNIT)
    machine.write(COOKIE, "STRANGER", 0o400, "rabbitmq:rabbitmq")
    machine.run("systemctl", "start", "--no-block", UNIT)


def _right_cookie(lab: Lab, parameters: Parameters) -> None:
    machine = lab.machines[parameters["host"]]
    machine.write(COOKIE, lab.secrets["rabbitmq_cookie"], 0o400, "rabbitmq:rabbitmq")
    if machine.running:
        # Its own tools cannot talk to a node with another cookie, so it is ended, not asked to stop.
        end(machine)
        bring_back(lab, machine)


def _estranged(lab: Lab, parameters: Parameters) -> bool:
    machine = lab.machines[parameters["host"]]
    alien = machine.running and machine.read(COOKIE) != lab.secrets["rabbitmq_cookie"]
    seen = [nodes(lab, each).get(machine.name, {}).get("running") for each in others(lab, parameters)]
    return not any(seen) if alien else not whole(lab)


def _again(where: Where) -> Callable[[Lab, Parameters], None]:
    def undo(lab: Lab, parameters: Parameters) -> None:
        bring_back(lab, *(lab.machines[name] for name, _ in where(lab, parameters)))

    return undo


_out, _few = killed(_one), killed(_all_but_the_first)

FAULTS = {
    "rabbitmq-node-out": Fault(_out.inject, _again(_one), _node_out, _refuse, 120),
    "rabbitmq-no-majority": Fault(_few.inject, _again(_all_but_the_first), _no_majority, must_be_whole, 180),
    "rabbitmq-memory-alarm": _alarm("mem_alarm"),
    "rabbitmq-disk-alarm": _alarm("disk_free_alarm"),
    "rabbitmq-partition": Fault(_partition, _reunite, _partitioned, _refuse, 180),
    "rabbitmq-wrong-cookie": Fault(_wrong_cookie, _right_cookie, _estranged, _refuse, 180),
}
"""The faults of this file."""
