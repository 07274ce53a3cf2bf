"""Changes: package logs of both worlds, files, units, containers; only the last hour, in the host's own time."""

from __future__ import annotations

import json
from typing import Any

import pytest

from collectors.kinds.changes import KIND, Change, health, keep
from collectors.snapshot import OddRow
from collectors.sources.parsers.changes import boots, dnf, dpkg, files, units
from tests.collectors.kinds.host_recordings import NOW, rows

DPKG = b"""2026-11-20 22:30:00 startup archives unpack
2026-11-20 22:30:01 upgrade haproxy:amd64 2.6.12-1 2.6.12-2
2026-11-20 22:30:02 status half-installed haproxy:amd64 2.6.12-1
2026-11-20 22:30:03 install strace:amd64 <none> 6.1-0.1
2026-11-20 22:30:04 remove nano:amd64 7.2-1 <none>
"""
DNF = b"""2026-11-20T22:30:01+0000 SUBDEBUG Upgrade: haproxy-2.8.14-1.el9.x86_64
2026-11-20T23:30:02+0100 SUBDEBUG Upgraded: haproxy-2.8.12-1.el9.x86_64
2026-11-20T22:30:03+0000 INFO --- logging initialized ---
"""
STARTED, STOPPED, FAILED = (
    "39f53479d3a045ac8e11786248231fbf", "9d1aaa27d60140bd96365438aad20286", "d9b373ed55a64feb8242e02dbe79a49c",
)  # fmt: skip


def entry(at: float, unit: str, message_id: str, message: str = "x") -> bytes:
    return json.dumps(
        {"__REALTIME_TIMESTAMP": str(int(at * 1e6)), "UNIT": unit, "MESSAGE_ID": message_id, "MESSAGE": message}
    ).encode()


def change(**fields: Any) -> Change:
    (row,) = rows(KIND, [{"host": "ctl01"} | fields])
    assert isinstance(row, Change), row
    return row


def test_packages_of_both_worlds() -> None:
    assert [(p["name"], p["detail"]) for p in dpkg(DPKG)] == [
        ("haproxy", "upgraded from 2.6.12-1 to 2.6.12-2"), ("strace", "installed 6.1-0.1"), ("nano", "removed 7.2-1"),
    ]  # fmt: skip
    assert [(p["name"], p["at"]) for p in dnf(DNF)] == [
        ("haproxy-2.8.14-1.el9.x86_64", 1795213801.0), ("haproxy-2.8.12-1.el9.x86_64", 1795213802.0),
    ]  # fmt: skip
    assert dpkg(b"") == dnf(b"") == []


def test_a_package_logs_time_is_the_hosts_own() -> None:
    found = change(zone=3600.0, **dpkg(DPKG)[0])
    assert (found.at, found.what) == (1795213801.0 - 3600.0, "package")


def test_units_tell_the_last_that_happened_and_how_often() -> None:
    found = units(
        b"\n".join(
            [
                entry(NOW - 50, "haproxy.service", STARTED),
                entry(NOW - 40, "haproxy.service", STOPPED),
                entry(NOW - 39, "haproxy.service", STARTED),
                entry(NOW - 30, "mariadb.service", FAILED),
                entry(NOW - 20, "logrotate.service", STARTED, "Finished logrotate.service - Rotate log files."),
                entry(NOW - 10, "tmp.mount", STARTED),
                b"-- No entries --",
            ]
        )
    )
    assert [(u["name"], u["at"], u["detail"]) for u in found] == [
        ("haproxy", NOW - 39, "started, 2 times"), ("mariadb", NOW - 30, "failed"),
    ]  # fmt: skip
    assert health(change(**found[1]), NOW).reason == "mariadb failed"
    assert health(change(**found[0]), NOW).level == "ok"
    with pytest.raises(ValueError, match="not journald's JSON"):
        units(b"nonsense")


def test_files_boots_and_containers() -> None:
    (written,) = files(b"1795214500.5 629 /etc/kolla/nova-compute/nova.conf\n")
    assert (change(**written).service, change(**written).at) == ("nova-compute", 1795214500.5)
    assert change(what="file", name="/etc/fstab", at=NOW).service is None
    assert change(what="file", name="/etc/nova/nova.conf", at=NOW).service == "nova"
    assert boots(b"btime 1795209334\n") == [{"what": "boot", "name": "boot", "at": 1795209334.0, "detail": "booted"}]
    container = change(name="nova_api", engine="docker", state="running", detail="healthy", age=120.0)
    assert (container.what, container.at, container.detail) == ("container", NOW - 120, "started")
    assert change(name="x", engine="docker", state="exited", age=5.0).detail == "exited"


def test_only_the_last_hour_is_kept() -> None:
    assert keep(change(name="a", what="file", at=NOW - 3599), NOW)
    assert keep(change(name="a", what="file", at=NOW + 5), NOW)
    assert not keep(change(name="a", what="boot", at=NOW - 3601), NOW)
    assert not keep(change(name="a", engine="docker", state="running"), NOW)


def test_odd_items_are_odd_rows() -> None:
    for item in ({"raw": "odd"}, {"name": 5}):
        assert isinstance(rows(KIND, [{"host": "ctl01"} | item])[0], OddRow)
