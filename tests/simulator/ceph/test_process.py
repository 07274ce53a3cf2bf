"""The cluster of a running simulator, met by real clients: ssh, and Python's own TLS with the state folder's files."""

from __future__ import annotations

import json
import ssl
import subprocess
import tomllib
import urllib.request
from collections.abc import Iterator

import pytest

from tests.ground import Ground, simulator


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    """A simulator of these tests alone: what they break would confuse others."""
    with simulator(tmp_path_factory.mktemp("ceph") / "state", "--computes", "1", "--servers", "4") as ground:
        yield ground


def on(ground: Ground, host: str, line: str) -> subprocess.CompletedProcess[str]:
    command = ["ssh", "-F", str(ground.state / "ssh_config"), host, line]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def dashboard(ground: Ground, path: str, body: object = None, token: str = "") -> tuple[str, object]:
    """The URL that answered in the end, and what it said; from the settings that a client gets."""
    site = tomllib.loads((ground.state / "nephoscope.toml").read_text())["site"]["simulator/RegionOne"]["ceph"][
        "dashboard"
    ]
    context = ssl.create_default_context(cafile=str(ground.state / site["ca"]))
    headers = {"Accept": "application/vnd.ceph.api.v1.0+json", "Content-Type": "application/json"}
    headers |= {"Authorization": f"Bearer {token}"} if token else {}
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(site["urls"][0] + path, data, headers)
    with urllib.request.urlopen(request, timeout=20, context=context) as reply:
        return reply.url, json.loads(reply.read())


def test_the_state_folder_is_enough_for_a_client(own: Ground) -> None:
    ceph = tomllib.loads((own.state / "nephoscope.toml").read_text())["site"]["simulator/RegionOne"]["ceph"]
    assert ceph["mons"] == ["ceph01", "ceph02", "ceph03"]
    assert ceph["user"] == ceph["dashboard"]["user"] == "viewer"
    assert ceph["dashboard"]["password"] == {"file": "ceph.secret"}
    secret = (own.state / "ceph.secret").read_text().strip()
    _, signed = dashboard(own, "/api/auth", {"username": "viewer", "password": secret})
    assert isinstance(signed, dict)
    _, summary = dashboard(own, "/api/summary", token=signed["token"])
    assert isinstance(summary, dict)
    assert summary["health_status"] == "HEALTH_OK"
    fsid = on(own, "ceph01", "ceph --id viewer fsid").stdout.strip()
    assert f"fsid = {fsid}\n" in (own.state / "ceph.conf").read_text()
    assert on(own, "ceph03", "cat /etc/ceph/ceph.conf").stdout.startswith(f"[global]\nfsid = {fsid}\n")


def test_the_file_modes_keep_the_password(own: Ground) -> None:
    for name in ("ceph.secret", "ceph.conf", "ca.pem"):
        assert (own.state / name).stat().st_mode & 0o777 == 0o600
    assert "PRIVATE KEY" not in (own.state / "ca.pem").read_text()


def test_without_quorum_a_command_waits_and_what_came_before_is_said(own: Ground) -> None:
    made = own.inject("ceph-quorum-lost")
    try:
        own.ask("clock", advance=15)
        line = "echo before; sudo -n ceph --connect-timeout 1 -s; echo $?; sudo -n timeout 1 ceph -s; echo $?"
        done = on(own, "ceph01", line)
        assert (done.stdout, done.stderr) == ("before\n1\n124\n", "timed out\n")
        command = ["ssh", "-F", str(own.state / "ssh_config"), "ceph01", "ceph --id viewer -s"]
        with pytest.raises(subprocess.TimeoutExpired):
            subprocess.run(command, capture_output=True, timeout=1.5, check=False)
        said = on(own, "ceph01", "sudo -n ceph daemon mon.ceph01 mon_status")
        assert json.loads(said.stdout)["state"] == "probing"
    finally:
        own.ask("undo", id=made)
        own.ask("clock", advance=10)
    assert on(own, "ceph01", "ceph --id viewer health").stdout == "HEALTH_OK\n"


def test_a_command_in_a_script_waits_too(own: Ground) -> None:
    made = own.inject("ceph-mgr-down")
    try:
        script = "echo one\ntimeout 0.3 ceph --id viewer osd df\necho $?\n"
        command = ["ssh", "-F", str(own.state / "ssh_config"), "ceph02"]
        done = subprocess.run(command, input=script, capture_output=True, text=True, timeout=60, check=False)
        assert done.stdout == "one\n124\n"
    finally:
        own.ask("undo", id=made)
        own.ask("clock", advance=40)


def test_a_fault_and_its_repair_over_the_wire(own: Ground) -> None:
    own.inject("ceph-osd-down", host="ceph02")
    own.ask("clock", advance=10)
    found = json.loads(on(own, "ceph01", "ceph --id viewer health detail -f json").stdout)
    assert set(found["checks"]) == {"OSD_DOWN", "PG_DEGRADED"}
    assert on(own, "ceph02", "systemctl is-active ceph-osd@3").stdout == "failed\n"
    assert on(own, "ceph02", "sudo -n systemctl start ceph-osd@3").returncode == 0
    own.ask("clock", advance=10)
    assert on(own, "ceph01", "ceph --id viewer health").stdout == "HEALTH_OK\n"
    own.ask("undo")


def test_a_reset_keeps_tokens(own: Ground) -> None:
    secret = (own.state / "ceph.secret").read_text().strip()
    _, signed = dashboard(own, "/api/auth", {"username": "viewer", "password": secret})
    assert isinstance(signed, dict)
    on(own, "ceph01", "sudo -n ceph osd set noout")
    own.ask("reset")
    _, summary = dashboard(own, "/api/summary", token=signed["token"])
    assert isinstance(summary, dict)
    assert summary["health_status"] == "HEALTH_OK"
