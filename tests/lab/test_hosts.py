"""Real hosts over real sshd: each row is what the host's own commands say."""

from __future__ import annotations

import json

import pytest

from tests.lab.real import RealLab, until

pytestmark = [pytest.mark.lab, pytest.mark.timeout(1800)]


def names(lab: RealLab) -> list[str]:
    """The hosts of the lab's ssh_config."""
    lines = (lab.state / "ssh_config").read_text().splitlines()
    return [line.split()[1] for line in lines if line.startswith("Host ") and "*" not in line]


def test_hosts_say_what_their_own_commands_say(lab: RealLab) -> None:
    rows = {row["name"]: row for row in lab.get("hosts")}
    assert set(rows) == set(names(lab))
    for name, row in rows.items():
        assert row["health"] in ("ok", "warning"), row
        boot, kernel = lab.on(name, "cat /proc/sys/kernel/random/boot_id; uname -r").split()
        assert (row["boot_id"], row["kernel"]) == (boot, kernel)


def test_units_say_what_systemctl_says(lab: RealLab) -> None:
    def differing() -> dict[tuple[str, str], tuple[object, object]]:
        ours = {(row["host"], row["name"]): (row["state"], row["detail"]) for row in lab.get("units", "engine=systemd")}
        theirs = {}
        for name in names(lab):
            listed = json.loads(lab.on(name, "systemctl list-units --all --type=service --output=json"))
            for unit in listed:
                if unit["load"] != "not-found":
                    theirs[name, unit["unit"].removesuffix(".service")] = (unit["active"], unit["sub"])
        assert len(theirs) > 200
        return {key: (ours.get(key), state) for key, state in theirs.items() if ours.get(key) != state}

    until(differing, lambda found: not found)


def test_the_services_of_openstack_are_units(lab: RealLab) -> None:
    units = {(row["host"], row["name"]): row["state"] for row in lab.get("units")}
    for place in (("ctl01", "nova-conductor"), ("ctl01", "keystone"), ("cmp01", "nova-compute"),
                  ("net01", "neutron-l3-agent"), ("ctl03", "mariadb"), ("ceph01", "ceph-osd@0")):  # fmt: skip
        assert units.get(place) == "active", place


@pytest.mark.long
def test_a_host_without_power(lab: RealLab) -> None:
    with lab.broken("host-down", host="cmp03"):
        row = until(lambda: lab.row("hosts", "cmp03"), lambda row: row["health"] == "critical")
        assert row["answers"] is False
        others = {row["name"]: row["health"] for row in lab.get("hosts") if row["name"] != "cmp03"}
        assert "critical" not in others.values()
        until(lambda: lab.row("hypervisors", "cmp03"), lambda row: row["state"] == "down", 120)
    until(lambda: lab.row("hosts", "cmp03"), lambda row: row["answers"] is True)
    until(lambda: lab.row("hypervisors", "cmp03"), lambda row: row["state"] == "up", 120)


def test_a_killed_unit(lab: RealLab) -> None:
    with lab.broken("unit-killed", host="ctl02", unit="cinder-scheduler"):
        rows = until(
            lambda: lab.get("units", "host=ctl02", "name=cinder-scheduler"), lambda rows: rows[0]["state"] == "failed"
        )
        assert rows[0]["health"] == "critical"
    until(lambda: lab.get("units", "host=ctl02", "name=cinder-scheduler"), lambda rows: rows[0]["state"] == "active")
