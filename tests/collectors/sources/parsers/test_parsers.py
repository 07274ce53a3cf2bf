"""Parsers against what commands printed on real hosts, and against output that is not theirs."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from collectors.sources.entries import entries, line_parser, parser
from collectors.sources.parsers import disks, docker, podman, proc, services, text

_RECORDINGS = Path(__file__).parents[3] / "wire" / "hosts"
HOSTS = ("ctl01", "cmp02")


def recorded(host: str, name: str) -> bytes:
    """What the command printed: the recording without its first and last line."""
    lines = (_RECORDINGS / host / f"{name}.txt").read_bytes().splitlines(keepends=True)
    return b"".join(lines[1:-1])


@pytest.mark.parametrize("host", HOSTS)
def test_load(host: str) -> None:
    assert proc.load(recorded(host, "loadavg")) == {"load_1": 0.37, "load_5": 1.03, "load_15": 1.81}


def test_memory() -> None:
    output = (
        b"MemTotal:       24684084 kB\nMemFree:               1 kB\nMemAvailable:   16563516 kB\n"
        b"SwapTotal:             0 kB\nSwapFree:              0 kB\nHugePages_Total:       0\n"
    )
    assert proc.memory(output) == {
        "memory_total": 24684084 * 1024, "memory_available": 16563516 * 1024, "swap_total": 0, "swap_free": 0,
    }  # fmt: skip
    assert "memory_available" not in proc.memory(b"MemTotal: 5 kB\n")


def test_boot_time() -> None:
    assert proc.boot_time(b"btime 1795209334\n") == {"booted": 1795209334}


@pytest.mark.parametrize("host", HOSTS)
def test_os_release(host: str) -> None:
    assert proc.os_release(recorded(host, "os-release")) == {"os": "Debian GNU/Linux 12 (bookworm)"}


def test_os_release_without_a_pretty_name() -> None:
    assert proc.os_release(b"NAME=Alpine\nVERSION='3.20'\n# odd\n\n") == {"os": "Alpine 3.20"}


@pytest.mark.parametrize("host", HOSTS)
def test_disks_leave_out_what_holds_no_data(host: str) -> None:
    found = disks.disks(recorded(host, "df"))["disks"]
    assert [(disk["mount"], disk["type"], disk["share"]) for disk in found] == [("/", "overlay", 27)]
    assert found[0]["size"] == 264212084 * 1024


DF = b"""Filesystem     Type     1024-blocks      Used Available Capacity Mounted on
udev           devtmpfs    16366892         0  16366892       0% /dev
tmpfs          tmpfs        3280488      1640   3278848       1% /run
/dev/sda2      ext4       236000000 230000000         0     100% /
/dev/sda1      vfat          523248      5976    517272       2% /boot/efi
/dev/sdb1      xfs        480000000 170000000 310000000      36% /var/lib/docker
/dev/sdb1      xfs        480000000 170000000 310000000      36% /var/lib/docker/volumes
overlay        overlay    480000000 170000000 310000000      36% /var/lib/docker/overlay2/ab/merged
/dev/my disk   ext4            1000       500       500      50% /mnt/with blanks in it
none           fuse.weird         -         -         -       - /mnt/odd
"""


def test_disks_of_a_container_host() -> None:
    found = {disk["mount"]: disk for disk in disks.disks(DF)["disks"]}
    assert list(found) == ["/", "/boot/efi", "/mnt/with blanks in it", "/var/lib/docker"]
    assert (found["/"]["share"], found["/"]["available"]) == (100, 0)
    assert found["/mnt/with blanks in it"]["device"] == "/dev/my disk"


@pytest.mark.parametrize("host", HOSTS)
def test_services_are_those_that_exist(host: str) -> None:
    output = recorded(host, "systemctl-list-units-json")
    listed = json.loads(output)
    found = services.units(output)
    assert len(found) == sum(unit["load"] != "not-found" for unit in listed)
    ssh = next(unit for unit in found if unit["name"] == "ssh")
    assert ssh == {
        "name": "ssh", "engine": "systemd", "load": "loaded", "state": "active", "detail": "running",
        "description": "OpenBSD Secure Shell server",
    }  # fmt: skip
    assert {unit["load"] for unit in found} == {"loaded", "masked"}


def test_an_odd_unit_does_not_hide_the_others() -> None:
    found = services.units(b'[{"unit": 7}, 5, {"unit":"a.service","load":"loaded"}]')
    assert [("raw" in unit, unit.get("name")) for unit in found] == [(True, None), (True, None), (False, "a")]


def test_properties_of_several_units() -> None:
    found = services.properties(recorded("ctl01", "systemctl-show"))
    assert [unit["name"] for unit in found][:2] == ["mariadb", "rabbitmq-server"]
    assert (found[0]["restarts"], found[0]["result"], found[0]["state"]) == (0, "success", "active")
    output = (
        b"Result=exit-code\nNRestarts=3\nExecMainStatus=1\nId=chrony.service\n"
        b"StateChangeTimestamp=Fri 2026-11-20 22:28:54 UTC\n"
    )
    assert services.properties(output) == [
        {
            "name": "chrony",
            "engine": "systemd",
            "since": 1795213734.0,
            "result": "exit-code",
            "exit_code": 1,
            "restarts": 3,
        }
    ]
    assert services.properties(b"") == []


def test_a_time_in_another_zone_is_not_guessed() -> None:
    assert services.stamp("Fri 2026-11-20 22:28:54 CET") is None
    assert services.stamp("") is None


DOCKER = (
    '{"Command":"\\"dumb-init --single-…\\"","CreatedAt":"2026-10-17 03:01:21 +0000 UTC","ID":"1234567890ab","Image":'
    '"quay.io/openstack.kolla/nova-compute:2025.1-debian-bookworm","Labels":"name=nova_compute","LocalVolumes":"1","Mounts":'
    '"kolla_logs","Names":"%s","Networks":"host","Platform":null,"Ports":"","RunningFor":"5 weeks ago","Size":"0B",'
    '"State":"%s","Status":"%s"}\n'
)
"""As docker 28.2.2 prints it."""


@pytest.mark.parametrize(
    ("state", "status", "health", "code", "seconds"),
    [
        ("running", "Up 5 weeks (healthy)", "healthy", None, 5 * 604800.0),
        ("running", "Up 5 weeks", None, None, 5 * 604800.0),
        ("running", "Up About a minute (health: starting)", "starting", None, 60.0),
        ("running", "Up Less than a second", None, None, 0.0),
        ("running", "Up About an hour (unhealthy)", "unhealthy", None, 3600.0),
        ("paused", "Up 2 hours (Paused)", "paused", None, 7200.0),
        ("exited", "Exited (137) 4 minutes ago", None, 137, 240.0),
        ("exited", "Exited (0) 3 months ago", None, 0, 3 * 2592000.0),
        ("restarting", "Restarting (1) 5 seconds ago", None, 1, 5.0),
        ("created", "Created", None, None, None),
        ("dead", "Dead", None, None, None),
        ("removing", "Removal In Progress", None, None, None),
        ("running", "Hochgefahren seit gestern", None, None, None),
    ],
)
def test_containers_of_docker(
    state: str, status: str, health: str | None, code: int | None, seconds: float | None
) -> None:
    (found,) = docker.containers((DOCKER % ("nova_compute", state, status)).encode())
    assert (found["state"], found["detail"], found["exit_code"], found["age"]) == (state, health, code, seconds)
    assert (found["name"], found["engine"], found["container"]) == ("nova_compute", "docker", "1234567890ab")
    assert found["image"] == "quay.io/openstack.kolla/nova-compute:2025.1-debian-bookworm"


def test_an_odd_line_does_not_hide_the_others() -> None:
    good = DOCKER % ("a,alias/a", "running", "Up 5 weeks")
    found = docker.containers(f"WARNING: something\n{good}\n{{}}\n[1]\n".encode())
    assert [each.get("name") for each in found] == [None, "a", None, None]
    assert found[0] == {"raw": "WARNING: something"}


def test_an_older_docker_has_no_state() -> None:
    assert docker.containers(b'{"Names":"a","Status":"Exited (1) 2 days ago"}')[0]["state"] == "exited"


PODMAN: list[dict[str, Any]] = [
    {"Names": ["ceph-mon"], "State": "running", "StartedAt": 1795000000, "ExitedAt": -62135596800, "ExitCode": 0,
     "Id": "ab" * 32, "Image": "quay.io/ceph/ceph:v18", "IsInfra": False, "Status": "Up 2 days (healthy)"},
    {"Names": ["job"], "State": "exited", "StartedAt": 1795000000, "ExitedAt": 1795000060, "ExitCode": 3,
     "Id": "cd" * 32, "Image": "job", "IsInfra": False, "Status": "Exited (3) 5 minutes ago"},
    {"Names": ["infra"], "State": "running", "IsInfra": True},
]  # fmt: skip


def test_containers_of_podman() -> None:
    found = podman.containers(json.dumps([*PODMAN, 5, {"Names": []}]).encode())
    assert [(c.get("name"), c.get("state"), c.get("detail"), c.get("since"), c.get("exit_code")) for c in found] == [
        ("ceph-mon", "running", "healthy", 1795000000.0, None),
        ("job", "exited", None, 1795000060.0, 3),
        (None, None, None, None, None),
        (None, None, None, None, None),
    ]


@pytest.mark.parametrize("output", [b"", b"[]", b"null\n"])
def test_no_containers_of_podman(output: bytes) -> None:
    assert podman.containers(output) == []


@pytest.mark.parametrize(
    ("output", "clock"),
    [
        (b"1795214536.250000000\n", 1795214536.25),
        (b"1795214536.N\n", 1795214536.0),
        (b"1795214536.%N\n", 1795214536.0),
        (b"1795214536\n", 1795214536.0),
    ],
)
def test_the_clock(output: bytes, clock: float) -> None:
    assert text.clock(output) == {"clock": clock}


def test_short_lines() -> None:
    assert text.cpus(b"32\n") == {"cpus": 32}
    assert text.kernel(b"6.1.0-28-amd64\n") == {"kernel": "6.1.0-28-amd64"}
    assert text.boot_id(b"d393ad60-0ee8-4d02-b015-05c9d35f5ee9\n") == {
        "boot_id": "d393ad60-0ee8-4d02-b015-05c9d35f5ee9"
    }


GARBAGE = [b"", b"\n", b"\x00\xff\xfe\x1b[31m", b"not what you think\nat all\n", b"{", b"[1, 2", b"\xc3\x28 " * 50]
TAKES_NOTHING = {
    "docker-containers": {b"", b"\n"},
    "podman-containers": {b"", b"\n"},
    "service-states": {b"", b"\n"},
    "log-files": {b"", b"\n"},
    "changed-files": {b"", b"\n"},
    "changed-units": {b"", b"\n"},
    "libvirt-uuids": {b"", b"\n"},
    "libvirt-uuids-kolla": {b"", b"\n"},
    "namespace-inodes": {b""},
    "keepalived-config": {b"", b"\n"},
    "balancer-processes": {b"", b"\n"},
    "keepalived-journal": {b"", b"\n"},
    "keepalived-container": {b"", b"\n"},
    "host-neighbours": {b"", b"\n"},
    "certificate-files": {b""},
    "certificate-names": {b""},
    "certificate-chain": {b""},
    "galera-files": {b""},
    "disk-usage": {b"", b"\n"},
    "galera-process": {b"", b"\n"},
    "galera-recovered": {b"", b"\n"},
    "galera-recovered-docker": {b"", b"\n"},
    "galera-recovered-podman": {b"", b"\n"},
} | {
    name: {b"", b"\n"}
    for name in ("namespace-numbers", "linux-bridge-ports", "namespaces", "namespace-routes", "namespace-rules",
                 "namespace-neighbours", "linux-fdb", "iptables", "nft", "namespace-iptables", "namespace-nft",
                 "sockets", "namespace-socket-list", "router-namespaces", "router-addresses", "tunnel-stops-iptables",
                 "tunnel-stops-nft")
} | {"router-translations": {b""}} | {"namespace-nat": {b""}, "namespace-sockets": {b""}}  # fmt: skip
"""What an empty list looks like."""


@pytest.mark.parametrize("name", [n for n, e in entries().items() if n != "may-sudo" and e.gives != "lines"])
@pytest.mark.parametrize("output", GARBAGE)
def test_other_output_is_refused_or_shown_as_odd(name: str, output: bytes) -> None:
    parse = parser(entries()[name].parser)
    expected = _accepted(name, output)
    if expected is None:
        with pytest.raises(ValueError, match=r".+"):
            parse(output)
    else:
        assert expected(parse(output))


@pytest.mark.parametrize("name", [n for n, e in entries().items() if e.gives == "lines"])
@pytest.mark.parametrize("output", GARBAGE)
def test_odd_lines_of_a_log_are_kept_as_they_are(name: str, output: bytes) -> None:
    found = line_parser(entries()[name].parser, 0.0).feed(output.split(b"\n"))
    wanted = [line.decode("utf-8", "replace") for line in output.split(b"\n") if line.strip()]
    assert [line["message"] for line in found] == [re.sub(r"\x1b\[\d*m", "", text) for text in wanted]


def _accepted(name: str, output: bytes) -> Callable[[Any], bool] | None:
    """What must hold for the result when the parser takes `output`; None when it must refuse it."""
    if output in TAKES_NOTHING.get(name, ()):
        return lambda found: not any(any(each.values()) for each in ([found] if isinstance(found, dict) else found))
    if name in ("docker-containers", "log-files") or name.startswith(
        ("packages-", "changed-files", "changed-packages")
    ):
        return lambda found: all("raw" in each for each in found)
    if name == "kernel" and output.strip() and b"\n" not in output.strip():
        return lambda found: bool(re.fullmatch(r".+", found["kernel"]))  # any one line may be a kernel's name
    return None


def test_containers_as_the_real_clients_print_them() -> None:
    found = docker.containers(recorded("containers", "docker-ps-json"))
    assert [(c["name"], c["state"], c["detail"], c["age"]) for c in found] == [
        ("nova_compute", "running", "healthy", 5 * 604800.0),
        ("cron", "running", None, 5 * 604800.0),
    ]
    (created,) = podman.containers(recorded("containers", "podman-ps-json"))
    assert (created["name"], created["state"], created["since"], created["image"]) == (
        "c1", "created", None, "localhost/test:v1",
    )  # fmt: skip
