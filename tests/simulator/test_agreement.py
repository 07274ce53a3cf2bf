"""python-openstackclient and our kinds look at the same simulated cloud, broken on purpose, and must agree."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.agreement import OPENSTACK, Line, below, mine, quotas, theirs
from tests.ground import Ground, simulator


@pytest.fixture(scope="module")
def broken(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    """A cloud with a dead compute service and a dead agent, long enough ago to be noticed."""
    with simulator(tmp_path_factory.mktemp("broken")) as ground:
        ground.inject("compute-service-dead", host="cmp02")
        ground.inject("agent-dead", host="net01", binary="neutron-l3-agent")
        ground.ask("clock", advance=90)
        yield ground


@pytest.mark.parametrize("line", OPENSTACK, ids=lambda line: line.kind)
def test_every_object_and_state_agrees(line: Line, broken: Ground) -> None:
    environ = broken.environment()
    expected = theirs(line, environ)
    assert mine(line, environ) == expected
    assert expected, f"the simulated cloud has no {line.kind}: nothing was compared"


@pytest.mark.parametrize(
    "line",
    [*below("admin")[:1], *below("web-shop-owner")[1:]],
    ids=lambda line: line.kind,
)
def test_what_is_read_below_a_user_agrees(line: Line, broken: Ground) -> None:
    environ = broken.environment()
    expected = theirs(line, environ)
    assert mine(line, environ) == expected
    assert expected


@pytest.mark.parametrize(("option", "least"), [("compute", 3), ("volume", 6), ("network", 6)])
def test_quotas_of_a_project_agree(option: str, least: int, broken: Ground) -> None:
    ours, said = quotas(option, "web-shop", broken.environment())
    assert ours == said
    assert len(ours) >= least
    assert any(used for _, used, _ in ours.values()), "nothing is used: nothing was compared"


def test_the_faults_are_seen_by_both(broken: Ground) -> None:
    environ = broken.environment()
    by_kind = {line.kind: line for line in OPENSTACK}
    services = theirs(by_kind["compute-services"], environ)
    assert {dict(s)["host"] for s in services if dict(s)["state"] == "down"} == {"cmp02"}
    agents = theirs(by_kind["agents"], environ)
    assert [(dict(a)["host"], dict(a)["binary"]) for a in agents if dict(a)["alive"] is False] == [
        ("net01", "neutron-l3-agent")
    ]
