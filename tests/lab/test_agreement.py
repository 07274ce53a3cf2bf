"""Real services: python-openstackclient and our kinds look at the same cloud, healthy and broken, and must agree."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from runbooks.lab.services.options import AGENT_DOWN_TIME, DOWN_TIME
from tests.agreement import OPENSTACK, Line, mine, quotas, theirs
from tests.lab.real import POLLS, RealLab, until

pytestmark = [pytest.mark.lab, pytest.mark.timeout(1800)]

NOTHING_YET = {
    "migrations", "aggregates", "snapshots", "backups", "groups", "trusts", "identity-providers", "mappings",
}  # fmt: skip
"""What a fresh lab has none of; `test_identity.py` and `test_copies.py` make some."""


@pytest.mark.parametrize("line", OPENSTACK, ids=lambda line: line.kind)
def test_every_object_and_state_agrees(line: Line, lab: RealLab) -> None:
    environ = lab.environment()
    # Both sides are read one after the other: what changed between is read again.
    ours = until(lambda: (mine(line, environ), theirs(line, environ)), lambda both: both[0] == both[1], 20)[0]
    assert ours or line.kind in NOTHING_YET, f"the lab has no {line.kind}: nothing was compared"


@pytest.mark.parametrize("option", ["compute", "volume", "network"])
def test_quotas_of_a_project_agree(option: str, lab: RealLab) -> None:
    ours, said = quotas(option, "demo", lab.environment())
    assert ours == said
    assert any(used for _, used, _ in ours.values()), "nothing is used: nothing was compared"


@pytest.fixture(scope="module")
def broken(lab: RealLab) -> Iterator[RealLab]:
    """A dead compute service and a dead agent."""
    agent = {"host": "net01", "binary": "neutron-l3-agent"}
    with lab.broken("compute-service-dead", host="cmp02"), lab.broken("agent-dead", **agent):
        yield lab


@pytest.mark.parametrize("kind", ["compute-services", "hypervisors", "agents", "servers", "routers"])
def test_the_broken_cloud_agrees(kind: str, broken: RealLab) -> None:
    line = next(line for line in OPENSTACK if line.kind == kind)
    environ = broken.environment()
    until(lambda: (mine(line, environ), theirs(line, environ)), lambda both: both[0] == both[1], 30)


def test_the_faults_have_their_reason(broken: RealLab) -> None:
    def computes() -> dict[str, dict[str, Any]]:
        return {row["host"]: row for row in broken.get("compute-services", "binary=nova-compute")}

    services = until(computes, lambda found: found["cmp02"]["health"] == "critical", DOWN_TIME + POLLS)
    assert services["cmp02"]["reason"].startswith("no heartbeat for ")
    assert {host for host, row in services.items() if row["health"] == "ok"} == {"cmp01", "cmp03"}

    def agents() -> dict[tuple[str, str], dict[str, Any]]:
        return {(row["host"], row["binary"]): row for row in broken.get("agents")}

    l3 = ("net01", "neutron-l3-agent")
    found = until(agents, lambda found: found[l3]["health"] == "critical", AGENT_DOWN_TIME + POLLS)
    assert found[l3]["alive"] is False
    assert {key for key, row in found.items() if row["health"] == "critical"} == {("net01", "neutron-l3-agent")}
    health = broken.nephoscope("health")
    assert health.returncode in (1, 2), health.stdout
    assert "cmp02" in health.stdout
    assert "net01" in health.stdout
