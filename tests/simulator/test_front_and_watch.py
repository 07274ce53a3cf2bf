"""What the console says of balancers, caches and monitoring of a broken simulated cloud, by row and as a headline."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.ground import Ground, simulator

COMMAND = str(Path(sys.executable).with_name("nephoscope"))


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    """A simulator whose clock and virtual addresses these tests move."""
    with simulator(tmp_path_factory.mktemp("front") / "state", "--computes", "2") as found:
        yield found


def told(own: Ground, *words: str) -> str:
    done = subprocess.run([COMMAND, *words], env=own.environment(), capture_output=True, text=True, check=False)
    return done.stdout


def rows(own: Ground, kind: str, *filters: str, region: str = "") -> dict[str, dict[str, Any]]:
    chosen = ["--region", region] if region else []
    return {row["id"]: row for row in json.loads(told(own, *chosen, "get", kind, *filters, "-o", "json"))}


def headline(own: Ground, system: str) -> str:
    """The overview's lines about a system."""
    lines = told(own, "health").splitlines()
    at = next(place for place, line in enumerate(lines) if line[2:].startswith(system))
    after = lines[at + 1 :]
    more = next((place for place, line in enumerate(after) if not line.startswith("  ")), len(after))
    return " ".join(" ".join(lines[at : at + 1 + more]).split())


@contextmanager
def broken(own: Ground, fault: str, **parameters: str) -> Iterator[None]:
    made = own.inject(fault, **parameters)
    try:
        yield
    finally:
        own.ask("undo", id=made)


@pytest.mark.parametrize(
    ("system", "words"),
    [
        ("haproxy", "● haproxy 174 of 174 backends up; 2 of 2 VIPs held once"),
        ("memcached", "● memcached 3 of 3 caches answer"),
        ("prometheus", "● prometheus 34 of 34 targets up; no alerts"),
    ],
)
def test_all_is_well(own: Ground, system: str, words: str) -> None:
    assert headline(own, system) == words


def test_a_page_and_a_socket_say_the_same(own: Ground) -> None:
    by_page = rows(own, "haproxy-backends", "host=ctl01")
    assert len(by_page) == 58
    by_socket = rows(own, "haproxy-backends", region="RegionTwo")
    assert {row["status"] for row in by_socket.values()} == {"UP", "OPEN", "running"}
    assert by_socket["r2ctl01/haproxy"]["version"].startswith("2.6")


def test_a_dead_server_then_the_whole_backend(own: Ground) -> None:
    with broken(own, "haproxy-server-down", host="ctl02", service="placement"):
        own.ask("clock", advance=30)
        row = rows(own, "haproxy-backends", "status=DOWN")["ctl01/placement_api_back/ctl02"]
        assert (row["health"], row["clients"]) == ("warning", True)
        assert re.fullmatch(r"DOWN for \d+ \w+: the connection failed: Connection refused", row["reason"])
        assert "placement_api_back/ctl02: DOWN for " in headline(own, "haproxy")
        with (
            broken(own, "haproxy-server-down", host="ctl01", service="placement"),
            broken(own, "haproxy-server-down", host="ctl03", service="placement"),
        ):
            own.ask("clock", advance=30)
            assert headline(own, "haproxy").startswith("✖ haproxy")
            assert "placement_api_back/BACKEND: no server is up" in headline(own, "haproxy")
            own.ask("clock", advance=30)
            found = rows(own, "alerts", "name=HaproxyBackendDown")
            assert {row["health"] for row in found.values()} == {"critical"}
            assert {row["host"] for row in found.values()} == {"ctl01", "ctl02", "ctl03"}
    own.ask("clock", advance=60)
    assert headline(own, "haproxy").startswith("● haproxy 174 of 174")


def test_a_split_an_orphan_and_nobody(own: Ground) -> None:
    with broken(own, "vip-duplicated", host="ctl02"):
        own.ask("clock", advance=30)  # before that it may be a failover in progress
        assert {row["reason"] for row in rows(own, "vips").values()} == {
            "2 masters for 30 s do not hear each other: ctl01 and ctl02"
        }
        assert "do not hear each other: ctl01 and ctl02" in headline(own, "haproxy")
    with broken(own, "unit-killed", host="ctl01", unit="keepalived"):
        reasons = {row["reason"] for row in rows(own, "vips").values()}
        assert reasons == {"held by ctl01 and ctl03; Keepalived does not run on ctl01"}
    assert {row["health"] for row in rows(own, "vips").values()} == {"ok"}
    with (
        broken(own, "unit-stopped", host="ctl01", unit="haproxy"),
        broken(own, "unit-stopped", host="ctl02", unit="haproxy"),
        broken(own, "unit-stopped", host="ctl03", unit="haproxy"),
    ):
        reasons = {row["reason"] for row in rows(own, "vips").values()}
        assert reasons == {"held by no host: Keepalived runs on ctl01, ctl02 and ctl03, HAProxy on none of them"}


def test_a_balancer_that_is_off_may_hold_it_or_not(own: Ground) -> None:
    with broken(own, "host-down", host="ctl02"):
        for row in rows(own, "vips").values():
            assert row["health"] == "warning"
            assert "not read: ctl02 (" in row["reason"]


def test_caches(own: Ground) -> None:
    with broken(own, "unit-killed", host="ctl03", unit="memcached"):
        assert rows(own, "memcached-servers")["ctl03"]["reason"] == "Connection refused"
        assert headline(own, "memcached") == "▲ memcached 2 of 3 caches answer; ctl03: Connection refused"
        with broken(own, "unit-killed", host="ctl02", unit="memcached"):
            assert headline(own, "memcached").startswith("✖ memcached 1 of 3 caches answer")


def test_targets_and_alerts(own: Ground) -> None:
    with broken(own, "unit-killed", host="net01", unit="prometheus_node_exporter"):
        own.ask("clock", advance=120)
        (down,) = rows(own, "targets", "state=down").values()
        assert (down["name"], down["host"], down["reason"]) == ("node on net01", "net01", "down: connection refused")
        (alert,) = rows(own, "alerts").values()
        assert (alert["name"], alert["host"], alert["health"]) == ("HostDown", "net01", "critical")
        assert headline(own, "prometheus").startswith(
            "✖ prometheus HostDown critical (1 alert); 7 of 8 node targets up"
        )
    own.ask("clock", advance=120)
    assert headline(own, "prometheus") == "● prometheus 34 of 34 targets up; no alerts"


def test_a_dead_prometheus_is_unknown(own: Ground) -> None:
    with broken(own, "unit-killed", host="mon01", unit="prometheus_server"):
        assert headline(own, "prometheus").startswith("? prometheus")
        assert "Connection refused" in headline(own, "prometheus")
