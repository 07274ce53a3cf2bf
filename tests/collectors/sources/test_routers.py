"""Routers' namespaces on simulated hosts: by turns, all hosts of a router in one moment, a silent host named."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from collectors.connections import Connections
from collectors.deadline import Deadline, working
from collectors.errors import UsageError
from collectors.kind import Scope
from collectors.kinds import router_instances
from collectors.read import read
from collectors.request import RouterInstances
from collectors.router_addresses import holds
from collectors.sources import routers
from collectors.sources.base import Where
from collectors.sources.parsers.routers import addresses, translations
from collectors.sources.routers import RoutersSource
from runbooks.simulator.faults import Faults
from tests.collectors.sources.ssh.test_simulated_site import connected
from tests.ssh_ground import SshGround

WIRE = Path(__file__).parents[2] / "wire" / "hosts"


@pytest.fixture
def ground(tmp_path: Path) -> Iterator[SshGround]:
    with SshGround(tmp_path, computes=2) as running:
        yield running


def source_of(connections: Connections, clock: float = 50.0) -> RoutersSource:
    return RoutersSource(connections.site, connections, clock=lambda: clock)


def items(source: RoutersSource) -> tuple[dict[str, dict[str, Any]], int]:
    """(router → its item, round trips)."""
    with working(Deadline(20)) as deadline:
        (page,) = source.read(RouterInstances(), "routers", deadline, Where())
    return {str(item["id"]): dict(item) for item in page.items}, page.calls


def test_every_router_is_looked_into_on_all_of_its_hosts(ground: SshGround) -> None:
    with connected(ground) as connections:
        source = source_of(connections)
        found, calls = items(source)
        again, later = items(source)
    network = ground.cloud.network.routers
    assert {router: item["hosts"] for router, item in found.items()} == {
        router: sorted(hosts) for router, hosts in network.hosts.items()
    }
    assert {i["host"] for item in found.values() for i in item["instances"]} == {"net01", "net02"}
    # the first read finds out what there is; from then on a host costs one round trip
    assert (calls, later, set(again)) == (4, 2, set(found))
    assert {i["at"] for item in found.values() for i in item["instances"]} == {50.0}


def test_namespaces_have_their_turns(ground: SshGround, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(routers, "FIRST", 1)
    monkeypatch.setattr(routers, "SHARE", 2)
    everything = set(ground.cloud.network.routers.hosts)
    with connected(ground) as connections:
        source, seen = source_of(connections), []
        for _ in range(8):
            found, _ = items(source)
            seen.append(set(found))
            if seen[-1] == everything:
                break
    assert 1 <= len(seen[0]) <= 2
    assert 2 < len(seen) < 8
    assert seen[-1] == everything


def test_what_seems_wrong_is_looked_at_again_each_time(ground: SshGround, monkeypatch: pytest.MonkeyPatch) -> None:
    with connected(ground) as connections:
        source = source_of(connections)
        faults = Faults(ground.cloud)
        fault = ground.change(lambda cloud: faults.inject("router-two-active", {"host": "net01"}))
        twice = [router for router, item in items(source)[0].items() if len(active(item)) == 2]
        monkeypatch.setattr(routers, "SHARE", 2)
        for _ in range(3):
            chosen = source._chosen(2)
            assert twice[0] in chosen
        ground.change(lambda cloud: faults.undo(fault.id))
        assert [len(active(item)) for router, item in items(source)[0].items() if router in twice] == [1]


def active(item: dict[str, Any]) -> list[str]:
    return [each["host"] for each in item["instances"] if holds(each["addresses"])]


def _host_of_floating_ips(ground: SshGround) -> str:
    network = ground.cloud.network
    return next(network.routers.active[f.router_id] for f in network.floating_ips.ascending() if f.router_id)


@pytest.mark.parametrize("name", ["router-two-active", "floating-address-without-nat"])
def test_faults_show_with_their_reason(ground: SshGround, name: str) -> None:
    host = _host_of_floating_ips(ground)
    words = "no DNAT rule on " + host if "floating" in name else "active on net01 and net02 at once"
    with connected(ground) as connections:

        def reasons() -> list[str]:
            found = read(router_instances.KIND, connections, clock=lambda: 0.0)
            assert found.complete
            return [health.reason for health in found.healths if health.level != "ok"]

        assert reasons() == []
        faults = Faults(ground.cloud)
        fault = ground.change(lambda cloud: faults.inject(name, {"host": host}))
        assert reasons()
        assert all(words in reason for reason in reasons())
        ground.change(lambda cloud: faults.undo(fault.id))
        assert reasons() == []


def test_a_silent_host_is_named_and_hides_nothing_of_the_other(ground: SshGround) -> None:
    with connected(ground) as connections:
        source = source_of(connections)
        before, _ = items(source)
        ground.change(lambda cloud: Faults(cloud).inject("host-down", {"host": "net02"}))
        found, _ = items(source)
    assert set(found) == set(before)
    for item in found.values():
        assert set(item["silent"]) == {"net02"}
        assert {each["host"] for each in item["instances"]} <= {"net01"}


def test_a_host_is_not_asked_alone(ground: SshGround) -> None:
    with connected(ground) as connections, pytest.raises(UsageError, match="all network hosts at once"):
        source_of(connections).targets(Scope(), Where(targets=("net01",)))


def test_recorded_namespaces() -> None:
    def printed(name: str) -> bytes:
        return b"".join((WIRE / "net01" / f"{name}.txt").read_bytes().splitlines(keepends=True)[1:-1])

    (found,) = addresses(printed("netns-qrouter-addr"))
    assert {name[:3] for name in found["addresses"]} == {"lo", "qr-", "qg-"}  # it was none of HA
    assert holds(found["addresses"])
    (rules,) = translations(printed("netns-qrouter-iptables"))
    assert rules == {"translated": []}
    rule = b"*nat\n-A neutron-l3-agent-PREROUTING -d 10.78.2.106/32 -j DNAT --to-destination 192.168.10.213\n"
    assert translations(rule) == [{"translated": ["10.78.2.106"]}]
    with pytest.raises(ValueError, match="no rules of iptables"):
        translations(b"frob\n")
