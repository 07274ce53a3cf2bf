"""systemctl and journalctl agree with the model, before and after a change."""

from __future__ import annotations

import json

import pytest

from runbooks.simulator.model.cloud import Cloud
from tests.simulator.ssh.conftest import NOW, Run


def _units(run: Run) -> dict[str, dict[str, str]]:
    return {row["unit"]: row for row in json.loads(run("systemctl list-units --type=service --all --output=json").out)}


def _state(cloud: Cloud) -> str:
    return cloud.hosts["ctl01"].units["chrony"].state


@pytest.mark.parametrize(
    ("state", "shown", "status"),
    [
        ("running", ("active", "running"), 0),
        ("hung", ("active", "running"), 0),
        ("stopped", ("inactive", "dead"), 3),
        ("failed", ("failed", "failed"), 3),
    ],
)
def test_each_state_in_systemds_words(run: Run, cloud: Cloud, state: str, shown: tuple[str, str], status: int) -> None:
    cloud.hosts["ctl01"].units["chrony"].state = state  # type: ignore[assignment]
    row = _units(run)["chrony.service"]
    assert (row["active"], row["sub"]) == shown
    found = run("systemctl is-active chrony")
    assert (found.out, found.status) == (f"{shown[0]}\n", status)


def test_a_failed_service_degrades_the_host(run: Run, cloud: Cloud) -> None:
    assert (run("systemctl is-system-running").out, run("systemctl --failed --plain --no-legend").out) == (
        "running\n",
        "",
    )
    cloud.hosts.set_unit("ctl01", "chrony", "failed", NOW - 5, 1)
    found = run("systemctl is-system-running")
    assert (found.out, found.status) == ("degraded\n", 1)
    assert run("systemctl --failed --plain --no-legend").out.split()[:4] == [
        "chrony.service",
        "loaded",
        "failed",
        "failed",
    ]
    assert run("systemctl --failed").out.splitlines()[1].startswith("● chrony.service")
    said = [json.loads(line) for line in run("journalctl -u chrony -p warning -o json").out.splitlines()]
    assert said[-1]["MESSAGE"] == "chrony.service: Failed with result 'exit-code'."
    assert int(said[-1]["__REALTIME_TIMESTAMP"]) == (NOW - 5) * 1e6
    status = run("systemctl status chrony")
    assert status.status == 3
    assert "Active: failed (Result: exit-code) since Fri 2026-11-20 22:42:11 UTC" in status.out


def test_show_gives_the_moment_of_the_last_change(run: Run, cloud: Cloud) -> None:
    cloud.hosts.set_unit("ctl01", "chrony", "stopped", NOW - 60)
    found = run("systemctl show chrony -p ActiveState,StateChangeTimestamp,InactiveEnterTimestamp,MainPID")
    assert found.out == (
        "MainPID=0\nActiveState=inactive\nStateChangeTimestamp=Fri 2026-11-20 22:41:16 UTC\n"
        "InactiveEnterTimestamp=Fri 2026-11-20 22:41:16 UTC\n"
    )
    assert run("systemctl show chrony -p ActiveState --value").out == "inactive\n"
    assert (
        run("systemctl show chrony -p StateChangeTimestamp --timestamp=unix").out
        == f"StateChangeTimestamp=@{int(NOW) - 60}\n"
    )


def test_show_takes_patterns(run: Run) -> None:
    found = run("systemctl show '*.service' -p Id").out
    assert [line.removeprefix("Id=") for line in found.split()] == list(_units(run))


def test_changes_need_root(run: Run, cloud: Cloud) -> None:
    found = run("systemctl stop chrony")
    assert found.status == 1
    assert found.err.startswith("Failed to stop chrony.service: Interactive authentication required.\n")
    assert _state(cloud) == "running"
    assert run("sudo -n systemctl stop chrony").status == 0
    assert _state(cloud) == "stopped"
    assert cloud.writes[-1].what == "systemd stop chrony"


def test_restart_makes_it_fresh(run: Run, cloud: Cloud) -> None:
    before = run("systemctl show chrony -p MainPID").out
    assert run("systemctl restart chrony", user="root").status == 0
    unit = cloud.hosts["ctl01"].units["chrony"]
    assert (unit.state, unit.since) == ("running", NOW)
    assert run("systemctl show chrony -p MainPID").out != before


def test_an_unknown_unit(run: Run) -> None:
    found = run("systemctl restart frobnicate", user="root")
    assert (found.err, found.status) == (
        "Failed to restart frobnicate.service: Unit frobnicate.service not found.\n",
        5,
    )
    assert run("systemctl is-active frobnicate").out == "inactive\n"
    found = run("systemctl status frobnicate")
    assert (found.err, found.status) == ("Unit frobnicate.service could not be found.\n", 4)
    assert run("systemctl frob").err == "Unknown command verb frob.\n"


def test_unit_files(run: Run, cloud: Cloud) -> None:
    run("systemctl disable chrony", user="root")
    rows = {
        row["unit_file"]: row["state"]
        for row in json.loads(run("systemctl list-unit-files --type=service --output=json").out)
    }
    assert (rows["chrony.service"], rows["cron.service"]) == ("disabled", "enabled")
    assert not cloud.hosts["ctl01"].units["chrony"].enabled
    assert run("systemctl is-enabled chrony").status == 1


def test_the_journal_is_for_those_who_may(run: Run) -> None:
    found = run("journalctl -n 1", user="guest")
    assert found.status == 1
    assert found.err.endswith("No journal files were opened due to insufficient permissions.\n")


def test_the_journal_counts_filters_and_orders(run: Run) -> None:
    whole = run("journalctl -o short-iso --no-pager").out.splitlines()
    assert whole == sorted(whole, key=lambda line: line.split()[0])
    assert run("journalctl -o short-iso -n 3").out.splitlines() == whole[-3:]
    assert run("journalctl -o short-iso -n 2 -r").out.splitlines() == whole[:-3:-1]
    recent = run("journalctl -o short-iso --since '2 hours ago'").out.splitlines()
    assert recent == [line for line in whole if line.split()[0] >= "2026-11-20T20:42:16+0000"]
    assert 0 < len(recent) < len(whole)
    assert all("chronyd" in line for line in run("journalctl -o short-iso -t chronyd").out.splitlines())
    assert run("journalctl -u frobnicate").out == "-- No entries --\n"
    assert run("journalctl --since frob").status == 1


def test_a_stopped_service_says_nothing_more(run: Run, cloud: Cloud) -> None:
    cloud.hosts.set_unit("ctl01", "chrony", "stopped", NOW - 40_000)
    lines = run("journalctl -u chrony -o json").out.splitlines()
    last = json.loads(lines[-1])
    assert last["MESSAGE"] == "Stopped chrony.service - chrony, an NTP client/server."
    assert int(last["__REALTIME_TIMESTAMP"]) == (NOW - 40_000) * 1e6


def test_only_what_can_reload_does(run: Run, cloud: Cloud) -> None:
    assert run("systemctl show ssh -p CanReload --value").out == "yes\n"
    assert run("systemctl show chrony -p CanReload --value").out == "no\n"
    before = cloud.hosts["ctl01"].units["ssh"].since
    assert run("systemctl reload ssh", user="root").status == 0
    assert cloud.hosts["ctl01"].units["ssh"].since == before
    found = run("systemctl reload chrony", user="root")
    words = "Failed to reload chrony.service: Job type reload is not applicable for unit chrony.service.\n"
    assert (found.status, found.err.startswith(words)) == (1, True)
    assert [write.what for write in cloud.writes] == ["systemctl reload ssh"]
