"""Operations on hosts, on the real services: what each did is compared by systemctl, `show stat`, ip and memcached."""

from __future__ import annotations

import json

import pytest

from tests.lab.operating import Operating
from tests.lab.real import RealLab, until

pytestmark = pytest.mark.lab
CONTROLLERS = ("ctl01", "ctl02", "ctl03")
SOCKET = "/run/haproxy/admin.sock"


def process(lab: RealLab, host: str, unit: str) -> tuple[str, str]:
    """(state, number of the main process), as systemd says."""
    said = lab.on(host, "systemctl", "show", unit, "-p", "ActiveState", "-p", "MainPID", "--value").split()
    return next(word for word in said if word.isalpha()), next(word for word in said if word.isdigit())


def stat(lab: RealLab, host: str, proxy: str, server: str) -> tuple[str, str]:
    """(status, weight) of a server, as that HAProxy's socket says."""
    lines = lab.on(host, f"echo 'show stat' | socat -t3 - UNIX-CONNECT:{SOCKET}").splitlines()
    names = lines[0].lstrip("# ").split(",")
    for line in lines[1:]:
        values = dict(zip(names, line.split(","), strict=False))
        if (values.get("pxname"), values.get("svname")) == (proxy, server):
            return values["status"], values["weight"]
    raise AssertionError(f"{host} has no {proxy}/{server}")


def holders(lab: RealLab) -> list[str]:
    """The controllers whose kernel has the virtual address."""
    return [host for host in CONTROLLERS if f"inet {lab.vip}/" in lab.on(host, "ip", "addr")]


def flushes(lab: RealLab, host: str) -> int:
    """How often its cache was flushed, as memcached says."""
    address = lab.on(host, "hostname", "-I").split()[0]
    said = lab.on(host, f"printf 'stats\\r\\nquit\\r\\n' | socat -t3 - TCP:{address}:11211")
    return int(next(line.split()[2] for line in said.splitlines() if "cmd_flush" in line))


def test_a_nova_compute_is_restarted_stopped_and_started(lab: RealLab, operating: Operating) -> None:
    unit = "cmp01/systemd/nova-compute"
    _, before = process(lab, "cmp01", "nova-compute")
    operating.do("unit.restart", unit)
    state, now = process(lab, "cmp01", "nova-compute")
    assert state == "active"
    assert now != before
    stopped = operating.do("unit.stop", unit)
    try:
        assert process(lab, "cmp01", "nova-compute") == ("inactive", "0")
    finally:
        operating.undo(stopped)
    assert process(lab, "cmp01", "nova-compute")[0] == "active"


def test_a_failed_unit_is_forgotten_and_started(lab: RealLab, operating: Operating) -> None:
    """It was killed, and systemd leaves it so."""
    name = "cinder-scheduler"
    with lab.broken("unit-killed", host="ctl02", unit=name):
        assert process(lab, "ctl02", name) == ("failed", "0")
        operating.do("unit.reset-failed", f"ctl02/systemd/{name}")
        assert process(lab, "ctl02", name) == ("inactive", "0")
        assert "has not failed" in operating.refused("unit.reset-failed", f"ctl02/systemd/{name}")["sense"]
        operating.do("unit.start", f"ctl02/systemd/{name}")
        state, number = process(lab, "ctl02", name)
        assert state == "active"
        assert int(number) > 0
        assert "runs already" in operating.refused("unit.start", f"ctl02/systemd/{name}")["sense"]


def test_a_failure_of_what_was_never_installed_is_forgotten(lab: RealLab, operating: Operating) -> None:
    """A transient unit: it is gone with its failure."""
    name = "nephoscope-test"
    lab.on("ctl02", "systemd-run", f"--unit={name}", "false")
    try:
        until(lambda: process(lab, "ctl02", name)[0], lambda state: state == "failed", 20)
        operating.do("unit.reset-failed", f"ctl02/systemd/{name}")
        assert name not in lab.on("ctl02", "systemctl", "list-units", "--all", "--plain")
    finally:
        lab.on("ctl02", "systemctl", "reset-failed", name, check=False)


def test_a_reload_keeps_the_process(lab: RealLab, operating: Operating) -> None:
    before = process(lab, "ctl03", "ssh")
    operating.do("unit.reload", "ctl03/systemd/ssh")
    assert process(lab, "ctl03", "ssh") == before
    plan = operating.plan("unit.reload", ["cmp01/systemd/nova-compute"])
    assert [guard.name for guard in plan.closed] == ["sense"]


def test_a_server_is_drained_weighed_and_brought_back_at_every_haproxy(lab: RealLab, operating: Operating) -> None:
    row = "ctl01/glance/ctl02"
    drained = operating.do("haproxy-backend.drain", row)
    try:
        assert {stat(lab, host, "glance", "ctl02")[0] for host in CONTROLLERS} == {"DRAIN"}
        plan = operating.plan("haproxy-backend.maint", ["ctl01/glance/ctl01"])
        assert "not-the-last" in [guard.name for guard in plan.closed]
    finally:
        operating.undo(drained)
    until(lambda: {stat(lab, host, "glance", "ctl02")[0] for host in CONTROLLERS}, lambda found: found == {"UP"})
    weighed = operating.do("haproxy-backend.weigh", row, weight="7")
    try:
        assert {stat(lab, host, "glance", "ctl02")[1] for host in CONTROLLERS} == {"7"}
    finally:
        operating.undo(weighed)
    assert {stat(lab, host, "glance", "ctl02") for host in CONTROLLERS} == {("UP", "1")}


def test_the_virtual_address_moves_and_comes_back(lab: RealLab, operating: Operating) -> None:
    (before,) = holders(lab)
    moved = operating.do("vip.failover", lab.vip)
    (now,) = until(lambda: holders(lab), lambda found: len(found) == 1)
    assert now != before
    if moved.inverse:
        operating.undo(moved)
        assert until(lambda: holders(lab), lambda found: len(found) == 1) == [before]


def test_a_cache_is_flushed(lab: RealLab, operating: Operating) -> None:
    before = {host: flushes(lab, host) for host in CONTROLLERS}
    operating.do("memcached-server.flush", "ctl03")
    assert {host: flushes(lab, host) for host in CONTROLLERS} == before | {"ctl03": before["ctl03"] + 1}


def test_a_cache_is_restarted_and_no_second_one_at_once(lab: RealLab, operating: Operating) -> None:
    _, before = process(lab, "ctl02", "memcached")
    operating.do("memcached-server.restart", "ctl02")
    state, now = process(lab, "ctl02", "memcached")
    assert state == "active"
    assert now != before
    assert set(operating.refused("memcached-server.restart", "ctl03")) == {"warm"}
    # Keystone answers 500 where it holds a connection to the cache that went.
    until(lambda: lab.nephoscope("get", "projects").returncode, lambda code: code == 0)


def flags(lab: RealLab, host: str, name: str) -> bool:
    """Whether the kernel has it switched on."""
    (link,) = json.loads(lab.on(host, "ip", "-j", "link", "show", "dev", name))
    return "UP" in link["flags"]


def test_an_interface_that_nobody_uses_is_switched_off_and_on(lab: RealLab, operating: Operating) -> None:
    """This kernel has no bonds, so that the way of a bond's member is only tried on the simulator."""
    host, name = "net02", "nt-spare"
    spare = f"{host}/{name}"
    try:
        lab.on(host, "ip", "link", "add", name, "type", "ifb")
        lab.on(host, "ip", "link", "set", name, "up")
        off = operating.do("interface.down", spare)
        assert not flags(lab, host, name)
        assert "is off already" in operating.refused("interface.down", spare)["sense"]
        operating.undo(off)
        assert flags(lab, host, name)
        lab.on(host, "ip", "link", "set", name, "down")
        operating.do("interface.up", spare)
        assert flags(lab, host, name)
        for way_in in ("eth0", "eth1"):
            assert set(operating.refused("interface.down", f"{host}/{way_in}")) == {"redundant"}
    finally:
        lab.on(host, "ip", "link", "del", name, check=False)


def test_the_agents_of_a_bridge_and_a_namespace_synchronise(lab: RealLab, operating: Operating) -> None:
    _, before = process(lab, "cmp02", "neutron-openvswitch-agent")
    operating.do("bridge.resync", "cmp02/br-int")
    assert process(lab, "cmp02", "neutron-openvswitch-agent")[1] != before


def test_a_namespace_that_nobody_owns_is_removed(lab: RealLab, operating: Operating) -> None:
    name = "qrouter-11111111-2222-4333-8444-555555555555"
    lab.on("net02", "ip", "netns", "add", name)
    try:
        operating.do("namespace.remove", f"net02/{name}")
        assert name not in lab.on("net02", "ip", "netns", "list")
    finally:
        lab.on("net02", "ip", "netns", "delete", name, check=False)
