"""Short words for what the Cinder tests do."""

from __future__ import annotations

from typing import Any

from runbooks.simulator.model.cloud import Cloud
from tests.simulator.calls import Client

V = "3.70"
AT = "/v3"


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


def make(client: Client, status: int = 202, **values: object) -> Any:
    """POST a volume; its row (or the refusal)."""
    given = {"size": 1, "name": "new"} | values
    found = client.do("POST", f"{AT}/volumes", {"volume": given}, V, status=status)
    return found.get("volume", found)


def show(client: Client, volume_id: str) -> dict[str, Any]:
    found: dict[str, Any] = client.get(f"{AT}/volumes/{volume_id}", V)["volume"]
    return found


def act(client: Client, volume_id: str, verb: str, part: object = None, status: int = 202) -> Any:
    return client.do("POST", f"{AT}/volumes/{volume_id}/action", {verb: part}, V, status=status)
