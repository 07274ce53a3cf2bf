"""Nova's services on a scripted cloud: what an operation meets when the API misbehaves, and what happened there."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from collectors.connections import Connections
from collectors.site import Site
from runbooks.cloud import Cloud
from runbooks.journal import Journal
from runbooks.operation import Operation
from runbooks.outcome import Outcome
from runbooks.perform import Performance
from runbooks.plan import Plan
from runbooks.planning import planned
from runbooks.registry import operation
from runbooks.running import Consent, run_plan
from tests.wire_cloud import WireCloud
from tests.wire_server import Reply, Seen, json_reply

NOW = 1_795_000_000.0


class Nova:
    """Three computes; `misbehave` says how the next writes are answered, after (or before) they took effect."""

    def __init__(self, wire: WireCloud, folder: Path) -> None:
        self.wire = wire
        self.services: dict[str, dict[str, Any]] = {
            f"service-{n}": {
                "id": f"service-{n}", "binary": "nova-compute", "host": f"cmp0{n}", "zone": "nova",
                "status": "enabled", "state": "up", "updated_at": "2026-11-18T11:06:40.0", "disabled_reason": None,
                "forced_down": False,
            }
            for n in (1, 2, 3)
        }  # fmt: skip
        self.puts: list[str] = []
        self.takes_effect = True
        self.effect_after = 0
        """Looks after which the effect of a write shows."""
        self.answers: list[Reply | None] = []
        """How the next writes are answered; None is as Nova does."""
        self.now = NOW
        wire.on("/compute/v2.1/os-services", self._list)
        for identity in self.services:
            wire.on(f"/compute/v2.1/os-services/{identity}", self._put, method="PUT")
        site = Site("wire", "RegionOne", lock_dir=folder / "locks")
        self.cloud = Cloud(Connections(site), lambda: self.now)
        self.journal = Journal(folder / "state" / "journal.jsonl", lambda: self.now, None)
        self._waiting: list[tuple[int, str, dict[str, Any]]] = []

    def _list(self, seen: Seen) -> Reply:
        due = [each for each in self._waiting if each[0] <= 0]
        self._waiting = [(left - 1, name, body) for left, name, body in self._waiting if left > 0]
        for _, name, body in due:
            self.services[name] |= body
        return json_reply({"services": list(self.services.values())})

    def _put(self, seen: Seen) -> Reply:
        name = seen.path.rpartition("/")[2]
        self.puts.append(name)
        body = json.loads(seen.body)
        answer = self.answers.pop(0) if self.answers else None
        if self.takes_effect and (answer is None or answer.status not in (400, 403, 409)):
            if self.effect_after:
                self._waiting.append((self.effect_after, name, body))
            else:
                self.services[name] |= body
        return answer or json_reply({"service": self.services[name]}, X_Openstack_Request_Id=f"req-{len(self.puts)}")

    def pause(self, seconds: float) -> None:
        """Time goes by."""
        self.now += seconds

    def plan(self, name: str = "compute-service.disable", *targets: str, **values: str) -> tuple[Operation, Plan]:
        """A plan for services."""
        wanted = operation(name)
        given = values or ({"reason": "a test"} if name.endswith("disable") else {})
        return wanted, planned(wanted, targets or ("service-1",), given, self.cloud, carry_on=False)

    def run(
        self,
        wanted: Operation,
        plan: Plan,
        started: Callable[[Performance], None] = lambda performance: None,
        **more: Any,
    ) -> Outcome:
        """Carry it out."""
        consent = Consent(tuple(part.name for part in plan.parts), "a test")
        return run_plan(plan, wanted, consent, self.cloud, self.journal, pause=self.pause, started=started, **more)

    def events(self) -> list[tuple[str, str]]:
        """(event, outcome) of each record."""
        return [(record.event, str(record.data.get("outcome", ""))) for record in self.journal.records()]
