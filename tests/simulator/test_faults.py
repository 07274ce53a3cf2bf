"""Faults on the model: each declared one can be injected, shows what it says, and heals when it is taken back."""

from __future__ import annotations

import pytest

from runbooks.ground.declared import FaultError, plans
from runbooks.simulator.faults import Faults
from runbooks.simulator.further_faults import ACTS as FURTHER
from runbooks.simulator.http.glance import API as GLANCE
from runbooks.simulator.http.keystone import API as KEYSTONE
from runbooks.simulator.http.nova import API as NOVA
from runbooks.simulator.model.cloud import Cloud
from tests.simulator.calls import Client, cloud

GIVEN: dict[str, dict[str, str]] = {
    "compute-service-dead": {"host": "cmp02"},
    "agent-dead": {"host": "net01", "binary": "neutron-l3-agent"},
    "host-down": {"host": "cmp03"},
    "host-clock-wrong": {"host": "ctl02", "seconds": "-90"},
    "galera-member-out": {"host": "ctl03"},
    "galera-no-quorum": {},
    "galera-all-down": {},
    "galera-member-isolated": {"host": "ctl03"},
    "galera-member-desynced": {"host": "ctl02"},
    "galera-flow-control": {"host": "ctl02"},
    "rabbitmq-memory-alarm": {"host": "ctl02"},
    "rabbitmq-disk-alarm": {"host": "ctl01"},
    "rabbitmq-node-out": {"host": "ctl03"},
    "rabbitmq-partition": {"host": "ctl03", "handling": "ignore"},
    "queue-without-consumer": {"queue": "notifications.info"},
    "unit-killed": {"host": "ctl02", "unit": "memcached"},
    "unit-stopped": {"host": "ctl02", "unit": "haproxy"},
    "unit-frozen": {"host": "net01", "unit": "neutron_dhcp_agent"},
    "vip-duplicated": {"host": "ctl02"},
    "haproxy-server-down": {"host": "ctl02", "service": "keystone"},
    "endpoint-dead": {"service": "nova", "interface": "internal"},
    "api-500": {"service": "nova"},
    "api-hang": {"service": "neutron"},
    "api-drip": {"service": "glance"},
    "api-reset": {"service": "cinder"},
    "ceph-osd-down": {"host": "ceph02"},
    "ceph-osd-frozen": {"host": "ceph03"},
    "ceph-osd-slow": {"host": "ceph01"},
    "ceph-osd-out": {"host": "ceph02"},
    "ceph-daemon-crashed": {"host": "ceph03"},
    "ceph-mon-down": {"host": "ceph02"},
    "ceph-mon-clock-skew": {"host": "ceph03"},
    "ceph-quorum-lost": {},
    "ceph-mgr-down": {},
    "ceph-mgr-failover": {},
    "ceph-full": {"level": "nearfull"},
    "ceph-object-damaged": {"host": "ceph01"},
    "ceph-flag-left": {"flag": "noout"},
    "ceph-pool-unlabelled": {},
    "amphora-error": {},
    "load-balancer-stuck": {},
    "dns-zone-error": {},
    "manila-share-down": {"host": "ctl02"},
    "certificate-expired": {},
    "tap-dead-vlan": {"host": "cmp01"},
    "flows-deleted": {"host": "cmp01"},
    "tunnel-cut": {"host": "cmp01", "peer": "net01"},
    "certificate-not-loaded": {},
    "bond-slave-down": {"host": "net01", "link": "eth2"},
    "tunnel-mtu-low": {"host": "cmp01"},
    "floating-address-without-nat": {"host": "net01"},
    "dhcp-silent": {"host": "net01"},
    "router-two-active": {"host": "net01"},
    "bridge-mapping-wrong": {"host": "net02"},
    "metadata-secret-wrong": {"host": "net02"},
    "security-group-member-missing": {},
    "ovn-controller-dead": {"host": "cmp02"},
    "ovn-member-out": {"host": "ctl02", "database": "northbound"},
    "ovn-no-quorum": {"database": "southbound"},
    "ovn-gateway-down": {"host": "net02"},
}
"""Parameters for each fault."""


@pytest.fixture
def model() -> Cloud:
    return cloud(further=True)


@pytest.fixture
def faults(model: Cloud) -> Faults:
    return Faults(model)


def pass_time(model: Cloud, seconds: float) -> None:
    model.clock.advance(seconds)
    model.catch_up()


def down(model: Cloud) -> set[str]:
    services = Client(model, NOVA).get("/v2.1/os-services", "2.96")["services"]
    return {f"{each['binary']}@{each['host']}" for each in services if each["state"] == "down"}


def dead_agents(model: Cloud) -> set[tuple[str, str]]:
    agents = model.network.agents
    return {(each.binary, each.host) for each in agents.all() if not agents.alive(each)}


def test_every_declared_fault_is_tried_here() -> None:
    assert set(GIVEN) == set(plans("simulator"))


@pytest.mark.parametrize("name", GIVEN)
def test_a_fault_can_be_injected_undone_and_injected_again(name: str) -> None:
    model = cloud(network="ovn" if name.startswith("ovn-") else "ovs", further=name in FURTHER)
    faults = Faults(model)
    first = faults.inject(name, GIVEN[name])
    assert list(faults.active) == [first.id]
    with pytest.raises(FaultError, match="already"):
        faults.inject(name, GIVEN[name])
    pass_time(model, 120)
    faults.undo(first.id)
    assert faults.active == {}
    pass_time(model, 240)
    assert model.api_faults == {}
    assert model.galera.primary()
    assert model.rabbitmq.serving()
    assert down(model) == set()
    assert dead_agents(model) == set()
    assert model.ceph.checks() == {}
    second = faults.inject(name, GIVEN[name])
    assert second.id != first.id
    faults.undo(second.id)


def test_a_dead_compute_service(model: Cloud, faults: Faults) -> None:
    faults.inject("compute-service-dead", {"host": "cmp02"})
    unit = model.hosts["cmp02"].units["nova_compute"]
    assert (unit.state, unit.exit_status) == ("failed", 137)
    assert down(model) == set()
    pass_time(model, 75)
    assert down(model) == {"nova-compute@cmp02"}


def test_a_dead_agent(model: Cloud, faults: Faults) -> None:
    faults.inject("agent-dead", {"host": "cmp01"})
    pass_time(model, 40)
    assert dead_agents(model) == set()
    pass_time(model, 50)
    assert dead_agents(model) == {("neutron-openvswitch-agent", "cmp01")}


def test_a_host_down_takes_all_that_runs_there(model: Cloud, faults: Faults) -> None:
    boot = model.hosts["cmp03"].boot_id
    fault = faults.inject("host-down", {"host": "cmp03"})
    pass_time(model, 90)
    assert down(model) == {"nova-compute@cmp03"}
    assert dead_agents(model) == {("neutron-openvswitch-agent", "cmp03")}
    faults.undo(fault.id)
    assert model.hosts["cmp03"].boot_id != boot
    assert model.hosts["cmp03"].booted == model.now()


def test_a_controller_down_keeps_the_cloud_alive(model: Cloud, faults: Faults) -> None:
    faults.inject("host-down", {"host": "ctl02"})
    pass_time(model, 120)
    assert model.galera.primary()
    assert model.rabbitmq.serving()
    assert down(model) == {"nova-conductor@ctl02", "nova-scheduler@ctl02"}


def test_without_quorum_whom_a_service_knows_gets_a_500_and_others_a_503(model: Cloud, faults: Faults) -> None:
    known, stranger = Client(model, NOVA), Client(model, NOVA)
    known.get("/v2.1/os-services")
    faults.inject("galera-no-quorum", {})
    pass_time(model, 15)
    assert not model.galera.primary()
    found = known.get("/v2.1/os-services", status=500)
    assert "DBConnectionError" in found["computeFault"]["message"]
    found = stranger.get("/v2.1/os-services", status=503)
    assert "The Keystone service is temporarily unavailable." in found["message"]
    assert Client(model, GLANCE).reply("GET", "/v2/images", Accept="application/json").status == 401
    pass_time(model, 300)
    known.get("/v2.1/os-services", status=503)


def test_without_quorum_nobody_logs_in_but_versions_are_told(model: Cloud, faults: Faults) -> None:
    faults.inject("galera-no-quorum", {})
    pass_time(model, 15)
    keystone = Client(model, KEYSTONE)
    assert keystone.reply("POST", "/v3/auth/tokens", {}).status == 502
    assert keystone.reply("GET", "/v3/services").status == 500
    for api, path in ((KEYSTONE, "/v3"), (NOVA, "/v2.1"), (GLANCE, "/")):
        assert Client(model, api).reply("GET", path).status in (200, 300)


def test_without_keystone_a_service_believes_whom_it_knows(model: Cloud) -> None:
    known, stranger = Client(model, NOVA), Client(model, NOVA)
    known.get("/v2.1/os-services")
    for host in ("ctl01", "ctl02", "ctl03"):
        model.hosts.set_unit(host, "keystone", "failed", model.now(), 137)
    model.settle()
    known.get("/v2.1/os-services")
    stranger.get("/v2.1/os-services", status=503)


def test_a_memory_alarm_silences_computes_and_agents_not_conductors(model: Cloud, faults: Faults) -> None:
    faults.inject("rabbitmq-memory-alarm", {"host": "ctl02"})
    pass_time(model, 90)
    assert down(model) == {f"nova-compute@cmp0{number}" for number in (1, 2, 3, 4)}
    assert len(dead_agents(model)) == len(model.network.agents.all())


@pytest.mark.parametrize(
    ("name", "given", "words"),
    [
        ("earthquake", {}, "no fault is called 'earthquake'; there are: compute-service-dead, agent-dead"),
        ("host-down", {}, "host-down needs the parameter host"),
        ("host-down", {"host": "moon"}, "host-down: host: 'moon' is no known host; there are: ctl01"),
        ("host-down", {"host": "ctl01", "why": "x"}, "host-down has no parameter 'why'; its parameters: host"),
        ("host-down", {"host": 5}, "host-down: host must be a text, not 5"),
        ("compute-service-dead", {"host": "ctl01"}, "'ctl01' is no compute host; there are: cmp01, cmp02"),
        ("agent-dead", {"host": "cmp01", "binary": "cron"}, "must be one of neutron-openvswitch-agent"),
        ("agent-dead", {"host": "cmp01", "binary": "neutron-l3-agent"}, "cmp01 does not run neutron_l3_agent"),
        ("endpoint-dead", {"service": "swift"}, "must be one of keystone, nova"),
        ("queue-without-consumer", {"queue": "nope"}, "no queue is called 'nope'"),
    ],
)
def test_a_wrong_request_says_what_would_be_right(
    model: Cloud, faults: Faults, name: str, given: dict[str, object], words: str
) -> None:
    with pytest.raises(FaultError) as caught:
        faults.inject(name, given)
    assert words in str(caught.value)
    assert faults.active == {}


def test_what_is_not_in_effect_cannot_be_undone(faults: Faults) -> None:
    with pytest.raises(FaultError, match="no fault 'f9' is in effect; there are: none"):
        faults.undo("f9")


def test_nothing_dies_on_a_dead_host(faults: Faults) -> None:
    faults.inject("host-down", {"host": "cmp01"})
    with pytest.raises(FaultError, match="cmp01 is down"):
        faults.inject("compute-service-dead", {"host": "cmp01"})


def test_quorum_is_lost_only_by_a_whole_cluster(faults: Faults) -> None:
    faults.inject("galera-member-out", {"host": "ctl03"})
    with pytest.raises(FaultError, match="some Galera member is out already"):
        faults.inject("galera-no-quorum", {})


def test_every_fault_says_what_can_be_seen_in_words() -> None:
    for name, plan in plans("simulator").items():
        assert plan.title, name
        assert plan.effects, name
        assert all(len(words) > 10 for words in plan.effects.values()), name
