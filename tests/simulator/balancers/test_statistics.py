"""What the simulated HAProxy says: the columns of the recorded one, its checks over time, and what is set by hand."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from runbooks.simulator.balancers.statistics import info, stat
from runbooks.simulator.clock import Clock
from runbooks.simulator.ids import Seed
from runbooks.simulator.layout import Layout
from runbooks.simulator.model.cloud import Cloud, build
from tests.simulator.ssh.conftest import Run, cloud, run

__all__ = ["cloud", "run"]
RECORDED = Path(__file__).parents[2] / "wire" / "hosts" / "ctl01"
SOCKET = "UNIX-CONNECT:/var/lib/docker/volumes/haproxy_socket/_data/haproxy.sock"


@pytest.fixture
def moving() -> Cloud:
    """A region whose clock is moved by the test."""
    at = 1_795_214_536.0
    return build(Layout(net=212, computes=1), Seed(), Clock(lambda: at), servers=2)


def lines(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(text[2:].splitlines()))


def statuses(cloud: Cloud, proxy: str = "keystone_internal_back", host: str = "ctl01") -> dict[str, str]:
    return {each["svname"]: each["status"] for each in lines(stat(cloud.balancers, host)) if each["pxname"] == proxy}


def test_it_has_the_recorded_columns(cloud: Cloud) -> None:
    recorded = (RECORDED / "haproxy-stat.txt").read_text().splitlines()[1:]
    ours = stat(cloud.balancers, "ctl01").splitlines()
    assert ours[0] == recorded[0]
    assert {line.count(",") for line in ours if line} == {recorded[0].count(",")}
    by_type = {each["type"]: each for each in lines("\n".join(recorded)) if each["pxname"] == "rabbitmq_management"}
    for each in lines("\n".join(ours)):
        if each["pxname"].startswith("rabbitmq_management"):
            told = {name for name, value in each.items() if value}
            assert told <= {name for name, value in by_type[each["type"]].items() if value} | {"downtime", "last_chk"}


def test_the_process_has_recorded_names(cloud: Cloud) -> None:
    recorded = {line.partition(":")[0] for line in (RECORDED / "haproxy-info.txt").read_text().splitlines()[1:]}
    assert {line.partition(":")[0] for line in info(cloud.balancers, "ctl01").splitlines() if line} <= recorded


def test_a_server_fails_its_checks_one_by_one_and_comes_back(moving: Cloud) -> None:
    assert set(statuses(moving).values()) == {"UP"}
    moving.hosts.set_unit("ctl02", "keystone", "failed", moving.now(), 137)
    seen = []
    for _ in range(6):
        seen.append(statuses(moving)["ctl02"])
        moving.clock.advance(2)
    assert seen == ["UP", "UP 4/5", "UP 3/5", "UP 2/5", "UP 1/5", "DOWN"]
    assert statuses(moving)["BACKEND"] == "UP"
    moving.hosts.set_unit("ctl02", "keystone", "running", moving.now())
    assert statuses(moving)["ctl02"] == "DOWN"
    moving.clock.advance(2)
    assert statuses(moving)["ctl02"] == "DOWN 1/2"
    moving.clock.advance(2)
    assert statuses(moving)["ctl02"] == "UP"


def test_the_last_server_takes_the_backend_with_it(moving: Cloud) -> None:
    for host in ("ctl01", "ctl02", "ctl03"):
        moving.hosts.set_unit(host, "keystone", "hung", moving.now())
    moving.clock.advance(30)
    assert set(statuses(moving).values()) == {"DOWN"}
    found = [each for each in lines(stat(moving.balancers, "ctl01")) if each["pxname"] == "keystone_internal_back"]
    assert [each["check_status"] for each in found] == ["L7TOUT", "L7TOUT", "L7TOUT", ""]
    assert found[-1]["lastchg"] == "20"


def test_the_database_has_one_active_server(cloud: Cloud) -> None:
    found = {each["svname"]: (each["act"], each["bck"]) for each in lines(stat(cloud.balancers, "ctl02"))
             if each["pxname"] == "mariadb_back"}  # fmt: skip
    assert found == {"ctl01": ("1", "0"), "ctl02": ("0", "1"), "ctl03": ("0", "1"), "BACKEND": ("1", "2")}


def test_a_server_set_aside_by_hand_at_one_balancer(run: Run, cloud: Cloud) -> None:
    assert run(f'echo "set server nova_api_back/ctl03 state maint" | socat - {SOCKET}', user="root").status == 0
    assert statuses(cloud, "nova_api_back")["ctl03"] == "MAINT"
    assert statuses(cloud, "nova_api_back", "ctl02")["ctl03"] == "UP"
    assert [write.what for write in cloud.writes] == ["set server nova_api_back/ctl03 state maint"]
    run(f'echo "set server nova_api_back/ctl03 state drain" | socat - {SOCKET}', user="root")
    assert statuses(cloud, "nova_api_back")["ctl03"] == "DRAIN"
    run(f'echo "set server nova_api_back/ctl03 state ready" | socat - {SOCKET}', user="root")
    assert statuses(cloud, "nova_api_back")["ctl03"] == "UP"
    assert run(f'echo "set server x/y state maint" | socat - {SOCKET}', user="root").out == "No such backend.\n\n"
    missing = run(f'echo "set server nova_api_back/y state maint" | socat - {SOCKET}', user="root").out
    assert missing == "No such server.\n\n"


def test_what_was_set_is_forgotten_by_the_next_process(run: Run, cloud: Cloud) -> None:
    run(f'echo "set server nova_api_back/ctl03 state drain" | socat - {SOCKET}', user="root")
    run(f'echo "set server nova_api_back/ctl03 weight 7" | socat - {SOCKET}', user="root")
    assert cloud.balancers.weight("ctl01", "nova_api_back", "ctl03") == 7
    assert statuses(cloud, "nova_api_back")["ctl03"] == "DRAIN"
    cloud.clock.advance(30)
    run("docker restart haproxy")
    assert cloud.balancers.weight("ctl01", "nova_api_back", "ctl03") == 1
    assert statuses(cloud, "nova_api_back")["ctl03"] == "UP"


@pytest.mark.parametrize(
    ("setting", "words"),
    [
        ("weight 400", "Absolute weight can only be between 0 and 256 inclusive."),
        ("state odd", "'set server <srv> state' expects 'ready', 'drain' and 'maint'."),
    ],
)
def test_a_setting_that_is_none(run: Run, cloud: Cloud, setting: str, words: str) -> None:
    assert words in run(f'echo "set server nova_api_back/ctl03 {setting}" | socat - {SOCKET}', user="root").out
    assert not cloud.writes


def test_a_cache_is_flushed_from_its_host(run: Run, cloud: Cloud) -> None:
    address = cloud.hosts["ctl01"].machine.address
    assert run(f"echo flush_all | socat -t3 - TCP:{address}:11211").out == "OK\r\n"
    assert cloud.caches["ctl01"].flushes == 1
    assert "STAT cmd_flush 1" in run(f"echo stats | socat - TCP:{address}:11211").out


@pytest.mark.parametrize(
    ("line", "user", "words"),
    [
        (f"socat - {SOCKET}", "kolla", "Permission denied"),
        ("socat - UNIX-CONNECT:/run/haproxy/admin.sock", "root", "No such file or directory"),
        ("socat - TCP:1.2.3.4:80", "root", "Connection refused"),
        ("socat - FROB:1", "root", "unknown device/address"),
        ("socat -", "root", "exactly 2 addresses required"),
    ],
)
def test_socat_says_no(run: Run, line: str, user: str, words: str) -> None:
    found = run(f"echo show info | {line}", user=user)
    assert (found.status, found.out) == (1, "")
    assert words in found.err


def test_a_frozen_haproxy_says_nothing(run: Run, cloud: Cloud) -> None:
    cloud.hosts.set_unit("ctl01", "haproxy", "hung", cloud.now())
    found = run(f"echo show info | socat - {SOCKET}", user="root")
    assert (found.status, found.out, found.err) == (0, "", "")


def test_a_stopped_haproxy_serves_no_socket(run: Run, cloud: Cloud) -> None:
    cloud.hosts.set_unit("ctl01", "haproxy", "stopped", cloud.now())
    assert "Connection refused" in run(f"echo show info | socat - {SOCKET}", user="root").err
