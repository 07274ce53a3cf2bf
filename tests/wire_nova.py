"""Nova's services on a scripted cloud, with a memory: what a `PUT` changes, the next list shows. Each write is counted.

A write may be held: it is carried out, and its answer waits until the test lets it go.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.wire_cloud import WireCloud, recorded, wire_cloud
from tests.wire_server import Reply, Seen, json_reply

VERSIONS = recorded("compute/versions")
PATH = "/compute/v2.1/os-services"


class WireNova:
    """The services of a few computes."""

    def __init__(self, cloud: WireCloud, hosts: int) -> None:
        self.cloud = cloud
        self.services: list[dict[str, Any]] = [self._service(number) for number in range(1, hosts + 1)]
        self.writes: list[tuple[str, Any]] = []
        """(host, body) of each write, in the order in which they were carried out."""
        self.held = threading.Event()
        self.held.set()
        """Cleared: answers to writes wait."""
        self.arrived = threading.Semaphore(0)
        """One more for each write that was carried out."""
        self.refuse: dict[str, Reply] = {}
        """Host → what its writes get instead."""
        self.deaf = False
        """Lists do not show what was written: nothing proves it."""
        cloud.on("/compute/v2.1", json_reply({"version": VERSIONS["versions"][-1]}))
        cloud.on("/compute/v2.1/", json_reply({"version": VERSIONS["versions"][-1]}))
        cloud.on(PATH, self.listed)
        for service in self.services:
            cloud.on(f"{PATH}/{service['id']}", self._put, method="PUT")

    @staticmethod
    def _service(number: int) -> dict[str, Any]:
        return {
            "id": f"1b0c6d0a-0000-4000-8000-{number:012d}",
            "binary": "nova-compute",
            "host": f"cmp{number:02d}",
            "zone": "az-1",
            "status": "enabled",
            "state": "up",
            "updated_at": "2025-11-21T04:39:55.000000",
            "disabled_reason": None,
            "forced_down": False,
        }

    def of(self, host: str) -> dict[str, Any]:
        """The service on a host."""
        return next(service for service in self.services if service["host"] == host)

    def listed(self, seen: Seen) -> Reply:
        """The answer to a list."""
        return json_reply({"services": self.services})

    def _put(self, seen: Seen) -> Reply:
        service = next(s for s in self.services if s["id"] == seen.path.rpartition("/")[2])
        if service["host"] in self.refuse:
            return self.refuse[service["host"]]
        body = json.loads(seen.body)
        self.writes.append((service["host"], body))
        if not self.deaf:
            service |= body
            if body.get("status") == "enabled":
                service["disabled_reason"] = None
        self.arrived.release()
        self.held.wait(20)
        return json_reply({"service": service}, x_openstack_request_id=f"req-{len(self.writes)}")


@contextmanager
def wire_nova(folder: Path, monkeypatch: Any, hosts: int = 4) -> Iterator[WireNova]:
    """A cloud with Nova on it, to which OS_CLIENT_CONFIG_FILE points."""
    with wire_cloud(folder, monkeypatch) as cloud:
        nova = WireNova(cloud, hosts)
        try:
            yield nova
        finally:
            nova.held.set()
