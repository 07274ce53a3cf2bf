"""Who has the virtual addresses in the simulated cloud: kernels, processes and configuration tell one story."""

from __future__ import annotations

import json

import pytest

from runbooks.ground.declared import FaultError
from runbooks.simulator.faults import Faults
from runbooks.simulator.model.cloud import Cloud
from tests.simulator.ssh.conftest import Run, cloud, run

__all__ = ["cloud", "run"]
HOSTS = ("ctl01", "ctl02", "ctl03")


def holders(run: Run, cloud: Cloud) -> list[str]:
    """The hosts whose kernel says that it has both virtual addresses."""
    found = []
    for host in HOSTS:
        links = json.loads(run("ip -j addr", host=host).out)
        have = {info["local"] for link in links for info in link["addr_info"]}
        both = have & set(cloud.balancers.addresses())
        assert len(both) in (0, 2)
        found += [host] if both else []
    return found


def state(cloud: Cloud, host: str, unit: str, how: str) -> None:
    cloud.hosts.set_unit(host, unit, how, cloud.now(), 137 if how == "failed" else 0)  # type: ignore[arg-type]
    cloud.settle()


def test_the_first_one_has_them(run: Run, cloud: Cloud) -> None:
    assert holders(run, cloud) == ["ctl01"]


def test_they_move_when_haproxy_ends_and_do_not_come_back(run: Run, cloud: Cloud) -> None:
    state(cloud, "ctl01", "haproxy", "stopped")
    assert holders(run, cloud) == ["ctl03"]
    state(cloud, "ctl01", "haproxy", "running")
    assert holders(run, cloud) == ["ctl03"]


def test_a_killed_keepalived_leaves_them_behind(run: Run, cloud: Cloud) -> None:
    state(cloud, "ctl01", "keepalived", "failed")
    assert holders(run, cloud) == ["ctl01", "ctl03"]
    state(cloud, "ctl01", "keepalived", "running")
    assert holders(run, cloud) == ["ctl03"]


def test_a_stopped_keepalived_takes_them_off(run: Run, cloud: Cloud) -> None:
    state(cloud, "ctl01", "keepalived", "stopped")
    assert holders(run, cloud) == ["ctl03"]


def test_a_host_that_dies(run: Run, cloud: Cloud) -> None:
    cloud.hosts.power_off("ctl01", cloud.now())
    cloud.settle()
    assert cloud.balancers.holder == "ctl03"


def test_nobody_can(run: Run, cloud: Cloud) -> None:
    for host in HOSTS:
        state(cloud, host, "haproxy", "stopped")
    assert holders(run, cloud) == []


def test_a_deaf_one_takes_them_as_well(run: Run, cloud: Cloud) -> None:
    faults = Faults(cloud)
    made = faults.inject("vip-duplicated", {"host": "ctl02"})
    assert holders(run, cloud) == ["ctl01", "ctl02"]
    faults.undo(made.id)
    assert holders(run, cloud) == ["ctl01"]
    with pytest.raises(FaultError, match="has the virtual address itself"):
        faults.inject("vip-duplicated", {"host": "ctl01"})


def test_neighbours_know_who_has_them(run: Run, cloud: Cloud) -> None:
    (link,) = [each for each in json.loads(run("ip -j addr", host="ctl01").out) if each["ifname"] == "eth0"]
    known = {each["dst"]: each["lladdr"] for each in json.loads(run("ip -j neigh", host="ctl02").out)}
    assert {known[address] for address in cloud.balancers.addresses()} == {link["address"]}
    address = cloud.balancers.addresses()[0]
    assert f"{address} dev eth0 lladdr {link['address']} REACHABLE" in run("ip neigh", host="ctl02").out.splitlines()
    own = {each["dst"] for each in json.loads(run("ip -j neigh", host="ctl01").out)}
    assert own.isdisjoint(cloud.balancers.addresses())


def test_processes_and_configuration(run: Run, cloud: Cloud) -> None:
    found = run("pgrep -l -x 'keepalived|haproxy'")
    assert sorted(line.split()[1] for line in found.out.splitlines()) == ["haproxy", "keepalived"]
    state(cloud, "ctl01", "keepalived", "failed")
    assert run("pgrep -c keepalived").out == "0\n"
    assert run("pgrep keepalived").status == 1
    assert run("pgrep").status == 2
    config = "/etc/kolla/keepalived/keepalived.conf"
    assert "Permission denied" in run(f"cat {config}").err
    text = run(f"sudo -n grep -v auth_pass {config}").out
    assert "virtual_router_id 51" in text
    assert cloud.secrets.keepalived not in text
    assert cloud.secrets.keepalived in run(f"sudo cat {config}").out


def test_each_keepalived_says_its_state_in_its_containers_log(run: Run, cloud: Cloud) -> None:
    def said(host: str) -> list[str]:
        lines = run("docker logs --timestamps --tail 120 keepalived", host=host).err.splitlines()
        return [line.split(") Entering ")[1].split()[0] for line in lines]

    assert [said(host) for host in HOSTS] == [["BACKUP", "MASTER"], ["BACKUP"], ["BACKUP"]]
    state(cloud, "ctl01", "haproxy", "stopped")
    assert (said("ctl01")[-1], said("ctl03")[-1]) == ("FAULT", "MASTER")
    state(cloud, "ctl01", "haproxy", "running")
    assert (said("ctl01")[-1], said("ctl03")[-1]) == ("BACKUP", "MASTER")


def test_processes_by_name(run: Run, cloud: Cloud) -> None:
    names = [line.split()[1] for line in run("ps -C keepalived,haproxy -ww -o pid=,comm=,args=").out.splitlines()]
    assert sorted(names) == ["haproxy", "keepalived"]
    assert run("ps -C keepalived,haproxy -o pid=", host="cmp01").status == 1
