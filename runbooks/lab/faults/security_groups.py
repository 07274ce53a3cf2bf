"""A rule that lets in the members of a group, and a client that is no member: TCP is silent, ping is answered.

All of it is done through Neutron's API, as a user would do it; whether it works is tried from inside the client.
"""

from __future__ import annotations

from typing import Any

from runbooks.ground.declared import FaultError
from runbooks.lab.api import Cloud, admin, demo
from runbooks.lab.faults.fault import Fault, Parameters, forget, mark, recall, remember
from runbooks.lab.lab import Lab

FAULT = "security-group-member-missing"
SERVERS, CLIENTS = "nephoscope-fault-servers", "nephoscope-fault-clients"
"""Our groups: the one that has the rule, and the one that the rule is for."""
PORT = 80


def _server(cloud: Cloud, name: str) -> dict[str, Any]:
    """The server of that name, as Nova's administrator sees it. Raises FaultError."""
    found = cloud.call("compute", "GET", f"/servers/detail?all_tenants=1&name=^{name}$")["servers"]
    if not found or found[0]["status"] != "ACTIVE":
        raise FaultError(f"there is no server {name} that is ACTIVE")
    return dict(found[0])


def _port(cloud: Cloud, name: str) -> dict[str, Any]:
    """Its port."""
    device = _server(cloud, name)["id"]
    return dict(cloud.call("network", "GET", f"/v2.0/ports?device_id={device}")["ports"][0])


def _group(user: Cloud, name: str) -> str:
    """The id of a group of the project, made if it is missing."""
    found = _groups(user, name)
    if not found:
        body = {"security_group": {"name": name, "description": "a fault of the lab"}}
        found = [user.call("network", "POST", "/v2.0/security-groups", body)["security_group"]["id"]]
    return found[0]


def _groups(user: Cloud, name: str) -> list[str]:
    query = f"/v2.0/security-groups?name={name}&project_id={user.project_id}"
    return [str(each["id"]) for each in user.call("network", "GET", query)["security_groups"]]


def _shut_out(lab: Lab, parameters: Parameters) -> None:
    operator, user = admin(lab), demo(lab)
    user.sign_in()
    port = _port(operator, parameters["server"])
    remember(lab, mark(FAULT, parameters), {"port": port["id"], "groups": ",".join(port["security_groups"])})
    clients, servers = _group(user, CLIENTS), _group(user, SERVERS)
    shown = user.call("network", "GET", f"/v2.0/security-groups/{servers}")["security_group"]
    if not any(rule["direction"] == "ingress" for rule in shown["security_group_rules"]):
        rule = {"security_group_id": servers, "direction": "ingress", "ethertype": "IPv4"}
        ports = {"port_range_min": PORT, "port_range_max": PORT}
        for more in ({"protocol": "icmp"}, {"protocol": "tcp", **ports, "remote_group_id": clients}):
            user.call("network", "POST", "/v2.0/security-group-rules", {"security_group_rule": rule | more})
    _put(operator, port["id"], [servers])


def _let_in(lab: Lab, parameters: Parameters) -> None:
    operator, user = admin(lab), demo(lab)
    user.sign_in()
    kept = recall(lab, mark(FAULT, parameters))
    if kept:
        _put(operator, kept["port"], kept["groups"].split(","))
    for name in (SERVERS, CLIENTS):
        for each in _groups(user, name):
            user.call("network", "DELETE", f"/v2.0/security-groups/{each}")
    forget(lab, mark(FAULT, parameters))


def _put(operator: Cloud, port: str, groups: list[str]) -> None:
    operator.call("network", "PUT", f"/v2.0/ports/{port}", {"port": {"security_groups": groups}})


def _silent(lab: Lab, parameters: Parameters) -> bool:
    """The client cannot connect to the server."""
    operator = admin(lab)
    client = _server(operator, parameters["client"])
    address = _port(operator, parameters["server"])["fixed_ips"][0]["ip_address"]
    machine = lab.machines[client["OS-EXT-SRV-ATTR:host"]]
    inside = ("ip", "netns", "exec", client["OS-EXT-SRV-ATTR:instance_name"])
    return machine.running and not machine.run(*inside, "nc", "-z", "-w", "2", address, str(PORT), check=False).ok


def _refuse(lab: Lab, parameters: Parameters) -> None:
    if not lab.with_role("network"):
        raise FaultError(f"the profile {lab.layout.profile} has no networks")
    if _silent(lab, parameters):
        raise FaultError(f"{parameters['client']} cannot reach {parameters['server']} anyway")


FAULTS = {FAULT: Fault(_shut_out, _let_in, _silent, _refuse, 60)}
"""The faults of this file."""
