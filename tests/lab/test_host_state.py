"""Real hosts: clocks, versions and changes are what date, dpkg-query, find and journalctl say there."""

from __future__ import annotations

import time

import pytest

from tests.lab.real import RealLab

pytestmark = [pytest.mark.lab, pytest.mark.timeout(600)]


def test_clocks_of_one_kernel_agree_within_their_uncertainty(lab: RealLab) -> None:
    rows = lab.get("clocks")
    assert {row["host"] for row in rows} == {row["name"] for row in lab.get("hosts")}
    for row in rows:
        assert row["health"] == "ok", row
        assert abs(row["offset"]) <= row["uncertainty"] + 0.05
        assert row["measured"] == "against our clock"  # no chrony runs in the lab


def test_versions_are_those_of_dpkg(lab: RealLab) -> None:
    told = lab.on("ctl01", "dpkg-query -W -f '${Package} ${Version}\\n' mariadb-server rabbitmq-server haproxy")
    theirs = dict(line.split() for line in told.splitlines())
    ours = {row["service"]: row for row in lab.get("versions", "host=ctl01", "how=deb")}
    assert {name: ours[name]["version"] for name in theirs} == theirs
    assert {row["health"] for row in lab.get("versions")} == {"ok"}


def test_changes_are_what_find_and_the_journal_say(lab: RealLab) -> None:
    name = f"/etc/nephoscope-test-{int(time.time())}"
    lab.on("mon01", "touch", name)
    try:
        theirs = set(lab.on("mon01", "find /etc -xdev -type f -mmin -59").split())
        rows = lab.get("changes", "host=mon01")
        ours = {row["name"] for row in rows if row["what"] == "file"}
        assert name in ours
        assert theirs <= ours
    finally:
        lab.on("mon01", "rm", "-f", name)
    booted = float(lab.on("mon01", "grep btime /proc/stat").split()[1])
    assert any(row["what"] == "boot" for row in rows) is (time.time() - booted < 3600)
