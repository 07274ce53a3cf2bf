"""The kinds of the hosts' network on simulated hosts: what the model has, what its faults do, what is refused."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from collectors.connections import Connections
from collectors.errors import NoSuchObject, Refused, UsageError
from collectors.find import scoped
from collectors.health import Health
from collectors.kind import AnyKind
from collectors.kinds import (
    bridge_ports,
    bridges,
    fdb_entries,
    firewall_rules,
    flows,
    interfaces,
    namespaces,
    sockets,
)
from collectors.query import parse
from collectors.raw import detail
from collectors.read import read
from collectors.snapshot import Snapshot
from collectors.sources.base import Where
from runbooks.simulator.faults import Faults
from runbooks.simulator.model.cloud import Cloud
from tests.collectors.sources.ssh.test_simulated_site import connected
from tests.ssh_ground import SshGround

KINDS: list[AnyKind] = [interfaces.KIND, bridges.KIND, bridge_ports.KIND, namespaces.KIND]


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SshGround]:
    with SshGround(tmp_path_factory.mktemp("state"), computes=2) as running:
        yield running


def snapshot(kind: AnyKind, connections: Connections, joined: Mapping[str, Snapshot] | None = None) -> Snapshot:
    return read(kind, connections, clock=time.time, joined=joined)


def bad(found: Snapshot) -> dict[str, Health]:
    return {found.id_at(at): health for at, health in enumerate(found.healths) if health.level != "ok"}


@pytest.mark.parametrize("kind", KINDS, ids=[kind.name for kind in KINDS])
def test_a_healthy_site_is_well_in_one_round_trip(shared: SshGround, kind: AnyKind) -> None:
    with connected(shared) as connections:
        first = snapshot(kind, connections)
        again = snapshot(kind, connections)
    assert (first.complete, first.odd, bad(first)) == (True, 0, {})
    assert len(first.rows) > 4
    # the first read finds out what needs sudo; from then on a host costs one round trip
    assert {target.calls for target in again.targets} == {1}


def test_bridge_ports_are_neutrons_ports(shared: SshGround) -> None:
    with connected(shared) as connections:
        found = snapshot(bridge_ports.KIND, connections)
    ours = {(row.host, row.port_id) for row in found.rows if isinstance(row, bridge_ports.BridgePort) if row.port_id}
    ports = shared.cloud.network.ports
    bound = {
        (host.name, port.id)
        for host in shared.cloud.hosts
        for port in ports.on_host(host.name)
        if port.status == "ACTIVE"
    }
    assert bound <= ours
    rows = [row for row in found.rows if isinstance(row, bridge_ports.BridgePort)]
    tunnels = {(row.host, row.remote_ip) for row in rows if row.type == "vxlan"}
    machines = [h.machine for h in shared.cloud.hosts if {"network", "compute"} & set(h.machine.roles)]
    assert tunnels == {(a.name, b.tunnel) for a in machines for b in machines if a is not b}


def test_namespaces_are_those_of_networks_and_routers(shared: SshGround) -> None:
    with connected(shared) as connections:
        found = snapshot(namespaces.KIND, connections)
    rows = [row for row in found.rows if isinstance(row, namespaces.Namespace)]
    network = shared.cloud.network
    assert {(r.host, r.network_id) for r in rows if r.network_id} == {
        (host, identity)
        for identity, hosts in network.dhcp_hosts.items()
        for host in hosts
        if any(subnet.dhcp for subnet in network.subnets_of(identity))
    }
    assert {(r.host, r.router_id) for r in rows if r.router_id} == {
        (host, identity) for identity, hosts in network.routers.hosts.items() for host in hosts
    }
    assert all(row.processes for row in rows)


def test_the_inside_of_a_namespace_is_read_on_its_host(shared: SshGround) -> None:
    with connected(shared) as connections:
        found = snapshot(namespaces.KIND, connections)
        name = next(id for id in found.keys if "/qrouter-" in id)
        (inside,) = detail(namespaces.KIND, connections, name)
    assert inside["host"] == name.partition("/")[0]
    assert any(line.startswith("qg-") for line in inside["interfaces"])
    assert inside["rules"][0] == "0: from all lookup local"
    assert any("-j SNAT --to-source" in line for line in inside["nat"])
    assert "failed" not in inside


def test_one_that_is_gone_says_so(shared: SshGround) -> None:
    with connected(shared) as connections:
        (inside,) = detail(namespaces.KIND, connections, "net01/qrouter-gone")
    assert set(inside["failed"].values()) == {'Cannot open network namespace "qrouter-gone": No such file or directory'}


@pytest.mark.parametrize("name", ["x; reboot", "$(reboot)", "--help", "a'b", "", "x" * 200])
def test_a_name_that_is_none_never_reaches_a_host(shared: SshGround, name: str) -> None:
    with connected(shared) as connections, pytest.raises(UsageError, match="namespace"):
        detail(namespaces.KIND, connections, f"net01/{name}")


def test_only_network_and_compute_hosts_are_asked_for_bridges(shared: SshGround) -> None:
    with connected(shared) as connections:
        found = snapshot(bridges.KIND, connections)
        assert {target.target for target in found.targets} == {"net01", "net02", "cmp01", "cmp02"}
        with pytest.raises(UsageError, match="ctl01 has none of the roles"):
            read(bridges.KIND, connections, Where(targets=("ctl01",)), clock=time.time)
        one = read(bridges.KIND, connections, Where(query=(("host", "net01"),)), clock=time.time)
        assert {target.target for target in one.targets} == {"net01"}


def test_without_sudo_what_is_hidden_is_unknown(shared: SshGround) -> None:
    (shared.folder / "guest").write_text(shared.config.read_text().replace("User kolla", "User guest"))
    with connected(shared, config=shared.folder / "guest") as connections:
        found = snapshot(namespaces.KIND, connections)
        assert len(found.errors) == 4
        assert all(isinstance(error, Refused) for error in found.errors)
        assert {health.level for health in found.healths} == {"unknown"}
        assert all("a password is required" in error.why for error in found.errors)
        switch = snapshot(bridge_ports.KIND, connections)
        assert (switch.rows, len(switch.errors)) == ([], 4)


FAULTS: dict[str, tuple[dict[str, str], AnyKind, str, str]] = {
    "tap-dead-vlan": ({"host": "cmp01"}, bridge_ports.KIND, "critical", "on the dead VLAN 4095"),
    "flows-deleted": ({"host": "cmp01"}, bridges.KIND, "critical", "flows gone: nothing passes"),
    "tunnel-cut": ({"host": "cmp01", "peer": "net01"}, bridge_ports.KIND, "critical", "cut: what 10.78."),
    "dhcp-silent": ({"host": "net01"}, namespaces.KIND, "critical", "frozen: dnsmasq"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_faults_show_with_their_reason(tmp_path: Path, name: str) -> None:
    given, kind, level, reason = FAULTS[name]
    with SshGround(tmp_path, computes=2) as ground, connected(ground) as connections:
        faults = Faults(ground.cloud)
        fault = ground.change(lambda cloud: faults.inject(name, given))
        found = bad(snapshot(kind, connections))
        assert found
        for identity, health in found.items():
            if kind is bridges.KIND and "controller" in health.reason:
                continue
            assert identity.startswith(f"{given['host']}/")
            assert (health.level, health.reason[: len(reason)]) == (level, reason)
        ground.change(lambda cloud: faults.undo(fault.id))
        assert bad(snapshot(kind, connections)) == {}


def test_a_narrow_tunnel_is_seen_beside_the_networks_that_need_more(tmp_path: Path) -> None:
    networks: Any = SimpleNamespace(
        kind=SimpleNamespace(key_of=lambda row: row.id),
        rows=[SimpleNamespace(id="n", mtu=1450, network_type="vxlan")],
    )
    with SshGround(tmp_path, computes=2) as ground, connected(ground) as connections:
        faults = Faults(ground.cloud)
        ground.change(lambda cloud: faults.inject("tunnel-mtu-low", {"host": "cmp01"}))
        found = bad(snapshot(interfaces.KIND, connections, {"networks": networks}))
    assert found == {
        "cmp01/eth1": Health("warning", "carries tunnels with an MTU of 1450: full packets of the servers need 1500")
    }


def test_a_switch_whose_daemon_is_dead(tmp_path: Path) -> None:
    def kill(unit: str) -> Any:
        def act(cloud: Cloud) -> None:
            cloud.hosts.set_unit("net01", unit, "failed", cloud.now(), 137)

        return act

    with SshGround(tmp_path, computes=2) as ground, connected(ground) as connections:
        ground.change(kill("openvswitch_vswitchd"))
        found = bad(snapshot(bridges.KIND, connections))
        assert set(found) == {"net01/br-int", "net01/br-tun", "net01/br-ex"}
        assert {health.level for health in found.values()} == {"critical"}
        ground.change(kill("openvswitch_db"))
        after = snapshot(bridges.KIND, connections)
        (error,) = after.errors
        assert "database connection failed" in error.why
        assert not any(identity.startswith("net01/") for identity in after.keys)


# -- what is opened --------------------------------------------------------------------------------------------------


def opened(kind: AnyKind, connections: Connections, query: str) -> Snapshot:
    """As `get` reads it: the scope is taken out of the query."""
    where, _ = scoped(kind, parse(kind, query), connections, time.time)
    return read(kind, connections, where, clock=time.time)


def router(connections: Connections) -> str:
    return next(id for id in snapshot(namespaces.KIND, connections).keys if id.startswith("net01/qrouter-"))


def test_flows_of_the_bridge_that_is_opened(shared: SshGround) -> None:
    with connected(shared) as connections:
        found = opened(flows.KIND, connections, "bridge=cmp01/br-tun")
        assert [target.target for target in found.targets] == ["cmp01"]
        assert (found.complete, found.odd, bad(found)) == (True, 0, {})
        tables = {row.table for row in found.rows if isinstance(row, flows.Flow) and row.use}
        assert tables == {0, 2, 3, 4, 6, 10, 20, 22}
        with pytest.raises(UsageError, match="are called “br-tun”"):
            opened(flows.KIND, connections, "bridge=br-tun")
        with pytest.raises(NoSuchObject, match="cmp01/br-nope"):
            opened(flows.KIND, connections, "bridge=cmp01/br-nope")
        with pytest.raises(UsageError, match="ctl01 has none of the roles"):
            opened(flows.KIND, connections, "bridge=ctl01/br-int")


def test_addresses_that_a_bridge_has_heard(shared: SshGround) -> None:
    with connected(shared) as connections:
        found = opened(fdb_entries.KIND, connections, "bridge=net01/br-int")
    macs = {row.mac: row.port for row in found.rows if isinstance(row, fdb_entries.FdbEntry)}
    ports = {port.mac: port.id for port in shared.cloud.network.ports.on_host("net01")}
    assert (found.complete, set(macs) >= {mac for mac, _ in ports.items()}) == (True, True)
    assert all(str(port).partition("-")[2] == ports[mac][: len(str(port)) - 3] or str(port).startswith("tap")
               for mac, port in macs.items() if mac in ports)  # fmt: skip


def test_the_firewall_of_a_host_and_of_a_namespace_on_it(shared: SshGround) -> None:
    with connected(shared) as connections:
        host = opened(firewall_rules.KIND, connections, "host=net01")
        assert (host.rows, host.complete) == ([], True)
        name = router(connections)
        inside = opened(firewall_rules.KIND, connections, f"host={name}")
        assert {row.place for row in inside.rows if isinstance(row, firewall_rules.FirewallRule)} == {name}
        gone = opened(firewall_rules.KIND, connections, "host=net01/qrouter-gone")
        assert "Cannot open network namespace" in gone.errors[0].why
        with pytest.raises(UsageError, match="namespace"):
            opened(firewall_rules.KIND, connections, "host=net01/$(reboot)")


def test_rules_of_floating_addresses_that_are_gone(tmp_path: Path) -> None:
    def rules(connections: Connections, name: str) -> set[str | None]:
        found = opened(firewall_rules.KIND, connections, f"host={name}")
        return {row.target for row in found.rows if isinstance(row, firewall_rules.FirewallRule)}

    with SshGround(tmp_path, computes=2) as ground, connected(ground) as connections:
        names = [id for id in snapshot(namespaces.KIND, connections).keys if id.startswith("net01/qrouter-")]
        before = {name: "DNAT" in rules(connections, name) for name in names}
        assert any(before.values())
        faults = Faults(ground.cloud)
        ground.change(lambda cloud: faults.inject("floating-address-without-nat", {"host": "net01"}))
        assert not any("DNAT" in rules(connections, name) for name in names)


def test_who_talks_to_whom(tmp_path: Path) -> None:
    with SshGround(tmp_path, computes=2) as ground, connected(ground) as connections:
        found = opened(sockets.KIND, connections, "host=ctl01")
        rows = [row for row in found.rows if isinstance(row, sockets.Socket)]
        assert (found.complete, bad(found)) == (True, {})
        assert {"beam.smp", "mariadbd", "sshd"} <= {str(row.process) for row in rows if row.state == "LISTEN"}
        machines = {host.machine.address for host in ground.cloud.hosts}
        talking = {row.peer for row in rows if row.local_port == "5672" and row.state == "ESTAB"}
        assert talking
        assert talking <= machines
        inside = opened(sockets.KIND, connections, f"host={router(connections)}")
        assert {row.namespace for row in inside.rows if isinstance(row, sockets.Socket)} <= {router(connections)[6:]}
        ground.change(lambda cloud: cloud.hosts.set_unit("ctl01", "memcached", "hung", cloud.now() - 5000))
        ill = bad(opened(sockets.KIND, connections, "host=ctl01"))
    ((_, health),) = ill.items()
    assert (health.level, health.reason) == (
        "critical", "1025 connections wait for memcached to accept them, 1024 may: it hangs, and new ones are lost",
    )  # fmt: skip


def test_a_cut_tunnel_is_a_rule_of_the_host(tmp_path: Path) -> None:
    with SshGround(tmp_path, computes=2) as ground, connected(ground) as connections:
        faults = Faults(ground.cloud)
        ground.change(lambda cloud: faults.inject("tunnel-cut", {"host": "cmp01", "peer": "net01"}))
        found = opened(firewall_rules.KIND, connections, "host=cmp01")
    reasons = {health.reason for health in found.healths} - {""}
    assert reasons == {"has stopped 240 packets"}
