"""The simulator as a process: its ready line, its state folder, its control socket, its end."""

from __future__ import annotations

import json
import socket
import stat
import subprocess
import sys
import time
import tomllib
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from tests.ground import ROOT, Ground, simulator


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    """A simulator of these tests alone: they break and reset it."""
    with simulator(tmp_path_factory.mktemp("own") / "state", "--seed", "7") as found:
        yield found


def get(url: str, **headers: str) -> tuple[int, bytes]:
    request = urllib.request.Request(url, headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=5) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read()


def token(ground: Ground) -> str:
    auth = yaml.safe_load((ground.state / "clouds.yaml").read_text())["clouds"]["simulator"]["auth"]
    user = {"name": auth["username"], "domain": {"name": "Default"}, "password": auth["password"]}
    scope = {"project": {"name": "admin", "domain": {"name": "Default"}}}
    body = {"auth": {"identity": {"methods": ["password"], "password": {"user": user}}, "scope": scope}}
    request = urllib.request.Request(auth["auth_url"] + "/auth/tokens", json.dumps(body).encode(), method="POST")
    with urllib.request.urlopen(request, timeout=5) as answer:
        return str(answer.headers["X-Subject-Token"])


def services(ground: Ground, token_id: str) -> dict[str, str]:
    url = f"http://{ground.vip}:8774/v2.1/os-services"
    status, body = get(url, **{"X-Auth-Token": token_id, "OpenStack-API-Version": "compute 2.96"})
    assert status == 200
    return {f"{each['binary']}@{each['host']}": each["state"] for each in json.loads(body)["services"]}


def test_everything_in_the_folder_is_ours_alone(own: Ground) -> None:
    assert stat.S_IMODE(own.state.stat().st_mode) == 0o700
    names = {path.name for path in own.state.iterdir()}
    assert names == {
        "clouds.yaml", "nephoscope.toml", "ssh_config", "known_hosts", "id_ed25519", "id_ed25519.pub", "galera.secret",
        "allowed_signers", "colleague_ed25519",
        "rabbitmq.secret", "ca.pem", "my.cnf", "rabbitmqadmin.conf", "pid", "ground.json", "control.sock",
        "ceph.conf", "ceph.secret", "haproxy.secret", "prometheus.secret",
        "galera-operator.secret", "rabbitmq-operator.secret",
    }  # fmt: skip
    assert {stat.S_IMODE(path.stat().st_mode) for path in own.state.iterdir()} == {0o600}
    assert int((own.state / "pid").read_text()) == own.pid
    assert json.loads((own.state / "ground.json").read_text())["kind"] == "simulator"


def test_the_sites_file_names_hosts_and_systems_and_no_secret(own: Ground) -> None:
    text = (own.state / "nephoscope.toml").read_text()
    sites = tomllib.loads(text)["site"]
    site = sites["simulator"]
    assert site["hosts"]["ctl01"] == {"address": f"127.77.{own.net}.11", "roles": ["control"]}
    assert len(site["hosts"]) == 13
    assert [each["host"] for each in site["galera"]["members"]] == ["ctl01", "ctl02", "ctl03"]
    assert site["rabbitmq"]["nodes"][0]["url"] == f"http://127.77.{own.net}.11:15672"
    assert set(sites["simulator/RegionTwo"]["hosts"]) == {"r2ctl01", "r2cmp01", "r2cmp02"}
    for name in ("galera.secret", "rabbitmq.secret"):
        assert (own.state / name).read_text().strip() not in text


def test_the_control_socket_lists_and_refuses(own: Ground) -> None:
    faults = own.ask("faults")
    assert faults["host-down"]["parameters"]["host"]["type"] == "host"
    with pytest.raises(ValueError, match="no fault is called 'x'"):
        own.inject("x")
    with pytest.raises(ValueError, match="no command is called 'sing'"):
        own.ask("sing")
    with pytest.raises(ValueError, match="the clock only moves forward"):
        own.ask("clock", advance=-5)


def test_lines_that_are_no_requests_are_answered(own: Ground) -> None:
    with socket.socket(socket.AF_UNIX) as control, control.makefile("rwb") as stream:
        control.connect(str(own.state / "control.sock"))
        for line in (b"nonsense\n", b"[1]\n", b'{"command": 5}\n', b"\xff\n"):
            stream.write(line)
            stream.flush()
            answer = json.loads(stream.readline())
            assert answer["ok"] is False
            assert answer["error"].startswith("not a request")


def test_a_fault_shows_over_the_wire_and_goes_again(own: Ground) -> None:
    token_id = token(own)
    fault = own.inject("compute-service-dead", host="cmp02")
    own.ask("clock", advance=75)
    assert {key for key, state in services(own, token_id).items() if state == "down"} == {"nova-compute@cmp02"}
    assert [each["fault"] for each in own.ask("active")] == ["compute-service-dead"]
    own.ask("undo", id=fault)
    own.ask("clock", advance=15)
    assert set(services(own, token_id).values()) == {"up"}


def test_a_dead_endpoint_refuses_as_soon_as_the_reply_is_there(own: Ground) -> None:
    own.inject("endpoint-dead", service="nova", interface="public")
    with pytest.raises(urllib.error.URLError):
        get(f"http://{own.vip}:8774/")
    assert get(f"http://127.77.{own.net}.9:8774/")[0] == 200
    own.ask("undo")
    assert get(f"http://{own.vip}:8774/")[0] == 200


def test_writes_are_listed_without_secrets(own: Ground) -> None:
    count = len(own.ask("writes"))
    token_id = token(own)
    request = urllib.request.Request(
        f"http://{own.vip}:8774/v2.1/os-aggregates",
        b'{"aggregate": {"name": "one"}}',
        {"X-Auth-Token": token_id},
        method="POST",
    )
    with urllib.request.urlopen(request, timeout=5) as answer:
        assert answer.status == 200
    new = own.ask("writes", since=count)
    assert [(each["system"], each["what"], each["by"], each["status"]) for each in new] == [
        ("nova", "POST /v2.1/os-aggregates", "admin", "200")
    ]
    assert token_id not in json.dumps(own.ask("writes"))


def test_reset_brings_everything_back_and_keeps_tokens(own: Ground) -> None:
    token_id = token(own)
    own.inject("host-down", host="ctl03")
    own.inject("api-500", service="keystone")
    own.ask("reset")
    assert own.ask("active") == []
    assert own.ask("writes") == []
    assert set(services(own, token_id).values()) == {"up"}
    assert get(f"http://127.77.{own.net}.13:8774/")[0] == 200


def test_the_second_region_answers_for_itself(own: Ground) -> None:
    url = f"http://127.77.{own.net}.5:8774/v2.1/os-services"
    status, body = get(url, **{"X-Auth-Token": token(own)})
    assert status == 200
    assert {each["host"] for each in json.loads(body)["services"]} == {"r2ctl01", "r2cmp01", "r2cmp02"}


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "runbooks.simulator", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=30, check=False)


def test_a_second_run_in_the_same_folder_is_refused(own: Ground) -> None:
    found = run("up", "--state", str(own.state))
    assert found.returncode == 78
    assert f"already runs in {own.state}" in found.stderr


def test_a_network_in_use_is_refused(own: Ground, tmp_path: Path) -> None:
    found = run("up", "--state", str(tmp_path / "s"), "--net", str(own.net))
    assert found.returncode == 69
    assert f"127.77.{own.net}.0/24 is in use" in found.stderr
    assert not (tmp_path / "s").exists()


def test_a_folder_with_other_things_is_refused(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("all my work")
    found = run("up", "--state", str(tmp_path))
    assert found.returncode == 78
    assert "is not empty" in found.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


@pytest.mark.parametrize("wrong", [["--computes", "0"], ["--servers", "-1"], ["--net", "300"], ["--computes", "x"], []])
def test_wrong_arguments_are_refused(tmp_path: Path, wrong: list[str]) -> None:
    found = run("up", *(["--state", str(tmp_path / "s"), *wrong] if wrong else []))
    assert found.returncode == 64
    assert "error:" in found.stderr


def test_it_stops_when_told_and_leaves_no_traces_of_running(tmp_path: Path) -> None:
    state = tmp_path / "state"
    with simulator(state, "--computes", "1", "--servers", "0") as found:
        first = (state / "galera.secret").read_text()
        found.ask("stop")
        end = time.monotonic() + 10
        while (state / "pid").exists() and time.monotonic() < end:
            time.sleep(0.02)
        assert not (state / "control.sock").exists()
        assert not (state / "pid").exists()
    with simulator(state, "--computes", "1", "--servers", "0"):  # the folder can be used again, with new passwords
        assert (state / "galera.secret").read_text() != first


def test_the_same_seed_makes_the_same_ids_and_other_passwords(own: Ground, tmp_path: Path) -> None:
    def ids(ground: Ground) -> set[str]:
        url = f"http://{ground.vip}:8774/v2.1/servers?all_tenants=1"
        return {each["id"] for each in json.loads(get(url, **{"X-Auth-Token": token(ground)})[1])["servers"]}

    with simulator(tmp_path / "same", "--seed", "7") as same, simulator(tmp_path / "other", "--seed", "8") as other:
        assert ids(same) == ids(own)
        assert not ids(other) & ids(own)
        assert (same.state / "id_ed25519").read_text() != (own.state / "id_ed25519").read_text()
        assert len({same.net, other.net, own.net}) == 3


def test_it_is_up_in_two_seconds_and_small(tmp_path: Path) -> None:
    began = time.monotonic()
    with simulator(tmp_path / "state") as found:
        took = time.monotonic() - began
        status = Path(f"/proc/{found.pid}/status").read_text()
        resident = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM"))
    assert resident < 200_000, f"{resident} kB"
    assert took < 8.0, f"{took:.1f} s"  # 2 s are promised on a quiet machine; make bench measures that


@pytest.mark.parametrize("computes", [300])
def test_more_computes_than_loopback_addresses(tmp_path: Path, computes: int) -> None:
    with simulator(tmp_path / "state", "--computes", str(computes), "--servers", "2000") as found:
        site = tomllib.loads((found.state / "nephoscope.toml").read_text())["site"]["simulator"]
        assert site["hosts"]["cmp[01:99]"]["address"] == f"127.77.{found.net}.[20:118]"
        assert site["hosts"]["cmp[100:230]"]["address"] == f"127.77.{found.net}.[119:249]"
        assert site["hosts"]["cmp[231:300]"]["address"] == "10.77.0.[1:70]"
        states = services(found, token(found))
    assert len(states) == 306
    assert set(states.values()) == {"up"}
