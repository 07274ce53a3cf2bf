"""A queue that nobody reads any more: the services that read it are found by their connections, and stopped.

A client of oslo.messaging calls its connection PROGRAM:PID:UUID; the process tells which unit it belongs to.
"""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

from runbooks.ground.declared import FaultError
from runbooks.lab.faults import web
from runbooks.lab.faults.fault import Fault, Parameters, forget, mark, recall, remember
from runbooks.lab.faults.units import revive
from runbooks.lab.lab import Lab
from runbooks.lab.machine import Machine
from runbooks.lab.services import rabbitmq
from runbooks.lab.shell import LabError


def ask(lab: Lab, path: str) -> Any:
    """An answer of the management API, from the first node that gives one. Raises LabError."""
    header = web.basic("monitor", lab.secrets["rabbitmq_monitor"])
    for machine in lab.control:
        status, body = web.get(f"http://{machine.address}:{rabbitmq.MANAGEMENT}/api/{path}", header)
        if status == 200:
            return json.loads(body)
        if status == 404:
            return None
    raise LabError("RabbitMQ", "no node's management API answers")


def _queue(lab: Lab, parameters: Parameters) -> dict[str, Any]:
    found = ask(lab, f"queues/%2F/{quote(parameters['queue'], safe='')}")
    if found is None:
        raise FaultError(f"no queue is called {parameters['queue']!r}")
    assert isinstance(found, dict)
    return found


def readers(lab: Lab, parameters: Parameters) -> dict[tuple[str, str], str]:
    """(Host, unit) of each reader of the queue, with the name of its connection."""
    wanted = {each["channel_details"]["connection_name"] for each in _queue(lab, parameters)["consumer_details"]}
    by_address = {machine.address: machine for machine in lab.machines.values()}
    found = {}
    for each in ask(lab, "connections"):
        if each["name"] in wanted:
            name = str(each.get("client_properties", {}).get("connection_name", ""))
            machine, pid = by_address.get(each["peer_host"]), name.split(":")[1:2]
            unit = _unit(machine, pid[0]) if machine and machine.running and pid else ""
            if not machine or not unit:
                raise FaultError(f"the reader {name or each['name']} of the queue is no service of a host")
            found[machine.name, unit] = name
    return found


def _unit(machine: Machine, pid: str) -> str:
    """The service that a process of the host belongs to."""
    if not pid.isdigit():
        return ""
    group = machine.run("cat", f"/proc/{pid}/cgroup", check=False).out.strip()
    return next((part[:-8] for part in reversed(group.split("/")) if part.endswith(".service")), "")


def _stop(lab: Lab, parameters: Parameters) -> None:
    found = readers(lab, parameters)
    remember(lab, mark("queue-without-consumer", parameters), {f"{host} {unit}": "" for host, unit in found})
    for host, unit in found:
        lab.machines[host].stop(unit)


def _start(lab: Lab, parameters: Parameters) -> None:
    key = mark("queue-without-consumer", parameters)
    for each in recall(lab, key):
        host, unit = each.split()
        revive(lab.machines[host], unit)
    forget(lab, key)


def _unread(lab: Lab, parameters: Parameters) -> bool:
    return not _queue(lab, parameters)["consumers"]


def _is_read(lab: Lab, parameters: Parameters) -> None:
    if _unread(lab, parameters):
        raise FaultError(f"the queue {parameters['queue']} has no consumer already")
    readers(lab, parameters)


FAULTS = {"queue-without-consumer": Fault(_stop, _start, _unread, _is_read, 90)}
"""The faults of this file."""
