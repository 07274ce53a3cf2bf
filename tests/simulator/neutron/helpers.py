"""Short words for what the Neutron tests do."""

from __future__ import annotations

from typing import Any

from runbooks.simulator.model.cloud import Cloud
from tests.simulator.calls import Client


def pass_time(model: Cloud, seconds: float) -> None:
    """Let the cloud live on for a while."""
    model.clock.advance(seconds)
    model.catch_up()


def stop(model: Cloud, host: str, unit: str) -> None:
    model.hosts.set_unit(host, unit, "stopped", model.now(), 0)
    model.settle()


def start(model: Cloud, host: str, unit: str) -> None:
    model.hosts.set_unit(host, unit, "running", model.now())
    model.settle()


def make(client: Client, kind: str, status: int = 201, /, **values: object) -> Any:
    """POST one object; its row (or the refusal)."""
    path = {"security_group": "security-groups", "security_group_rule": "security-group-rules"}.get(kind, kind + "s")
    path = {"rbac_policy": "rbac-policies", "address_group": "address-groups"}.get(kind, path)
    found = client.do("POST", f"/v2.0/{path}", {kind: values}, status=status)
    return found.get(kind, found)


def network_with_subnet(client: Client, cidr: str = "192.168.7.0/24", **more: object) -> tuple[str, str]:
    """(network's id, subnet's id)."""
    network = make(client, "network", name="seven")["id"]
    return network, make(client, "subnet", network_id=network, ip_version=4, cidr=cidr, **more)["id"]


def refused(answer: Any) -> tuple[str, str]:
    """(type, message) of an error body, whose detail is always empty."""
    assert list(answer["NeutronError"]) == ["type", "message", "detail"]
    assert answer["NeutronError"]["detail"] == ""
    return answer["NeutronError"]["type"], answer["NeutronError"]["message"]
