"""Ids, layout, units, timers, heartbeats: what the model stands on."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runbooks.simulator.clock import Clock, iso, iso_z
from runbooks.simulator.ids import Seed
from runbooks.simulator.layout import Layout
from runbooks.simulator.model.hosts import Hosts, build_hosts
from runbooks.simulator.model.reports import Reports
from runbooks.simulator.model.timers import Timers
from tests.simulator.calls import START, Hand

UUID4 = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")


@given(st.integers(0, 2**32 - 1), st.integers(0, 2**62))
def test_a_numbered_id_leads_back_to_its_number(number: int, seed: int) -> None:
    series = Seed(seed).numbered("thing")
    uuid = series.uuid(number)
    assert UUID4.fullmatch(uuid)
    assert series.index(uuid) == number


@pytest.mark.parametrize("text", ["", "x", "zzzzzzzz-0000", "11111111-2222-4333-8444-555555555555"])
def test_other_ids_lead_nowhere(text: str) -> None:
    assert Seed(1).index_of(text, "thing") is None


def test_series_of_other_words_or_seeds_share_nothing() -> None:
    series = [Seed(1).numbered("a"), Seed(1).numbered("b"), Seed(2).numbered("a")]
    ids = [one.uuid(number) for one in series for number in range(200)]
    assert len(set(ids)) == 600
    assert series[1].index(ids[0]) is None


def test_numbered_ids_look_arbitrary() -> None:
    ids = [Seed(1).numbered("a").uuid(number) for number in range(1000)]
    assert len({uuid[:2] for uuid in ids}) > 200
    assert ids != sorted(ids)


def test_the_same_seed_gives_the_same() -> None:
    assert Seed(5).uuid("a", 1) == Seed(5).uuid("a", 1) != Seed(6).uuid("a", 1)
    assert 0 <= Seed(5).fraction("x") < 1
    assert re.fullmatch(r"fa:16:3e(:[0-9a-f]{2}){3}", Seed(5).mac("x"))


def test_every_machine_has_an_address_of_its_own() -> None:
    for layout in (Layout(3), Layout(3, 400), Layout(3).second()):
        machines = list(layout.machines())
        assert len({machine.address for machine in machines}) == len({machine.name for machine in machines})
        assert layout.vip not in {machine.address for machine in machines}
    both = [*Layout(3).machines(), *Layout(3).second().machines()]
    assert len({machine.address for machine in both}) == len(both)


def test_only_loopback_addresses_listen() -> None:
    machines = list(Layout(3, 10_000).machines())
    assert len(machines) == 10_009
    assert all(machine.listens == machine.address.startswith("127.77.3.") for machine in machines)
    assert sum(machine.listens for machine in machines) == 239
    assert len({machine.address for machine in machines}) == 10_009


def test_timestamps() -> None:
    assert iso(START) == "2026-11-20T22:40:00.000000"
    assert iso(START, micro=False) == "2026-11-20T22:40:00"
    assert iso_z(START) == "2026-11-20T22:40:00Z"


def test_the_clock_only_moves_forward() -> None:
    clock = Clock(Hand())
    assert clock.advance(5) == START + 5
    with pytest.raises(ValueError, match="forward"):
        clock.advance(-1)


@pytest.fixture
def hosts() -> Hosts:
    return build_hosts(Layout(1), Seed(1), Clock(Hand()))


@pytest.mark.parametrize(
    ("host", "runs", "does_not"),
    [
        ("ctl01", {"nova_api", "mariadb", "rabbitmq", "haproxy", "keystone", "cinder_volume"}, {"nova_compute"}),
        ("net01", {"neutron_l3_agent", "neutron_dhcp_agent", "openvswitch_vswitchd"}, {"nova_compute", "mariadb"}),
        ("cmp01", {"nova_compute", "nova_libvirt", "neutron_openvswitch_agent"}, {"neutron_l3_agent", "nova_api"}),
        ("mon01", {"prometheus_server", "grafana"}, {"nova_api"}),
    ],
)
def test_roles_decide_what_runs(hosts: Hosts, host: str, runs: set[str], does_not: set[str]) -> None:
    units = hosts[host].units
    assert runs | {"ssh", "docker", "chrony"} <= set(units)
    assert not does_not & set(units)
    assert all(unit.engine == "docker" and unit.image for name, unit in units.items() if name in runs)


def test_ceph_hosts_run_ceph_and_no_docker(hosts: Hosts) -> None:
    names = set(hosts["ceph02"].units)
    assert {"ceph-osd@3", "ceph-osd@5", "ceph-mon@ceph02", "ceph-mgr@ceph02"} <= names
    assert "docker" not in names
    assert "ceph-mgr@ceph03" not in hosts["ceph03"].units
    every = [name for host in hosts.with_role("storage") for name in host.units if "ceph-osd@" in name]
    assert len(set(every)) == 9


def test_how_a_connection_fares(hosts: Hosts) -> None:
    host = hosts["ctl01"]
    assert host.answer("nova_api") == "answers"
    assert host.answer("nonsense") == "refuses"
    for state, answer in (("hung", "hangs"), ("failed", "refuses"), ("stopped", "refuses"), ("running", "answers")):
        hosts.set_unit("ctl01", "nova_api", state, START)  # type: ignore[arg-type]
        assert host.answer("nova_api") == answer
    host.reachable = False
    assert host.answer("nova_api") == "unreachable"


def test_a_boot_starts_what_is_enabled(hosts: Hosts) -> None:
    hosts["cmp01"].units["cron"].enabled = False
    hosts.set_unit("cmp01", "nova_compute", "failed", START, 1)
    hosts.power_off("cmp01", START + 10)
    assert hosts["cmp01"].answer("ssh") == "unreachable"
    hosts.boot("cmp01", START + 60, "next")
    units = hosts["cmp01"].units
    assert (units["nova_compute"].state, units["nova_compute"].exit_status) == ("running", 0)
    assert units["cron"].state == "stopped"
    assert hosts["cmp01"].booted == units["ssh"].since == START + 60


def test_a_start_counts_as_a_restart_and_no_change_as_nothing(hosts: Hosts) -> None:
    unit = hosts["cmp01"].units["nova_compute"]
    hosts.set_unit("cmp01", "nova_compute", "running", START + 5)
    assert (unit.restarts, unit.since < START) == (0, True)
    hosts.set_unit("cmp01", "nova_compute", "failed", START + 6, 9)
    hosts.set_unit("cmp01", "nova_compute", "running", START + 7)
    assert (unit.restarts, unit.since, unit.exit_status) == (1, START + 7, 0)


def test_timers_run_in_order_each_at_its_own_moment() -> None:
    timers, ran = Timers(), []
    timers.at(3, lambda at: ran.append(("c", at)))
    timers.at(1, lambda at: (ran.append(("a", at)), timers.at(2, lambda later: ran.append(("b", later))))[0])  # type: ignore[func-returns-value]
    timers.at(1, lambda at: ran.append(("a2", at)))
    timers.run(0.5)
    assert ran == []
    timers.run(10)
    assert ran == [("a", 1), ("a2", 1), ("b", 2), ("c", 3)]
    timers.run(20)
    assert len(ran) == 4


@pytest.fixture
def reports(hosts: Hosts) -> Reports:
    found = Reports(hosts, Seed(1), START)
    found.channel("always", lambda: True)
    found.add("nova-compute", "cmp01", host="cmp01", unit="nova_compute", channel="always")
    return found


def test_a_heartbeat_is_never_older_than_its_interval(reports: Reports) -> None:
    reporter = reports["nova-compute", "cmp01"]
    ages = [START + tenth / 10 - reporter.heartbeat(START + tenth / 10) for tenth in range(300)]
    assert min(ages) >= 0
    assert max(ages) < 10
    assert max(ages) > 9.5


def test_silence_keeps_the_last_report(reports: Reports, hosts: Hosts) -> None:
    reporter = reports["nova-compute", "cmp01"]
    last = reporter.heartbeat(START + 100)
    hosts.set_unit("cmp01", "nova_compute", "failed", START + 100)
    reports.settle(START + 100)
    reports.settle(START + 150)
    assert reporter.heartbeat(START + 1000) == last
    assert reports.alive("nova-compute", "cmp01", last + 60, 60)
    assert not reports.alive("nova-compute", "cmp01", last + 60.5, 60)


def test_after_silence_the_next_report_counts(reports: Reports, hosts: Hosts) -> None:
    reporter = reports["nova-compute", "cmp01"]
    hosts.set_unit("cmp01", "nova_compute", "hung", START)
    reports.settle(START)
    hosts.set_unit("cmp01", "nova_compute", "running", START + 300)
    reports.settle(START + 300)
    assert reporter.heartbeat(START + 300) < START + 10
    assert START + 300 <= reporter.heartbeat(START + 310) <= START + 310


def test_a_broken_way_silences_everybody_on_it(hosts: Hosts) -> None:
    works = True
    reports = Reports(hosts, Seed(1), START)
    reports.channel("rpc", lambda: works)
    reports.channel("database", lambda: True)
    for name in ("cmp01", "cmp02"):
        reports.add("nova-compute", name, host=name, unit="nova_compute", channel="rpc")
    reports.add("nova-conductor", "ctl01", host="ctl01", unit="nova_conductor", channel="database")
    works = False
    reports.settle(START)
    alive = {
        key: reports.alive(*key, START + 120, 60) for key in (("nova-compute", "cmp01"), ("nova-conductor", "ctl01"))
    }
    assert alive == {("nova-compute", "cmp01"): False, ("nova-conductor", "ctl01"): True}
