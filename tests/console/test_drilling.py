"""Which tenants are on the host whose OSD is slow? By keys alone, on a terminal of 80x24, where computes carry Ceph.

From the overview: enter (ceph, the worst system) — enter (the OSD that the check names) — o 4 (servers on its host).
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.ground import Ground, simulator
from tests.terminal import Terminal

PATIENCE = 40.0
COMMAND = [str(Path(sys.executable).with_name("nephoscope"))]


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    with simulator(tmp_path_factory.mktemp("cloud"), "--hyperconverged", "--further") as ground:
        yield ground


def environment(cloud: Ground, home: Path) -> dict[str, str]:
    plain = {"PATH": os.environ["PATH"], "HOME": str(home), "TERM": "xterm-256color", "LANG": "C.UTF-8"}
    return {**plain, **{k: v for k, v in cloud.environment().items() if k.startswith(("OS_", "NEPHOSCOPE_"))}}


def rows(cloud: Ground, home: Path, *words: str) -> list[dict[str, Any]]:
    """What `nephoscope get` prints."""
    command = [*COMMAND, "get", *words, "-o", "json"]
    done = subprocess.run(command, env=environment(cloud, home), capture_output=True, timeout=60, check=True)
    found: list[dict[str, Any]] = json.loads(done.stdout)
    return found


def test_which_tenants_are_on_the_host_whose_osd_is_slow(cloud: Ground, tmp_path: Path) -> None:
    fault = cloud.inject("ceph-osd-slow", host="cmp01")
    try:
        cloud.ask("clock", advance=120)
        with Terminal(COMMAND, environment(cloud, tmp_path)) as console:
            console.until(lambda: console.text[3].startswith("▌▲ ceph"), PATIENCE)
            console.press("\r")
            console.until(lambda: console.shows("SLOW_OPS") and "enter" in console.text[23], PATIENCE)
            console.press("\r")
            console.until(lambda: console.shows("osd.0 cmp01"), PATIENCE)
            assert console.text[1].startswith("SLOW_OPS › osds")
            console.press("o")
            console.until(lambda: console.shows("4  servers on its host"), PATIENCE)
            console.press("4")
            console.until(lambda: console.text[1].startswith("osd.0 › servers") and console.shows("ACTIVE"), PATIENCE)
            shown = {line.split()[-1] for line in console.text[3:22] if "cmp01" in line}
            assert max(len(line) for line in console.text) <= 80
    finally:
        cloud.ask("undo", id=fault)
    assert shown == {row["project"] for row in rows(cloud, tmp_path, "servers", "host=cmp01")}
    assert len(shown) > 1


def test_the_hosts_of_ceph_are_the_computes(cloud: Ground, tmp_path: Path) -> None:
    assert {row["host"] for row in rows(cloud, tmp_path, "osds")} == {"cmp01", "cmp02", "cmp03"}
    assert {row["host"] for row in rows(cloud, tmp_path, "mons")} == {"cmp01", "cmp02", "cmp03"}
    assert {row["name"] for row in rows(cloud, tmp_path, "hosts", "name=c*")} == {
        *("ctl01", "ctl02", "ctl03"),
        *("cmp01", "cmp02", "cmp03", "cmp04"),
    }


@pytest.mark.parametrize(
    ("fault", "parameters", "seconds", "kind", "name", "reason"),
    [
        ("amphora-error", {}, 0, "amphorae", "", "in error"),
        (
            "amphora-error",
            {},
            0,
            "load-balancers",
            "shop",
            "its last change failed; it cannot be changed, and is online",
        ),
        ("load-balancer-stuck", {}, 1900, "load-balancers", "reports", "pending update for 31 min"),
        ("dns-zone-error", {}, 0, "zones", "shop.example.", "its update did not reach the name servers"),
        ("manila-share-down", {"host": "ctl02"}, 90, "share-services", "", ""),
    ],
)
def test_further_services_are_seen_and_their_troubles_told(
    cloud: Ground,
    tmp_path: Path,
    fault: str,
    parameters: dict[str, str],
    seconds: int,
    kind: str,
    name: str,
    reason: str,
) -> None:
    assert rows(cloud, tmp_path, kind, "health!=ok") == []
    assert rows(cloud, tmp_path, kind)
    broken = cloud.inject(fault, **parameters)
    try:
        if seconds:
            cloud.ask("clock", advance=seconds)
        (row,) = rows(cloud, tmp_path, kind, "health!=ok")
    finally:
        cloud.ask("undo", id=broken)
    assert row.get("name", "") == name or not name
    assert row["reason"].startswith(reason)
    if seconds:
        cloud.ask("clock", advance=30)
    assert rows(cloud, tmp_path, kind, "health!=ok") == []


def test_capacity_agrees_with_what_placement_would_let_in(cloud: Ground, tmp_path: Path) -> None:
    """On as many hosts does one more fit as Placement has candidates for."""
    from collectors.connections import Connections
    from collectors.deadline import Deadline
    from collectors.site import Site
    from collectors.sources.openstack import OpenStackSource

    told = rows(cloud, tmp_path, "capacity", "level=cloud")
    assert len(told) > 5
    os_environ = {k: v for k, v in environment(cloud, tmp_path).items() if k.startswith("OS_")}
    with pytest.MonkeyPatch.context() as patch:
        for key, value in os_environ.items():
            patch.setenv(key, value)
        connections = Connections(Site("simulator"))
        source = connections.system("openstack")
        assert isinstance(source, OpenStackSource)
        try:
            for row in told:
                query = {"resources": row["needs"].replace("=", ":").replace(", ", ",")}
                answer = source.get("placement", "/allocation_candidates", query, "1.39", Deadline(20))
                assert len(answer.json()["allocation_requests"]) == row["hosts"], row["flavor"]
        finally:
            connections.close()
