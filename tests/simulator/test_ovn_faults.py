"""Faults of the simulated OVN: what dies, who takes over, and what our kinds make of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from collectors import registry
from collectors.connections import Connections
from collectors.read import read
from console.config import load_site
from runbooks.simulator.faults import Faults
from runbooks.simulator.http.neutron import API as NEUTRON
from runbooks.simulator.model.cloud import Cloud
from tests.simulator.calls import Client, cloud
from tests.simulator.ovn_shell import entry, pass_time, shell
from tests.ssh_ground import SshGround


@pytest.fixture
def model() -> Cloud:
    return cloud(network="ovn")


@pytest.fixture
def faults(model: Cloud) -> Faults:
    return Faults(model)


def dead(model: Cloud) -> set[str]:
    agents = Client(model, NEUTRON).get("/v2.0/agents")["agents"]
    return {f"{each['binary']}@{each['host']}" for each in agents if not each["alive"]}


def test_a_dead_controller_takes_its_metadata_agent_along(model: Cloud, faults: Faults) -> None:
    faults.inject("ovn-controller-dead", {"host": "cmp02"})
    pass_time(model, 40)
    assert dead(model) == set()
    pass_time(model, 60)
    assert dead(model) == {"ovn-controller@cmp02", "neutron-ovn-metadata-agent@cmp02"}


def test_a_leader_that_dies_is_followed_by_another_in_a_new_term(model: Cloud, faults: Faults) -> None:
    assert model.ovn is not None
    raft = model.ovn.rafts["sb"]
    before, term = str(raft.leader), raft.term
    faults.inject("ovn-member-out", {"host": before})
    assert raft.leader not in (None, before)
    assert raft.term == term + 1
    assert f"Term: {term + 1}\n" in entry(model, "ovn-southbound-status", str(raft.leader))[1]
    faults.undo("f1")
    assert raft.leader != before  # who leads goes on to lead


def test_a_gateway_that_falls_silent_is_taken_over_and_comes_back(model: Cloud, faults: Faults) -> None:
    assert model.ovn is not None
    served = dict(model.ovn.serving)
    faults.inject("ovn-gateway-down", {"host": "net02"})
    assert set(model.ovn.serving.values()) == {"net01"}
    routers = model.network.routers
    ports = [model.network.ports.get(str(one.gateway_port)) for one in routers.by_id.values() if one.gateway_port]
    assert {port.host for port in ports if port is not None} == {"net01"}
    faults.undo("f1")
    assert model.ovn.serving == served


def test_a_stopped_controller_has_no_chassis(model: Cloud, faults: Faults) -> None:
    assert model.ovn is not None
    faults.inject("unit-stopped", {"host": "cmp03", "unit": "ovn_controller"})
    names = shell(model, "ovn-sbctl --columns=name list Chassis", str(model.ovn.rafts["sb"].leader))[1]
    assert "cmp03" not in names
    assert "cmp02" in names


def test_our_kinds_on_a_simulated_cloud(tmp_path: Path) -> None:
    with SshGround(tmp_path, computes=2, network="ovn") as ground:
        site = load_site("simulator", "", {"NEPHOSCOPE_CONFIG": str(tmp_path / "nephoscope.toml")})
        connections = Connections(site)

        def levels(kind: str) -> dict[str, str]:
            declared = registry.kind(kind)
            found = read(declared, connections, clock=ground.cloud.now)
            assert found.complete, [str(target.error) for target in found.targets]
            return {declared.key_of(r): h.level for r, h in zip(found.rows, found.healths, strict=True)}

        assert len(levels("ovn-databases")) == 9
        for kind in ("ovn-databases", "ovn-chassis", "ovn-logical-switches", "ovn-logical-routers"):
            assert set(levels(kind).values()) == {"ok"}, kind
        ground.change(lambda model: Faults(model).inject("ovn-member-out", {"host": "ctl02"}))
        found = levels("ovn-databases")
        assert found.pop("OVN_Southbound@ctl02") == "critical"
        assert set(found.values()) == {"ok"}
        connections.close()
