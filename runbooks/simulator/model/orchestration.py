"""Heat of one region: a few stacks, and the engines that report to the database themselves."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from runbooks.simulator.model.cloud import Cloud

INTERVAL = 60.0
"""`periodic_interval`: an engine reports this often; it is down when it has missed two reports."""
ENGINE = "heat-engine"


@dataclass(frozen=True, slots=True)
class Stack:
    """A stack."""

    id: str
    name: str
    project_id: str
    status: str
    """`CREATE_COMPLETE`."""
    reason: str
    created: float
    updated: float | None = None
    description: str = ""


@dataclass(slots=True)
class Orchestration:
    """Heat of one region."""

    cloud: Cloud
    stacks: dict[str, Stack] = field(default_factory=dict)

    def engines(self) -> list[str]:
        """The hosts of the engines."""
        return [host.name for host in self.cloud.hosts.with_role("control")]

    def up(self, host: str) -> bool:
        """Heat's `status` of an engine."""
        return self.cloud.reports.alive(ENGINE, host, self.cloud.now(), 2 * INTERVAL)


def build_orchestration(cloud: Cloud) -> Orchestration:
    """Three stacks of the first tenants, one of which failed to update."""
    heat = Orchestration(cloud)
    for host in heat.engines():
        cloud.reports.add(ENGINE, host, host=host, unit="heat_engine", channel="database", interval=INTERVAL)
    now = cloud.now()
    plan = (
        ("shop-frontend", 0, "UPDATE_COMPLETE", "Stack UPDATE completed successfully"),
        ("etl-pipeline", 1, "CREATE_COMPLETE", "Stack CREATE completed successfully"),
        ("runners", 2, "UPDATE_FAILED", "ResourceInError: resources.server: Went to status ERROR"),
    )
    for days, (name, number, status, reason) in enumerate(plan, 3):
        stack_id = cloud.seed.uuid("stack", cloud.layout.region, name)
        created = now - days * 20 * 86400
        updated = None if status.startswith("CREATE") else now - days * 3600
        project = cloud.tenants[number].project_id
        heat.stacks[stack_id] = Stack(stack_id, name, project, status, reason, created, updated, f"Made by {name}.yaml")
    return heat
