"""After live migrations in the lab: what `ports` and `bridges` advise, done by our own operations."""

from __future__ import annotations

from tests.lab.operating import Operating
from tests.lab.real import RealLab, until


def wire(lab: RealLab, operating: Operating) -> None:
    """Neutron 29.0.0 leaves the ports of a server that moved unwired; its host's agent mends that when it starts."""
    for host in sorted({row["host"] for row in lab.get("ports", "status=DOWN", "health=warning")}):
        operating.do("agent.restart", f"host={host}", "agent_type=Open vSwitch agent")
    until(lambda: lab.get("ports", "health=warning"), lambda found: found == [])
    until(lambda: lab.get("bridges", "health=critical"), lambda found: found == [], 90)
