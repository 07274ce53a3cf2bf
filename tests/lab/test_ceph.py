"""Real Ceph: each row is what `ceph` says on a storage host, by each way, healthy and broken; and how fast."""

from __future__ import annotations

import json
import statistics
import time
from pathlib import Path
from typing import Any

import pytest

from collectors.connections import Connections
from collectors.deadline import Deadline, working
from collectors.request import Ceph
from collectors.sources.base import EVERYWHERE
from console.config import load_site
from tests.lab.real import RealLab, until

pytestmark = [pytest.mark.lab, pytest.mark.timeout(1800)]

HOSTS = ("ceph01", "ceph02", "ceph03")


def ceph(lab: RealLab, command: str) -> Any:
    """What Ceph's own program says."""
    return json.loads(lab.on("ceph01", f"ceph --connect-timeout 10 -f json {command}"))


def codes(lab: RealLab) -> dict[str, str]:
    """Health check → our level."""
    return {row["id"]: row["health"] for row in lab.get("ceph-health-checks")}


@pytest.fixture(params=["mons", "dashboard", "program"])
def way(lab: RealLab, tmp_path: Path, request: pytest.FixtureRequest) -> tuple[str, dict[str, str]]:
    """(a way's title, an environment in which only that way is there)."""
    text = (lab.state / "nephoscope.toml").read_text()
    for name in ("ssh_config", "known_hosts", "id_ed25519"):
        text = text.replace(f'"{name}"', f'"{lab.state / name}"')
    for name in ("galera.secret", "rabbitmq.secret", "ceph.secret", "ceph-dashboard.crt"):
        text = text.replace(f'"{name}"', f'"{lab.state / name}"')
    head, mark, tail = text.partition("[site.lab.ceph]\n")
    table, dashboard, _ = tail.partition("[site.lab.ceph.dashboard]\n")
    assert mark
    assert dashboard
    if request.param == "dashboard":
        text = f"{head}{mark}{dashboard}{tail.partition(dashboard)[2]}"
    else:
        text = f"{head}{mark}{table}"
    made = tmp_path / "nephoscope.toml"
    made.write_text(text)
    made.chmod(0o600)
    return request.param, lab.environment() | {"NEPHOSCOPE_CONFIG": str(made)}


def items(connections: Connections, view: str) -> list[dict[str, Any]]:
    """What the source gives for one view."""
    with working(Deadline(30)) as deadline:
        source = connections.source(Ceph(view))
        return [each for page in source.read(Ceph(view), "ceph", deadline, EVERYWHERE) for each in page.items]


def test_a_healthy_cluster_is_told_as_one(lab: RealLab) -> None:
    assert until(lambda: codes(lab), lambda found: found == {}) == {}
    line = next(line for line in lab.nephoscope("health").stdout.splitlines() if " ceph " in line)
    assert line.split("ceph", 1)[1].strip() == (
        "HEALTH_OK; 3 of 3 mons in quorum; 3 of 3 OSDs up; 2 of 2 managers well"
    )


def test_every_way_gives_the_same(
    lab: RealLab, way: tuple[str, dict[str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    name, environ = way
    for key, value in environ.items():
        monkeypatch.setenv(key, value)
    connections = Connections(load_site("lab", "", environ))
    try:
        source: Any = connections.system("ceph")
        if name == "program":
            source.ways = source.ways[-1:]
        osds = {each["osd"]: each for each in items(connections, "osds")}
        assert {each["via"].split()[0] for each in osds.values()} == {
            {"mons": "rados", "dashboard": "dashboard", "program": "ceph"}[name]
        }
        dump = {each["osd"]: each for each in ceph(lab, "osd dump")["osds"]}
        assert {number: (each["up"], each["in"], each["state"]) for number, each in osds.items()} == {
            number: (each["up"], each["in"], each["state"]) for number, each in dump.items()
        }
        tree = {each["id"]: each for each in ceph(lab, "osd tree")["nodes"]}
        homes = {child: each["name"] for each in tree.values() if each["type"] == "host" for child in each["children"]}
        assert {number: each["tree"]["host"] for number, each in osds.items()} == homes
        fill = {each["id"]: each for each in ceph(lab, "osd df")["nodes"]}
        assert {number: (each["df"]["kb"], each["df"]["pgs"]) for number, each in osds.items()} == {
            number: (each["kb"], each["pgs"]) for number, each in fill.items()
        }
        pools = {each["pool_name"]: each for each in items(connections, "pools")}
        listed = {each["pool_name"]: each for each in ceph(lab, "osd pool ls detail")}
        assert {n: (each["size"], each["pg_num"]) for n, each in pools.items()} == {
            n: (each["size"], each["pg_num"]) for n, each in listed.items()
        }
        managers = {each["name"]: each["active"] for each in items(connections, "mgrs")}
        assert managers == {name: name == ceph(lab, "mgr stat")["active_name"] for name in ("ceph01", "ceph02")}
        assert items(connections, "health") == []
        assert not any(flag["set"] for flag in items(connections, "flags"))
    finally:
        connections.close()


def test_monitors_say_what_their_sockets_say(lab: RealLab) -> None:
    rows = {row["name"]: row for row in lab.get("mons")}
    for host in HOSTS:
        told = json.loads(lab.on(host, f"ceph daemon mon.{host} mon_status"))
        assert (rows[host]["state"], rows[host]["rank"]) == (told["state"], told["rank"])
        assert rows[host]["in_quorum"] is True
        assert rows[host]["health"] == "ok"


def test_images_belong_to_the_cloud(lab: RealLab) -> None:
    listed = {f"volumes/{name}" for name in lab.on("ceph01", "rbd --id cinder ls --pool volumes").split()}
    rows = {row["id"]: row for row in lab.get("rbd-images")}
    assert listed == {identity for identity in rows if identity.startswith("volumes/")}
    assert not [row for row in rows.values() if row["orphan"]]
    volumes = {row["id"] for row in lab.get("volumes")}
    assert {row["volume"] for row in rows.values() if row["pool"] == "volumes"} <= volumes


def test_a_read_costs_milliseconds(lab: RealLab, monkeypatch: pytest.MonkeyPatch) -> None:
    environ = lab.environment()
    connections = Connections(load_site("lab", "", environ))
    try:
        items(connections, "osds")
        took = []
        for _ in range(30):
            began = time.perf_counter()
            items(connections, "health")
            took.append(time.perf_counter() - began)
        print(f"median {statistics.median(took) * 1000:.1f} ms")
        began = time.perf_counter()
        lab.on("ceph01", "ceph -f json health detail")
        own = time.perf_counter() - began
        assert statistics.median(took) < own / 5, "far below a process of its own"
    finally:
        connections.close()


# -- broken (more faults are compared with the simulator, kind by kind, in test_faults_real.py)


def test_an_osd_that_is_killed(lab: RealLab) -> None:
    with lab.broken("ceph-osd-down", host="ceph03"):
        row = until(lambda: lab.row("osds", "osd.2"), lambda row: row["up"] is False)
        assert (row["health"], row["host"], row["in_cluster"]) == ("critical", "ceph03", True)
        assert "still in: its data has a copy less" in row["reason"]
        until(lambda: codes(lab), lambda found: {"OSD_DOWN", "PG_DEGRADED"} <= set(found))
        # For a moment they peer, and clients wait; then they serve with a copy less.
        groups = until(lambda: lab.get("pgs"), lambda rows: {row["health"] for row in rows} == {"warning"}, 60)
        assert not [row for row in groups if "osd.2" in str(row["acting"])]
        line = next(line for line in lab.nephoscope("health").stdout.splitlines() if " ceph " in line)
        assert line.startswith("▲")
        assert "2 of 3 OSDs up" in line
    until(lambda: codes(lab), lambda found: found == {}, 120)
    until(lambda: lab.get("pgs"), lambda rows: rows == [], 120)


def test_a_lost_quorum_is_told_by_the_monitors_and_nobody_is_believed(lab: RealLab) -> None:
    with lab.broken("ceph-quorum-lost"):
        rows = until(
            lambda: {row["name"]: row for row in lab.get("mons")},
            lambda found: sum(1 for row in found.values() if row["health"] == "critical") == 3,
        )
        states = sorted(row["state"] for row in rows.values())
        assert states[:2] == ["down", "down"]
        assert states[2] in ("electing", "probing")
        done = lab.nephoscope("get", "ceph-health-checks")
        assert done.returncode == 69
        assert "the monitors have no quorum" in done.stderr
        line = next(line for line in lab.nephoscope("health").stdout.splitlines() if " ceph " in line)
        assert line.startswith("✖")
        assert "0 of 3 mons in quorum" in line
        assert "HEALTH_OK" not in line
    until(lambda: {row["health"] for row in lab.get("mons")}, lambda levels: levels == {"ok"}, 120)
    until(lambda: codes(lab), lambda found: found == {}, 180)


@pytest.mark.long
def test_without_a_manager_nobody_waits(lab: RealLab) -> None:
    with lab.broken("ceph-mgr-down"):
        row = until(lambda: lab.get("mgrs")[0], lambda row: row["health"] == "critical", 90)
        assert row["role"] == "missing"
        began = time.monotonic()
        rows = lab.get("osds")
        assert time.monotonic() - began < 15
        assert {row["trouble"] for row in rows} == {"no manager is active"}
        assert {row["up"] for row in rows} == {True}
        assert "no manager is active" in lab.nephoscope("get", "pgs").stderr
        until(lambda: codes(lab), lambda found: found.get("MGR_DOWN") == "critical", 90)
    until(lambda: codes(lab), lambda found: found == {}, 120)
    until(lambda: {row["health"] for row in lab.get("mgrs")}, lambda levels: levels == {"ok"}, 120)
