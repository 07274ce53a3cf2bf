"""A real OVN beside our kinds: what they read over SSH is what its own programs say, also after members have died.

It runs in the test's own folder, on loopback and without the lab (which has Open vSwitch alone): see `ovn_ground`.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from collectors import registry
from collectors.connections import Connections
from collectors.errors import Unreachable
from collectors.read import read
from collectors.site import OvnSite, Site
from collectors.snapshot import Snapshot
from tests.ovn_ground import GATEWAY, MEMBERS, PORTS, OvnGround, Unavailable, unpacked
from tests.scripted_ssh import scripted_host

pytestmark = pytest.mark.lab
BEHIND = 120.0
"""Seconds that our clock is put forward, so that who has missed something is late at once."""


class Seen:
    """A real OVN, and our way to its hosts."""

    def __init__(self, ground: OvnGround, connections: Connections) -> None:
        self.ground, self.connections, self.ahead = ground, connections, 0.0

    def read(self, kind: str) -> Snapshot:
        """One read of a kind."""
        return read(registry.kind(kind), self.connections, clock=time.time)

    def rows(self, kind: str) -> dict[str, Any]:
        """Rows by key; the read must be complete."""
        found = self.read(kind)
        assert found.complete, [str(target.error) for target in found.targets]
        return {registry.kind(kind).key_of(row): row for row in found.rows}

    def levels(self, kind: str) -> dict[str, str]:
        """Level by key."""
        declared, found = registry.kind(kind), self.read(kind)
        return {declared.key_of(row): health.level for row, health in zip(found.rows, found.healths, strict=True)}

    def said(self, database: str, *words: str) -> list[str]:
        """The lines that OVN's own client prints at the leader."""
        client = f"ovn-{database}ctl"
        return self.ground.run(self.ground.leader(database), client, *words).split("\n")[:-1]


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    try:
        return unpacked(tmp_path_factory.mktemp("packages"))
    except Unavailable as why:
        pytest.skip(f"OVN's packages are not to be had: {why}")


@pytest.fixture(scope="module")
def seen(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Seen]:
    """A populated OVN with an SSH server of its own for each of its hosts; who kills something starts it again."""
    folder = tmp_path_factory.mktemp("ovn")
    with ExitStack() as stack:
        ground = stack.enter_context(OvnGround(folder / "run", root))
        ground.populate()
        sites: list[Site] = []
        for member in MEMBERS:
            (folder / member).mkdir()
            host = stack.enter_context(scripted_host(folder / member))
            ground.programs(member, host.bin)
            sites.append(host.site(member))
        connections = Connections(_together(folder, sites))
        stack.callback(connections.close)
        yield Seen(ground, connections)


def _together(folder: Path, sites: list[Site]) -> Site:
    """One site of several scripted hosts, each with a key and a login of its own."""
    known = folder / "known_hosts"
    known.write_text("".join(Path(str(site.ssh.known_hosts)).read_text() for site in sites))
    config = folder / "ssh_config"
    config.write_text(
        "".join(f"Host {name}\n  IdentityFile {site.ssh.identity}\n" for site in sites for name in site.hosts)
    )
    hosts = {name: host for site in sites for name, host in site.hosts.items()}
    ssh = replace(sites[0].ssh, known_hosts=known, config=config, identity=None)
    return replace(sites[0], hosts=hosts, ssh=ssh, ovn=OvnSite(MEMBERS, MEMBERS, MEMBERS))


def test_what_is_well(seen: Seen) -> None:
    ground = seen.ground
    members = seen.rows("ovn-databases")
    assert len(members) == 9
    for member in MEMBERS:
        for short, database in (("nb", "OVN_Northbound"), ("sb", "OVN_Southbound")):
            row, status = members[f"{database}@{member}"], ground.status(member, short)
            assert f"Role: {row.role}\n" in status
            assert f"Term: {row.term}\n" in status
            assert (row.leader, row.members) == (ground.leader(short), 3)
    assert sorted(row.role for row in members.values() if row.database == "ovn-northd") == [
        "active",
        "standby",
        "standby",
    ]
    assert set(seen.levels("ovn-databases").values()) == {"ok"}

    (chassis,) = seen.rows("ovn-chassis").values()
    assert [chassis.name] == seen.said("sb", "--bare", "--columns=name", "list", "Chassis")
    assert (chassis.host, chassis.role, chassis.behind, chassis.ports, chassis.gateway_ports) == (
        *("cmp01", "gateway", 0, 1, 1),
    )
    assert (chassis.addresses, chassis.encaps, chassis.mappings) == ("127.0.0.1", "geneve", "physnet1:br-ex")
    assert seen.levels("ovn-chassis") == {"cmp01": "ok"}


def test_switches_routers_and_ports(seen: Seen) -> None:
    switches = {row.network: row for row in seen.rows("ovn-logical-switches").values()}
    names = seen.said("nb", "--bare", "--columns=name", "list", "Logical_Switch")
    assert sorted(row.name for row in switches.values()) == sorted(filter(None, names))
    keys = seen.said("sb", "--bare", "--columns=tunnel_key", "find", "Datapath_Binding", "external_ids:name2=web")
    assert [str(switches["web"].tunnel_key)] == keys
    assert (switches["web"].ports, switches["web"].server_ports, switches["web"].not_up) == (4, 3, 1)
    assert (switches["public"].physical, switches["public"].router_ports) == ("physnet1", 1)

    (router,) = seen.rows("ovn-logical-routers").values()
    assert len(seen.said("nb", "lr-nat-list", router.name)) - 1 == router.snat + router.floating == 2
    assert (router.router, router.gateway, router.candidates) == ("edge", "cmp01", "cmp01 2, cmp02 1")
    assert seen.levels("ovn-logical-routers") == {router.id: "warning"}  # cmp02 is no chassis

    bindings = seen.rows("ovn-port-bindings")
    assert sorted(bindings) == sorted(
        filter(None, seen.said("sb", "--bare", "--columns=logical_port", "list", "Port_Binding"))
    )
    levels = seen.levels("ovn-port-bindings")
    assert [levels[port] for port in PORTS] == ["ok", "critical", "ok"]  # there, wanted on no chassis, nowhere
    assert (bindings[PORTS[0]].host, bindings[PORTS[0]].up, bindings[PORTS[0]].name) == ("cmp01", True, "web-1")
    assert bindings[f"cr-lrp-{GATEWAY}"].host == "cmp01"


def test_a_member_that_died_then_a_second_one(seen: Seen) -> None:
    ground = seen.ground
    leader = ground.leader("sb")
    first, second = [member for member in MEMBERS if member != leader]
    ground.kill(first, "ovnsb_db")
    levels = seen.levels("ovn-databases")
    assert levels.pop(f"OVN_Southbound@{first}") == "critical"
    assert set(levels.values()) == {"ok"}
    reason = next(health.reason for health in seen.read("ovn-databases").healths if health.level == "critical")
    assert reason == "does not run: connection refused"
    assert seen.rows("ovn-chassis")  # two of three are enough

    ground.kill(second, "ovnsb_db")
    ground.until(lambda: "disconnected" in ground.status(leader, "sb"))
    levels = seen.levels("ovn-databases")
    assert {levels[f"OVN_Southbound@{member}"] for member in MEMBERS} == {"critical"}
    assert {levels[f"OVN_Northbound@{member}"] for member in MEMBERS} == {"ok"}
    found = seen.read("ovn-chassis")
    assert isinstance(found.targets[0].error, Unreachable)
    assert found.targets[0].error.why == "none of 3 members takes part in its cluster"

    for member in (first, second):
        ground.serve(member, "sb")
    ground.until(lambda: set(seen.levels("ovn-databases").values()) == {"ok"})


def test_an_ovn_controller_that_died(seen: Seen) -> None:
    seen.ground.kill("cmp01", "ovn-controller")
    for _ in range(3):
        seen.ground.run(seen.ground.leader("nb"), "ovn-nbctl", "--timeout=10", "--wait=sb", "sync")
    (chassis,) = seen.rows("ovn-chassis").values()
    assert chassis.behind == 3
    health = registry.kind("ovn-chassis").health
    assert health(chassis, time.time()).level == "ok"  # not for long enough
    late = health(chassis, time.time() + BEHIND)
    assert late.level == "critical"
    assert "1 port and 1 router gateway on it" in late.reason
    seen.ground.controller("cmp01")
    seen.ground.synchronise()
    assert seen.levels("ovn-chassis") == {"cmp01": "ok"}


def test_northd_that_died_is_followed_by_another(seen: Seen) -> None:
    ground = seen.ground
    active = next(row.host for row in seen.rows("ovn-databases").values() if row.role == "active")
    ground.kill(active, "ovn-northd")
    ground.until(lambda: any(row.role == "active" for row in seen.rows("ovn-databases").values()))
    levels = seen.levels("ovn-databases")
    assert levels.pop(f"ovn-northd@{active}") == "critical"
    assert set(levels.values()) == {"ok"}
    ground.northd(active)
    ground.until(lambda: set(seen.levels("ovn-databases").values()) == {"ok"})
