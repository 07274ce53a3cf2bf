"""Each fault on real hosts: injected, seen by a command of the system that it breaks, taken back, seen no more.

`inject` and `undo` wait for the system themselves; here a second witness is asked, over SSH, as an operator would.
Where the simulator has the same fault, our kinds must say the same of both; a difference is the simulator's mistake.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Any

import pytest

from runbooks.lab.faults import FAULTS
from tests.ground import Ground
from tests.lab.compared import seen
from tests.lab.real import POLLS, RealLab, until
from tests.lab.told import rows_of

pytestmark = [pytest.mark.lab, pytest.mark.timeout(900)]


@dataclass(frozen=True)
class Case:
    """A fault, and who sees it: on that host, this line says something that matches while it is in effect."""

    fault: str
    given: dict[str, str] = field(default_factory=dict)
    on: str = ""
    line: str = ""
    says: str = ""
    kinds: tuple[str, ...] = ()
    """Kinds that show it, on the simulator as here (`test_simulator_agrees` has the faults that need more)."""
    failing: tuple[str, ...] = ()
    """Kinds that cannot be read meanwhile."""


CEPH = "ceph health detail"
WSREP = "mariadb -Nse \"SHOW STATUS LIKE 'wsrep_%'\""
CLUSTER = "rabbitmqctl -q cluster_status"
MARKED = r"nephoscope-fault|nephoscope [a-z]"

CASES = [
    Case(
        "unit-killed",
        {"host": "ctl03", "unit": "memcached"},
        "ctl03",
        "systemctl status memcached",
        "code=killed",
        kinds=("memcached-servers",),
    ),
    Case(
        "unit-stopped",
        {"host": "ctl03", "unit": "memcached"},
        "ctl03",
        "systemctl is-active memcached",
        "inactive",
        kinds=("memcached-servers",),
    ),
    Case(
        "unit-frozen",
        {"host": "ctl03", "unit": "memcached"},
        "ctl03",
        "ps -C memcached -o stat=",
        "T",
        kinds=("memcached-servers",),
    ),
    Case("unit-misconfigured", {"host": "ctl03", "unit": "memcached"}, "ctl03", "cat /etc/memcached.conf", "no-such"),
    Case("compute-service-dead", {"host": "cmp01"}, "cmp01", "systemctl is-active nova-compute", "failed"),
    Case("agent-dead", {"host": "net01"}, "net01", "systemctl is-active neutron-openvswitch-agent", "failed"),
    Case("conductor-frozen", {}, "ctl01", "ps -o stat= -p $(pgrep -f nova-conductor | head -1)", "T"),
    Case("host-down", {"host": "mon01"}, "ctl01", "ping -c 1 -W 1 mon01", "100% packet loss"),
    Case("host-hung", {"host": "mon01"}, "ctl01", "nc -w 3 mon01 22 </dev/null | grep -q SSH || echo mute", "mute"),
    Case("host-rebooted", {"host": "mon01"}),
    Case("link-cut", {"host": "cmp01", "link": "eth1"}, "cmp01", "ip link show eth1", "NO-CARRIER"),
    Case("hosts-partitioned", {"host": "cmp01", "peers": "cmp02"}, "cmp01", "ping -c 1 -W 1 cmp02", "100% packet"),
    # Seen from elsewhere: who asks the host itself may wait long for an answer.
    Case(
        "packet-loss",
        {"host": "mon01", "percent": "50"},
        "ctl01",
        "ping -c 20 -i 0.2 -W 1 mon01",
        r"\b[1-9]\d*% packet loss",
    ),
    Case("packet-delay", {"host": "mon01", "milliseconds": "50"}, "mon01", "ping -c 2 ctl01", r"time=\d{3,}"),
    Case(
        "port-blocked", {"host": "ctl02", "port": "11211"}, "ctl01", "nc -z -w 1 ctl02 11211 || echo closed", "closed"
    ),
    Case("host-firewalled", {"host": "mon01"}, "mon01", "nft list ruleset", MARKED),
    Case("disk-full", {"host": "mon01"}, "mon01", "df /", "100%"),
    Case("clock-offset", {"host": "cmp01", "unit": "nova-compute"}, "cmp01", "systemctl cat nova-compute", "FAKETIME"),
    Case("galera-member-out", {"host": "ctl03"}, "ctl01", WSREP, r"cluster_size\t2", kinds=("galera-members",)),
    Case(
        "galera-member-isolated",
        {"host": "ctl02"},
        "ctl02",
        WSREP,
        r"cluster_status\tnon-Primary",
        kinds=("galera-members",),
    ),
    Case("galera-member-desynced", {"host": "ctl03"}, "ctl03", WSREP, "Donor/Desynced", kinds=("galera-members",)),
    Case(
        "galera-flow-control",
        {"host": "ctl03"},
        "ctl03",
        "mariadb -Nse 'SHOW PROCESSLIST'",
        "DO SLEEP",
        kinds=("galera-members",),
    ),
    Case(
        "galera-no-quorum",
        {},
        "ctl01",
        WSREP,
        r"cluster_status\tnon-Primary",
        kinds=("galera-members",),
        failing=("flavors",),
    ),
    Case("galera-all-down", {}, "ctl01", "systemctl is-active mariadb", "failed", kinds=("galera-members",)),
    Case(
        "rabbitmq-node-out",
        {"host": "ctl03"},
        "ctl03",
        "systemctl is-active rabbitmq-server",
        "failed",
        kinds=("rabbitmq-nodes",),
    ),
    Case("rabbitmq-no-majority", {}, "ctl01", "ss -ltn '( sport = :5672 )' | grep -c 5672", "^0"),
    Case(
        "rabbitmq-memory-alarm",
        {"host": "ctl02"},
        "ctl01",
        CLUSTER,
        "Memory alarm on node rabbit@ctl02",
        kinds=("rabbitmq-nodes", "broker-alarms"),
    ),
    Case(
        "rabbitmq-disk-alarm",
        {"host": "ctl02"},
        "ctl01",
        CLUSTER,
        "disk space alarm on node rabbit@ctl02",
        kinds=("rabbitmq-nodes", "broker-alarms"),
    ),
    Case(
        "rabbitmq-partition",
        {"host": "ctl03"},
        "ctl01",
        CLUSTER,
        "cannot communicate with rabbit@ctl03",
        kinds=("rabbitmq-nodes",),
    ),
    Case("rabbitmq-wrong-cookie", {"host": "ctl02"}, "ctl02", "systemctl is-active rabbitmq-server", "activating"),
    Case("queue-without-consumer", {}, "ctl01", "rabbitmqctl -q list_queues name consumers", r"notifications\.info\t0"),
    Case("vip-router-id-taken", {"host": "mon01"}, "mon01", "ip -br address show eth0", r"\.0\.10/24"),
    Case(
        "haproxy-server-down",
        {"host": "ctl02", "service": "nova"},
        "ctl02",
        "systemctl is-active nova-api",
        "failed",
        kinds=("haproxy-backends",),
    ),
    Case("endpoint-dead", {"service": "glance", "interface": "internal"}, kinds=("endpoints",)),
    Case(
        "api-500", {"service": "nova"}, "ctl01", "nft list ruleset", MARKED, kinds=("endpoints",), failing=("flavors",)
    ),
    Case(
        "api-hang",
        {"service": "glance"},
        "mon01",
        "curl -sS -m 3 http://vip:9292/ 2>&1",
        "timed out",
        kinds=("endpoints",),
        failing=("images",),
    ),
    Case(
        "api-drip",
        {"service": "glance"},
        "mon01",
        "curl -sS -m 3 http://vip:9292/ 2>&1",
        "timed out",
        kinds=("endpoints",),
        failing=("images",),
    ),
    Case(
        "api-reset",
        {"service": "glance"},
        "mon01",
        "curl -sS -m 3 http://vip:9292/ 2>&1",
        "reset",
        kinds=("endpoints",),
        failing=("images",),
    ),
    Case("fernet-keys-foreign", {"host": "ctl02"}),
    Case("placement-orphan-allocation", {"host": "cmp01"}),
    Case("flavor-trait-unmet"),
    Case("volume-stuck"),
    Case("metadata-secret-wrong", {"host": "net02"}, "net02", "cat /etc/neutron/metadata_agent.ini", "somebody-else"),
    Case(
        "bridge-mapping-wrong",
        {"host": "net02"},
        "net02",
        "cat /etc/neutron/plugins/ml2/openvswitch_agent.ini",
        "t-1:",
        kinds=("agents",),
    ),
    Case("neutron-notifier-refused", {}, "ctl01", "cat /etc/neutron/neutron.conf", "of-somebody-else"),
    Case(
        "flows-deleted",
        {"host": "cmp01"},
        "cmp01",
        "ovs-ofctl dump-flows br-tun | grep -c table=0",
        "^0",
        kinds=("bridges",),
    ),
    Case(
        "tunnel-cut",
        {"host": "cmp01", "peer": "net01"},
        "cmp01",
        "ovs-ofctl dump-flows br-phy",
        "tp_dst=4789",
        kinds=("bridge-ports",),
    ),
    Case("tunnel-mtu-low", {"host": "net01"}, "net01", "ip link show eth1", "mtu 1450", kinds=("interfaces",)),
    Case("dhcp-silent", {"host": "net01"}, "net01", "ps -C dnsmasq -o stat=", "T", kinds=("namespaces",)),
    Case(
        "ceph-osd-down", {"host": "ceph03"}, "ceph01", CEPH, r"osd\.2 .* is down", kinds=("osds", "ceph-health-checks")
    ),
    Case(
        "ceph-osd-frozen",
        {"host": "ceph03"},
        "ceph01",
        CEPH,
        r"osd\.2 .* is down",
        kinds=("osds", "ceph-health-checks"),
    ),
    Case("ceph-osd-slow", {"host": "ceph02"}, "ceph01", CEPH, "SLOW_OPS", kinds=("ceph-health-checks",)),
    Case("ceph-daemon-crashed", {"host": "ceph02"}, "ceph01", CEPH, "RECENT_CRASH", kinds=("crashes",)),
    Case("ceph-mon-down", {"host": "ceph03"}, "ceph01", CEPH, "MON_DOWN", kinds=("mons", "ceph-health-checks")),
    Case(
        "ceph-mon-clock-skew",
        {"host": "ceph03"},
        "ceph01",
        CEPH,
        "MON_CLOCK_SKEW",
        kinds=("mons", "ceph-health-checks"),
    ),
    Case("ceph-quorum-lost", {}, "ceph01", "ceph --connect-timeout 5 -s 2>&1", "timed out", kinds=("mons",)),
    Case("ceph-mgr-down", {}, "ceph01", CEPH, "MGR_DOWN", kinds=("mgrs", "ceph-health-checks")),
    Case("ceph-full", {}, "ceph01", CEPH, "OSD_FULL", kinds=("pools",)),
    Case("ceph-object-damaged", {"host": "ceph03"}, "ceph01", CEPH, "PG_DAMAGED", kinds=("ceph-health-checks",)),
    Case("ceph-flag-left", {}, "ceph01", CEPH, "noout flag", kinds=("ceph-flags", "ceph-health-checks")),
    Case("ceph-client-without-rights", {}, "ceph01", "rbd --id cinder ls volumes 2>&1", "not permitted"),
    Case("certificate-expired", kinds=("certificates",)),
]

LONG = {
    "neutron-notifier-refused",
    "api-drip",
    "ceph-full",
    *("ceph-mgr-down", "ceph-quorum-lost", "ceph-object-damaged", "rabbitmq-memory-alarm", "rabbitmq-disk-alarm"),
    *("haproxy-server-down", "certificate-expired", "api-hang", "rabbitmq-no-majority", "rabbitmq-partition"),
    *("galera-all-down", "galera-no-quorum", "ceph-mon-down", "ceph-osd-frozen", "ceph-osd-slow"),
}
"""Whose services start again, or whose answers end, only after the better part of a minute; and those that other tests
of the lab make happen as well, and look at more closely.
"""

NOTICED = 120.0
"""Seconds after which a simulated cloud has noticed."""

ELSEWHERE = {
    "vip-duplicated",
    "tap-dead-vlan",
    "floating-address-without-nat",
    "router-two-active",
    "security-group-member-missing",
}
"""Whose hosts must first be found."""


def test_every_fault_is_tried_here() -> None:
    assert {case.fault for case in CASES} | ELSEWHERE == set(FAULTS)


def says(lab: RealLab, case: Case) -> bool:
    return re.search(case.says, lab.on(case.on, case.line, check=False), re.MULTILINE) is not None


def shown_by(simulated: Ground, case: Case) -> dict[str, Any]:
    """What the kinds of a case say of the simulator while it has the fault; nothing is shown of it after."""
    if not case.kinds:
        return {}
    made = simulated.inject(case.fault, **case.given)
    try:
        simulated.ask("clock", advance=NOTICED)
        found = seen(simulated, case.kinds, case.failing)
    finally:
        simulated.ask("undo", id=made)
    simulated.ask("clock", advance=NOTICED)
    assert any(found.values()), "the simulator shows nothing"
    return found


@pytest.mark.parametrize(
    "case",
    [pytest.param(each, marks=[pytest.mark.long] * (each.fault in LONG)) for each in CASES],
    ids=lambda case: case.fault,
)
def test_a_fault_is_really_there_and_really_gone(lab: RealLab, simulated: Ground, case: Case) -> None:
    expected = shown_by(simulated, case)
    with lab.broken(case.fault, **case.given):
        assert [each["fault"] for each in lab.ask("active")] == [case.fault]
        if case.says:
            until(lambda: says(lab, case), bool, 30)
        if case.kinds:
            until(lambda: seen(lab, case.kinds, case.failing), lambda found: found == expected, POLLS + NOTICED)
    if case.says:
        until(lambda: not says(lab, case), bool, 60)
    assert lab.ask("active") == []


def _first(lab: RealLab, role: str, line: str) -> str:
    """The first host of a role on which a line prints something."""
    numbers = (1, 2, 3) if role in ("ctl", "cmp") else (1, 2)
    return next(name for name in (f"{role}0{n}" for n in numbers) if lab.on(name, line, check=False).strip())


def test_two_hosts_have_the_virtual_address(lab: RealLab, simulated: Ground) -> None:
    told = rows_of(simulated, "vips")[0]["holders"]
    waiting = next(name for name in ("ctl01", "ctl02") if name != told)
    expected = shown_by(simulated, Case("vip-duplicated", {"host": waiting}, kinds=("vips",)))
    line = f"ip -br address show eth0 | grep -F {lab.vip}/"
    holder = _first(lab, "ctl", line)
    other = next(name for name in ("ctl01", "ctl02", "ctl03") if name != holder)
    with pytest.raises(ValueError, match="has the virtual address itself"):
        lab.inject("vip-duplicated", host=holder)
    with lab.broken("vip-duplicated", host=other):
        assert lab.on(holder, line)
        assert lab.on(other, line)
        until(lambda: seen(lab, ("vips",)), lambda found: found == expected)
        # Who holds it, and once their logs are read, that they do not hear each other.
        words = " and ".join(sorted((holder, other)))
        assert lab.row("vips", lab.vip)["reason"].endswith(words)
        assert words in lab.nephoscope("health").stdout
    assert not (lab.on(holder, line, check=False) and lab.on(other, line, check=False))
    until(lambda: lab.row("vips", lab.vip)["health"], lambda level: level == "ok")


def test_a_port_on_the_dead_vlan(lab: RealLab) -> None:
    host = _first(lab, "cmp", "ovs-vsctl list-ports br-int | grep ^tap")
    line = "ovs-vsctl --columns=tag list Port | grep -c 4095"
    with lab.broken("tap-dead-vlan", host=host):
        assert lab.on(host, line).strip() != "0"
    assert lab.on(host, line, check=False).strip() == "0"


def test_a_client_that_is_no_member_of_the_group(lab: RealLab, simulated: Ground) -> None:
    made = simulated.inject("security-group-member-missing")
    nobody_there = nobody(simulated)
    simulated.ask("undo", id=made)
    assert nobody_there
    # The virtual address may have moved a moment ago.
    servers = until(
        lambda: {row["name"]: row for row in lab.get("servers")}, lambda rows: {"web-2", "db-1"} <= set(rows)
    )
    address = re.findall(r"192\.168\.10\.\d+", json.dumps(servers["web-2"]))[0]
    inside = "ip netns exec $(ip netns list | grep -o 'instance-[^ ]*' | head -1)"
    host, tcp = servers["db-1"]["host"], f"{inside} nc -z -w 2 {address} 80 || echo silent"
    ping = f"{inside} ping -c 2 -W 2 {address} >/dev/null && echo answers"
    until(lambda: lab.on(host, tcp).strip(), lambda said: said == "", 30)
    with lab.broken("security-group-member-missing"):
        assert lab.on(host, tcp).strip() == "silent"
        assert lab.on(host, ping).strip() == "answers"
        assert nobody(lab) == nobody_there
    until(lambda: lab.on(host, tcp).strip(), lambda said: said == "", 30)


def nobody(ground: Ground) -> list[str]:
    """What is said of the rules that let in nobody, of the group that the fault has made."""
    (group,) = rows_of(ground, "security-groups", "name=nephoscope-fault-servers")
    rules = rows_of(ground, "security-group-rules", f"group={group['id']}")
    return [rule["reason"] for rule in rules if rule["health"] != "ok"]


SOCKET = "/var/lib/neutron/metadata_proxy"


def test_a_metadata_agent_with_another_secret(lab: RealLab) -> None:
    """No kind shows it; the agent is asked as the proxy in a router's namespace asks it for a server."""
    server = lab.row("servers", "web-2")
    (port,) = lab.get("ports", f"device_id={server['id']}")
    near = lab.get("ports", f"network_id={port['network_id']}")
    router = next(one["device_id"] for one in near if "router_" in one["device_owner"])
    line = (
        f"curl -s -o /dev/null -w '%{{http_code}}' --unix-socket {SOCKET} -H 'X-Forwarded-For: {port['fixed_ips']}' "
        f"-H 'X-Neutron-Router-ID: {router}' http://localhost/latest/meta-data/instance-id"
    )
    assert lab.on("net02", line) == "200"
    with lab.broken("metadata-secret-wrong", host="net02"):
        until(lambda: lab.on("net02", line, check=False), lambda said: said == "403", 30)
        assert "responded with Forbidden" in lab.on("net02", "journalctl -u neutron-metadata-agent -n 50 --no-pager")
    until(lambda: lab.on("net02", line, check=False), lambda said: said == "200", 30)


ROUTERS = "for n in $(ip netns list | grep -o 'qrouter[^ ]*'); do ip netns exec $n {}; done"


def test_a_floating_address_without_its_rules(lab: RealLab, simulated: Ground) -> None:
    line = ROUTERS.format("iptables-save -t nat") + " | grep PREROUTING.*DNAT | grep -v 169.254"
    host = _first(lab, "net", ROUTERS.format("ip -br -4 address show") + " | grep ^qg-.*/")
    kinds = ("router-instances",)
    expected = shown_by(simulated, Case("floating-address-without-nat", {"host": host}, kinds=kinds))
    with lab.broken("floating-address-without-nat", host=host):
        assert not lab.on(host, line, check=False).strip()
        until(lambda: seen(lab, kinds), lambda found: found == expected)
        assert "no DNAT rule on" in lab.nephoscope("health").stdout
        (address,) = [row for row in lab.get("floating-ips") if row["translated"] is False]
        assert address["health"] == "critical"
    assert lab.on(host, line).strip()
    until(lambda: seen(lab, kinds), lambda found: not any(found.values()))


def test_a_router_is_active_on_two_hosts(lab: RealLab, simulated: Ground) -> None:
    line = ROUTERS.format("ip -br -4 address show") + " | grep ^qg-.*/"
    holder = _first(lab, "net", line)
    other = "net02" if holder == "net01" else "net01"
    kinds = ("router-instances", "routers")
    expected = shown_by(simulated, Case("router-two-active", {"host": other}, kinds=kinds))
    with pytest.raises(ValueError, match="no router waits on"):
        lab.inject("router-two-active", host=holder)
    with lab.broken("router-two-active", host=other):
        assert lab.on(holder, line)
        assert lab.on(other, line)
        until(lambda: seen(lab, kinds), lambda found: found == expected)
        assert "active on net01 and net02 at once" in lab.nephoscope("health").stdout
    assert not (lab.on(holder, line, check=False) and lab.on(other, line, check=False))
    until(lambda: seen(lab, kinds), lambda found: not any(found.values()))
