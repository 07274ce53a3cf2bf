"""`nephoscope logs`, `search` and `shell` on the simulator, as they are typed."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.ground import Ground, simulator
from tests.ground import ground as ground
from tests.lab.told import rows_of
from tests.terminal import Terminal

COMMAND = str(Path(sys.executable).with_name("nephoscope"))
pytestmark = pytest.mark.timeout(120)


@pytest.fixture
def own_ground(tmp_path: Path) -> Iterator[Ground]:
    """A simulator that a test may break."""
    with simulator(tmp_path / "state", "--computes", "2") as found:
        yield found


def run(ground: Ground, *words: str, code: int = 0, **environ: str) -> subprocess.CompletedProcess[str]:
    found = subprocess.run(
        [COMMAND, *words], env=ground.environment() | environ, capture_output=True, text=True, timeout=90, check=False
    )
    assert found.returncode == code, found.stderr
    return found


def test_logs_as_a_table_say_where_they_were_read(ground: Ground) -> None:
    found = run(ground, "logs", "nova-compute", "host=cmp0[12]", "--since", "10m")
    head, *lines = found.stdout.splitlines()
    assert head.split() == ["TIME", "(UTC)", "HOST", "SERVICE", "LEVEL", "MESSAGE"]
    assert {line.split()[1] for line in lines} == {"cmp01", "cmp02"}
    assert [line.split()[0] for line in lines] == sorted(line.split()[0] for line in lines)
    assert "/var/log/kolla/nova/nova-compute.log (cmp01, cmp02)" in found.stderr


def test_logs_as_json_have_the_keys_of_data_formats(ground: Ground) -> None:
    found = json.loads(run(ground, "logs", "nova-compute", "--since", "5m", "-o", "json", "--grep", "used_ram").stdout)
    assert found
    assert {
        "id",
        "health",
        "reason",
        "cloud",
        "region",
        "time",
        "host",
        "service",
        "level",
        "message",
        "source",
    } <= set(found[0])
    assert len({row["id"] for row in found}) == len(found)
    assert all(row["time"].endswith("Z") for row in found)
    assert run(ground, "logs", "nova-compute", "--level", "error").stdout == ""


def test_what_is_wrong_is_said(ground: Ground) -> None:
    assert "no host has such a service" in run(ground, "logs", "nova-conpute", code=66).stderr
    assert "is no level" in run(ground, "logs", "nova-api", "--level", "loud", code=64).stderr
    assert "neither an age nor a time" in run(ground, "logs", "nova-api", "--since", "soon", code=64).stderr
    assert "has no column" in run(ground, "logs", "nova-api", "colour=red", code=64).stderr
    assert "is no id" in run(ground, "search", "req", code=64).stderr


def test_following_ends_with_the_time_limit(ground: Ground) -> None:
    found = run(ground, "--timeout", "3", "logs", "nova-compute", "-f", "--since", "10m", "-o", "json")
    rows = [json.loads(line) for line in found.stdout.splitlines()]
    assert {row["host"] for row in rows} >= {"cmp01", "cmp02"}


def test_the_request_of_an_action_is_found(ground: Ground) -> None:
    servers = json.loads(run(ground, "get", "servers", "-o", "json", "--columns", "id,status").stdout)
    server = next(row["id"] for row in servers if row["status"] == "ACTIVE")
    client = str(Path(COMMAND).with_name("openstack"))
    subprocess.run([client, "server", "reboot", server], env=ground.environment(), check=True, timeout=60)
    actions = json.loads(run(ground, "get", "server-actions", f"server={server}", "-o", "json").stdout)
    request = max(actions, key=lambda row: row["start_time"])["request_id"]
    lines = json.loads(run(ground, "search", request, "--since", "1d", "-o", "json").stdout)
    assert {"nova-api", "nova-compute"} <= {row["service"] for row in lines}
    assert all(row["request_id"] == request for row in lines)


def test_a_shell_opens_on_a_terminal_and_ends(ground: Ground) -> None:
    with Terminal([COMMAND, "shell", "ctl01"], ground.environment()) as terminal:
        terminal.until(lambda: terminal.shows("kolla@ctl01"), 20)
        terminal.press("hostname; exit\r", 0.3)
        terminal.until(lambda: terminal.shows("logout"), 10)


def test_a_shell_inside_a_namespace(ground: Ground) -> None:
    name = next(row["name"] for row in rows_of(ground, "namespaces", "host=net01"))
    with Terminal([COMMAND, "shell", "net01", str(name)], ground.environment()) as terminal:
        terminal.until(lambda: terminal.shows("root@net01"), 20)
        terminal.press("ip -br addr\r", 0.3)
        terminal.until(lambda: terminal.shows("tap"), 10)
        terminal.press("exit\r", 0.3)
        terminal.until(lambda: terminal.shows("logout"), 10)


def test_read_only_refuses_a_shell(ground: Ground, tmp_path: Path) -> None:
    assert "a shell could change things" in run(ground, "--read-only", "shell", "ctl01", code=77).stderr
    settings = (ground.state / "nephoscope.toml").read_text()
    protected = ground.state / "protected.toml"
    protected.write_text(settings.replace('protection = "normal"', 'protection = "read-only"'))
    said = run(ground, "shell", "ctl01", code=77, NEPHOSCOPE_CONFIG=str(protected)).stderr
    assert 'protection = "read-only"' in said
    assert "ctl09 is no host" in run(ground, "shell", "ctl09", code=64).stderr


def test_the_console_lends_its_screen_to_a_shell_and_gets_it_back(ground: Ground, tmp_path: Path) -> None:
    environ = ground.environment() | {"TERM": "xterm-256color", "LANG": "C.UTF-8", "XDG_STATE_HOME": str(tmp_path)}
    with Terminal([COMMAND], environ) as terminal:
        terminal.until(lambda: terminal.shows("compute services up"), 30)
        terminal.press(":hosts host=ctl01\r", 0.2)
        terminal.until(lambda: terminal.shows("1 of 13") and terminal.shows("1-1 of 1"), 20)
        terminal.press("s", 0.2)
        terminal.until(lambda: terminal.shows("kolla@ctl01"), 20)
        terminal.press("exit\r", 0.2)
        terminal.until(lambda: terminal.shows("back from ctl01") and terminal.text[1].startswith("hosts"), 20)


def preferring(ground: Ground, folder: Path) -> str:
    """The same site, where Loki is asked first."""
    text = (ground.state / "nephoscope.toml").read_text().replace('tenant = "cloud"', 'tenant = "cloud"\nprefer = true')
    (ground.state / f"prefer-{folder.name}.toml").write_text(text)
    return str(ground.state / f"prefer-{folder.name}.toml")


def test_loki_first_where_the_site_prefers_it(ground: Ground, tmp_path: Path) -> None:
    config = preferring(ground, tmp_path)
    by_hosts = json.loads(run(ground, "logs", "nova-compute", "host=cmp01", "--since", "5m", "-o", "json").stdout)
    found = run(ground, "logs", "nova-compute", "host=cmp01", "--since", "5m", "-o", "json", NEPHOSCOPE_CONFIG=config)
    central = json.loads(found.stdout)
    assert "lines from loki (cmp01)" in found.stderr
    assert {row["source"] for row in central} == {"loki"}

    def said(rows: list[dict[str, object]]) -> set[object]:
        return {row["message"] for row in rows if row["level"] == "info"}

    assert said(central) & said(by_hosts)
    request = next(row["request_id"] for row in central if row["request_id"])
    found = run(ground, "search", request, NEPHOSCOPE_CONFIG=config)
    assert request in found.stdout or "cmp01" in found.stdout
    assert "loki (" in found.stderr
    assert "no host has such a service" in run(ground, "logs", "nova-conpute", code=66, NEPHOSCOPE_CONFIG=config).stderr


def test_loki_stands_in_for_a_host_that_cannot_be_reached(own_ground: Ground, tmp_path: Path) -> None:
    ground = own_ground
    ground.inject("host-down", host="cmp02")
    found = run(ground, "logs", "nova-compute", "--since", "10m")
    assert {line.split()[1] for line in found.stdout.splitlines()[1:]} == {"cmp01", "cmp02"}
    assert "loki, since SSH says: no answer to the connection attempt (cmp02)" in found.stderr
    assert "/var/log/kolla/nova/nova-compute.log (cmp01)" in found.stderr
    # Without Loki the host's own words are left, and preferring it falls back on the hosts.
    ground.inject("unit-killed", host="mon01", unit="loki")
    found = run(ground, "logs", "nova-compute", "--since", "10m", code=75)
    assert "cmp02" in found.stderr
    assert "loki at" in found.stderr
    found = run(
        ground,
        "logs",
        "nova-compute",
        "host=cmp01",
        "--since",
        "10m",
        code=75,
        NEPHOSCOPE_CONFIG=preferring(ground, tmp_path),
    )
    assert {line.split()[1] for line in found.stdout.splitlines()[1:]} == {"cmp01"}
    assert "loki at" in found.stderr
