"""APIs that are dead, fail, are mute or hang up; the catalogue and the APIs themselves are asked, as a client would.

An API that fails has lost its connections to the database, and only it has; one that is mute, or hangs up, has lost
what clients send: both by rules of the kernel, where HAProxy's own checks do not pass, so it calls the API well.
"""

from __future__ import annotations

import re
import socket
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit

from runbooks.ground.declared import FaultError
from runbooks.lab import api
from runbooks.lab.faults import traffic
from runbooks.lab.faults.fault import Fault, Parameters
from runbooks.lab.faults.units import must_be_active
from runbooks.lab.faults.vip import UNITS
from runbooks.lab.lab import Lab
from runbooks.lab.machine import Machine
from runbooks.lab.services import haproxy
from runbooks.lab.shell import LabError

TYPES = {
    "keystone": ("identity",),
    "nova": ("compute",),
    "placement": ("placement",),
    "neutron": ("network",),
    "cinder": ("block-storage", "volumev3"),
    "glance": ("image",),
}
"""The service types of each API in the catalogue."""

LISTS = {
    "nova": ("compute", "/flavors"),
    "placement": ("placement", "/resource_providers"),
    "neutron": ("network", "/v2.0/networks"),
    "cinder": ("volumev3", "/types"),
    "glance": ("image", "/v2/images"),
}
"""Something that each API must look up in its database."""


def port(service: str) -> int:
    """The port of an API."""
    return next(each.port for each in haproxy.APIS if each.name == service)


def known(lab: Lab, parameters: Parameters) -> None:
    """Raises FaultError for an API that the lab does not have."""
    if parameters["service"] not in TYPES:
        raise FaultError(f"the lab has no {parameters['service']}; it has {', '.join(TYPES)}")
    if parameters["service"] == "neutron" and not lab.with_role("network"):
        raise FaultError(f"the profile {lab.layout.profile} has no networks")


# The catalogue names a place where nothing listens


def _endpoints(lab: Lab, parameters: Parameters) -> list[tuple[str, str]]:
    """Id and URL of the endpoints of a service at an interface; internal and admin belong together."""
    cloud = api.admin(lab)
    services = cloud.call("identity", "GET", "/services")["services"]
    ids = {each["id"] for each in services if each["type"] in TYPES[parameters["service"]]}
    wanted = ("public",) if parameters["interface"] == "public" else ("internal", "admin")
    return [
        (each["id"], each["url"])
        for each in cloud.call("identity", "GET", "/endpoints")["endpoints"]
        if each["service_id"] in ids and each["interface"] in wanted
    ]


def _move(lab: Lab, parameters: Parameters, there: str) -> None:
    cloud = api.admin(lab)
    for each, url in _endpoints(lab, parameters):
        moved = re.sub(r"//[^:/]+", f"//{there}", url)
        cloud.call("identity", "PATCH", f"/endpoints/{each}", {"endpoint": {"url": moved}})


def _dead_place(lab: Lab) -> str:
    """A controller that runs no API."""
    return next(machine.address for machine in reversed(lab.control) if machine.name not in lab.layout.api_hosts)


def _misdirect(lab: Lab, parameters: Parameters) -> None:
    _move(lab, parameters, _dead_place(lab))


def _direct(lab: Lab, parameters: Parameters) -> None:
    _move(lab, parameters, lab.layout.vip)


def _refused(lab: Lab, parameters: Parameters) -> bool:
    return any(_refuses(url) for _, url in _endpoints(lab, parameters))


def _refuses(url: str) -> bool:
    parts = urlsplit(url)
    try:
        socket.create_connection((parts.hostname or "", parts.port or 80), timeout=3).close()
    except ConnectionRefusedError:
        return True
    except OSError:
        return False
    return False


# Every answer is 500: the API alone loses its way to the database


def _hosts(lab: Lab, service: str) -> Sequence[Machine]:
    """The hosts that run the API."""
    unit = UNITS[service]
    return [each for each in lab.api if each.running and each.exists(f"/etc/systemd/system/{unit}.service")]


def database_rules(machine: Machine, vip: str, unit: str) -> list[str]:
    """Connections of one unit to the database are reset. Newer kernels count groups from the host's own, older ones
    from the machine's: the wrong one of the two never matches.
    """
    depth = len([part for part in _group(machine).split("/") if part])
    return [
        f'ip daddr {vip} tcp dport 3306 socket cgroupv2 level {level} "system.slice/{unit}.service" counter '
        "reject with tcp reset"
        for level in sorted({2, depth + 1})
    ]


def _group(machine: Machine) -> str:
    """The group of the host's process 1, as the machine sees it: …/init.scope."""
    lines = Path(f"/proc/{machine.leader}/cgroup").read_text().splitlines()
    return next((line.partition("::")[2] for line in lines if line.startswith("0::")), "")


def _fail(lab: Lab, parameters: Parameters) -> None:
    name = traffic.table("api-500", parameters)
    for machine in _hosts(lab, parameters["service"]):
        lines = database_rules(machine, lab.layout.vip, UNITS[parameters["service"]])
        traffic.put(machine, name, traffic.rules(name, "nephoscope api-500", [], lines))


def _work(lab: Lab, parameters: Parameters) -> None:
    for machine in _hosts(lab, parameters["service"]):
        traffic.take(machine, traffic.table("api-500", parameters))


def _answers_500(lab: Lab, parameters: Parameters) -> bool:
    """A list that needs the database is asked for, three times: every answer is an error of the server."""
    return all(_status(lab, parameters["service"]) >= 500 for _ in range(3))


def _status(lab: Lab, service: str) -> int:
    """The status of such a list; of Keystone, of a token; 0 for no answer."""
    try:
        cloud = api.admin(lab)
        cloud.sign_in()
        if service != "keystone":
            cloud.call(LISTS[service][0], "GET", LISTS[service][1])
    except api.ApiError as error:
        return error.status
    except LabError:
        return 0
    return 200


def _can_fail(lab: Lab, parameters: Parameters) -> None:
    known(lab, parameters)
    if parameters["service"] == "neutron":
        raise FaultError("without its database Neutron tries for minutes and answers nothing: use api-hang for it")
    for machine in _hosts(lab, parameters["service"]):
        must_be_active(machine, UNITS[parameters["service"]])


# What clients send does not arrive, or is answered with a reset


def _lost_requests(fault: str, verdict: str) -> Fault:
    def inject(lab: Lab, parameters: Parameters) -> None:
        what = f"ip daddr {lab.layout.vip} tcp dport {port(parameters['service'])} tcp flags & psh == psh"
        for machine in lab.control:
            if machine.running:
                name = traffic.table(fault, parameters)
                text = traffic.rules(name, f"nephoscope {fault}", [f"{what} counter {verdict}"], [])
                traffic.put(machine, name, text)

    def undo(lab: Lab, parameters: Parameters) -> None:
        for machine in lab.control:
            if machine.running:
                traffic.take(machine, traffic.table(fault, parameters))

    def in_effect(lab: Lab, parameters: Parameters) -> bool:
        said = _ask(lab.layout.vip, port(parameters["service"]))
        return said == ("mute" if verdict == "drop" else "reset")

    return Fault(inject, undo, in_effect, known, 30)


def _ask(address: str, number: int) -> str:
    """What becomes of a request: answered, mute, reset, or refused (nobody listens)."""
    try:
        with socket.create_connection((address, number), timeout=4) as connection:
            try:
                connection.sendall(b"GET / HTTP/1.1\r\nHost: lab\r\nConnection: close\r\n\r\n")
                return "answered" if connection.recv(1) else "reset"
            except TimeoutError:
                return "mute"
            except OSError:
                return "reset"
    except OSError:
        return "refused"


FAULTS = {
    "endpoint-dead": Fault(_misdirect, _direct, _refused, known, 30),
    "api-500": Fault(_fail, _work, _answers_500, _can_fail, 120),
    "api-hang": _lost_requests("api-hang", "drop"),
    "api-reset": _lost_requests("api-reset", "reject with tcp reset"),
}
"""The faults of this file."""
