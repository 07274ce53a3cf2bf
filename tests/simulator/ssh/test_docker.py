"""docker and podman: what the real clients print for such containers, and what starting and stopping changes."""

from __future__ import annotations

import json

import pytest

from runbooks.simulator.model.cloud import Cloud
from runbooks.simulator.ssh.containers import human_duration
from tests.simulator.ssh.conftest import NOW, Run
from tests.simulator.ssh.test_recorded import recorded

DOCKER = recorded("containers", "docker-ps-json")[1]
"""Printed by docker 28.2.2."""
PODMAN = json.loads("\n".join(recorded("containers", "podman-ps-json")[1]))
"""Printed by podman 4.3.1."""


def _rows(text: str) -> dict[str, dict[str, str]]:
    return {row["Names"]: row for row in map(json.loads, text.splitlines())}


def _state(cloud: Cloud, unit: str) -> str:
    return cloud.hosts["ctl01"].units[unit].state


def test_json_lines_have_dockers_keys(run: Run, cloud: Cloud) -> None:
    found = run("docker ps -a --format '{{json .}}'")
    rows = _rows(found.out)
    assert {tuple(row) for row in rows.values()} == {tuple(json.loads(line)) for line in DOCKER}
    assert set(rows) == {unit.name for unit in cloud.hosts["ctl01"].units.values() if unit.engine == "docker"}
    row = rows["nova_api"]
    assert row["Image"] == "quay.io/openstack.kolla/nova-api:2025.1-debian-bookworm"
    assert (row["State"], row["Command"], row["Size"]) == ("running", '"dumb-init --single-…"', "0B")
    assert row["Status"].startswith("Up ")
    assert row["Status"].endswith("(healthy)")
    assert run("docker ps -a --format json").out == found.out


def test_the_table_is_dockers(run: Run) -> None:
    lines = run("docker ps -a").out.splitlines()
    assert lines[0].split("  ")[0] == "CONTAINER ID"
    starts = [lines[0].index(title) for title in ("IMAGE", "COMMAND", "CREATED", "STATUS", "PORTS", "NAMES")]
    assert starts[5] - starts[4] == 10  # a column is never narrower than ten
    assert all(line[start - 1] == " " and line[start] != " " for line in lines for start in (*starts[:4], starts[5]))
    assert [line[starts[5] :] for line in lines[1:]] == run("docker ps -a --format '{{.Names}}'").out.splitlines()


def test_a_stopped_container_says_how_it_ended(run: Run, cloud: Cloud) -> None:
    cloud.hosts.set_unit("ctl01", "nova_api", "failed", NOW - 240, 137)
    assert "nova_api" not in _rows(run("docker ps --format json").out)
    row = _rows(run("docker ps -a --format json").out)["nova_api"]
    assert (row["State"], row["Status"]) == ("exited", "Exited (137) 4 minutes ago")
    state = json.loads(run("docker inspect nova_api").out)[0]["State"]
    assert (state["Status"], state["Running"], state["ExitCode"], state["Pid"]) == ("exited", False, 137, 0)
    assert state["FinishedAt"] == "2026-11-20T22:38:16.250000000Z"


def test_a_frozen_container_is_unhealthy(run: Run, cloud: Cloud) -> None:
    cloud.hosts.set_unit("ctl01", "nova_api", "hung", NOW - 60)
    assert _rows(run("docker ps --format json").out)["nova_api"]["Status"] == "Up About a minute (unhealthy)"
    assert run("docker inspect -f '{{.State.Health.Status}}' nova_api").out == "unhealthy\n"


def test_stop_and_start_change_the_model_and_are_noted(run: Run, cloud: Cloud) -> None:
    assert run("docker stop nova_api memcached").out == "nova_api\nmemcached\n"
    units = cloud.hosts["ctl01"].units
    assert (units["nova_api"].state, units["memcached"].state, units["nova_api"].since) == ("stopped", "stopped", NOW)
    assert run("docker start nova_api").status == 0
    assert units["nova_api"].state == "running"
    assert [(write.system, write.what, write.by) for write in cloud.writes] == [
        ("ssh:ctl01", "docker stop nova_api", "kolla"),
        ("ssh:ctl01", "docker stop memcached", "kolla"),
        ("ssh:ctl01", "docker start nova_api", "kolla"),
    ]


def test_stopping_tells_the_rest_of_the_cloud(run: Run, cloud: Cloud) -> None:
    told: list[str] = []
    cloud.changed.append(lambda: told.append("settled"))
    run("docker restart nova_compute", host="cmp01")
    assert told == ["settled", "settled"], "when it ends, and when it runs again"
    assert cloud.hosts["cmp01"].units["nova_compute"].state == "running"


@pytest.mark.parametrize(
    ("line", "err", "status"),
    [
        ("docker stop nope", "Error response from daemon: No such container: nope\n", 1),
        ("docker logs nope", "Error response from daemon: No such container: nope\n", 1),
        ("docker inspect nope", "Error: No such object: nope\n", 1),
        ("docker frob", "docker: unknown command: docker frob\n\nRun 'docker --help' for more information\n", 1),
        (
            "docker ps --frob",
            "unknown flag: --frob\n\nUsage:  docker ps [OPTIONS]\n\nRun 'docker ps --help' for more information\n",
            125,
        ),
        (
            "docker stop",
            "docker: 'docker stop' requires at least 1 argument\n\n"
            "Usage:  docker stop [OPTIONS] CONTAINER [CONTAINER...]\n\nSee 'docker stop --help' for more information\n",
            1,
        ),
    ],
)
def test_complaints_are_dockers(run: Run, line: str, err: str, status: int) -> None:
    found = run(line)
    assert (found.err, found.status) == (err, status)


def test_without_the_group_the_engine_refuses(run: Run) -> None:
    found = run("docker ps", user="guest")
    assert found.status == 1
    assert found.err.startswith("permission denied while trying to connect to the Docker daemon socket at unix:///")


def test_without_the_engine_nothing_is_listed_and_its_containers_are_down(run: Run, cloud: Cloud) -> None:
    assert run("sudo -n systemctl stop docker").status == 0
    assert run("docker ps").err == (
        "Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?\n"
    )
    assert _state(cloud, "nova_api") == "stopped"
    run("sudo -n systemctl start docker")
    assert _state(cloud, "nova_api") == "running"


def test_each_engine_is_only_where_it_is_used(run: Run) -> None:
    assert run("docker ps", host="ceph01").status == 127
    assert run("podman ps", host="ctl01").status == 127


def test_podman_lists_cephs_daemons_for_root_only(run: Run, cloud: Cloud) -> None:
    assert json.loads(run("podman ps -a --format json", host="ceph01").out) == []
    rows = json.loads(run("sudo -n podman ps -a --format json", host="ceph01").out)
    assert "ceph-mon-ceph01" in [row["Names"][0] for row in rows]
    assert {row["State"] for row in rows} == {"running"}
    assert {tuple(row) for row in rows} == {tuple(PODMAN[0])}
    assert run("sudo -n podman stop ceph-mon-ceph01", host="ceph01").status == 0
    left = json.loads(run("sudo -n podman ps -a --format json", host="ceph01").out)
    assert "ceph-mon-ceph01" not in [row["Names"][0] for row in left]  # they run with --rm
    assert run("systemctl is-active ceph-mon@ceph01", host="ceph01").out == "inactive\n"


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.4, "Less than a second"), (1, "1 second"), (59, "59 seconds"), (60, "About a minute"), (150, "2 minutes"),
     (3600, "About an hour"), (7200, "2 hours"), (47 * 3600, "47 hours"), (3 * 86400, "3 days"),
     (13 * 86400, "13 days"), (36 * 86400, "5 weeks"), (100 * 86400, "3 months"), (800 * 86400, "2 years")],
)  # fmt: skip
def test_durations_are_in_the_engines_words(seconds: float, words: str) -> None:
    assert human_duration(seconds) == words


@pytest.mark.parametrize(
    ("line", "err"),
    [
        ("podman ps --frob", "Error: unknown flag: --frob\nSee 'podman ps --help'\n"),
        ("podman inspect nope", 'Error: inspecting object: no such object: "nope"\n'),
        ("podman stop nope", 'Error: no container with name or ID "nope" found: no such container\n'),
        ("podman frob", "Error: unrecognized command `podman frob`\nTry 'podman --help' for more information\n"),
    ],
)
def test_complaints_are_podmans(run: Run, line: str, err: str) -> None:
    found = run(line, host="ceph01", user="root")
    assert (found.err, found.status) == (err, 125)


def test_programs_run_in_containers(run: Run, cloud: Cloud) -> None:
    name = next(line for line in run("sudo -n podman ps --format '{{.Names}}'", host="ceph01").out.split())
    assert run(f"sudo -n podman exec {name} hostname", host="ceph01").out == "ceph01\n"
    gone = run("sudo -n podman exec openvswitch_vswitchd ovs-vsctl show", host="ceph01")
    assert (gone.status, gone.err) == (
        125, 'Error: no container with name or ID "openvswitch_vswitchd" found: no such container\n',
    )  # fmt: skip
    inside = run("docker exec openvswitch_vswitchd ovs-vsctl list-br", host="cmp01")
    assert inside.out == run("ovs-vsctl list-br", host="cmp01", user="root").out == "br-int\nbr-tun\n"
    assert run("docker exec openvswitch_vswitchd ovs-vsctl list-br").err == (
        "Error response from daemon: No such container: openvswitch_vswitchd\n"
    )
