"""Operations on the real Galera cluster, compared with what the servers say themselves, and undone."""

from __future__ import annotations

import subprocess
import time

import pytest

from tests.lab.operating import Operating
from tests.lab.real import RealLab, until

pytestmark = pytest.mark.lab
MEMBERS = ("ctl01", "ctl02", "ctl03")


def said(lab: RealLab, host: str, sql: str) -> str:
    """What the server on `host` answers to its own client."""
    return lab.on(host, "mariadb", "-Nse", f'"{sql}"').strip()


def variable(lab: RealLab, host: str, name: str) -> str:
    return said(lab, host, f"SELECT @@global.{name}")


def status(lab: RealLab, host: str, name: str) -> str:
    return said(lab, host, f"SHOW GLOBAL STATUS LIKE 'wsrep_{name}'").partition("\t")[2]


def test_set_and_taken_back(operating: Operating, lab: RealLab) -> None:
    desynced = operating.do("galera-member.desync", "ctl03")
    assert status(lab, "ctl03", "local_state_comment") == "Donor/Desynced"
    operating.undo(desynced)
    assert variable(lab, "ctl03", "wsrep_desync") == "0"
    locked = operating.do("galera-member.read-only", "ctl03")
    assert variable(lab, "ctl03", "read_only") == "1"
    operating.undo(locked)
    assert variable(lab, "ctl03", "read_only") == "0"
    chosen = operating.do("galera-member.set-donor", "ctl03", donor="ctl02")
    assert variable(lab, "ctl03", "wsrep_sst_donor") == "ctl02,"
    operating.undo(chosen)
    assert variable(lab, "ctl03", "wsrep_sst_donor") == ""


def test_queries_and_connections_are_killed(operating: Operating, lab: RealLab) -> None:
    def sleeping() -> tuple[subprocess.Popen[str], str]:
        line = ["ssh", "-F", str(lab.state / "ssh_config"), "ctl03", "mariadb", "-e", '"SELECT SLEEP(50)"']
        client = subprocess.Popen(line, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        sql = "SELECT MAX(ID) FROM information_schema.PROCESSLIST WHERE INFO='SELECT SLEEP(50)' AND TIME < 5"
        for _ in range(20):
            if (number := said(lab, "ctl03", sql)).isdigit():
                return client, f"ctl03/{number}"
            time.sleep(0.3)
        client.communicate(timeout=60)
        raise AssertionError("the query does not run")

    client, identity = sleeping()
    operating.do("db-process.kill-query", identity)
    client.communicate(timeout=10)
    client, identity = sleeping()
    operating.do("db-process.kill", identity)
    assert "Lost connection" in client.communicate(timeout=10)[1]
    plan = operating.plan("db-process.kill", ("user=system user", "member=ctl03"))
    assert {guard.name for guard in plan.closed} >= {"no-system-user"}


def test_a_member_is_stopped_started_and_given_everything(operating: Operating, lab: RealLab) -> None:
    stopped = operating.do("galera-member.stop", "ctl03")
    assert lab.on("ctl03", "systemctl", "is-active", "mariadb", check=False).strip() == "inactive"
    assert status(lab, "ctl01", "cluster_size") == "2"
    plan = operating.plan("galera-member.start", ("ctl03",))
    assert any("by IST" in guard.words for guard in plan.guards if guard.name == "transfer"), plan.guards
    operating.undo(stopped)
    assert status(lab, "ctl03", "local_state_comment") == "Synced"
    operating.do("galera-member.resync-full", "ctl03", backup="the lab: nothing in it is worth one")
    assert status(lab, "ctl03", "local_state_comment") == "Synced"
    told = lab.on("ctl03", "journalctl", "-u", "mariadb", "--since=-3min", "-o", "cat")
    assert "WSREP_SST: [INFO]" in told or "SST complete" in told


def test_a_member_is_restarted(operating: Operating, lab: RealLab) -> None:
    def process() -> str:
        return lab.on("ctl02", "systemctl", "show", "mariadb", "-p", "MainPID", "--value").strip()

    before = process()
    operating.do("galera-member.restart", "ctl02")
    assert process() not in (before, "0")
    assert [status(lab, host, "local_state_comment") for host in MEMBERS] == ["Synced"] * 3
    assert status(lab, "ctl02", "cluster_size") == "3"


def test_a_dead_cluster_is_led_by_who_has_most(operating: Operating, lab: RealLab) -> None:
    began = time.monotonic()
    try:
        said(
            lab, "ctl01", "CREATE DATABASE IF NOT EXISTS referee; CREATE OR REPLACE TABLE referee.t (i INT PRIMARY KEY)"
        )
        lab.on("ctl03", "systemctl", "stop", "mariadb")
        said(lab, "ctl01", "INSERT INTO referee.t VALUES (1)")
        for host in ("ctl02", "ctl01"):
            lab.on(host, "systemctl", "kill", "-s", "KILL", "mariadb")
            lab.on(host, "systemctl", "stop", "mariadb", check=False)
            lab.on(host, "systemctl", "reset-failed", "mariadb", check=False)
        copy = {"backup": "the lab: nothing in it is worth one"}
        refused = {
            guard.name: guard.words for guard in operating.plan("galera-member.recover", ("ctl03",), copy).closed
        }
        assert "must lead" in refused["position"], refused
        assert "ctl03 would lose" in refused["position"], refused
        operating.do("galera-member.recover", "ctl01", **copy)
        assert [status(lab, host, "local_state_comment") for host in MEMBERS] == ["Synced"] * 3
        assert status(lab, "ctl02", "cluster_size") == "3"
        assert said(lab, "ctl03", "SELECT i FROM referee.t") == "1"
        assert time.monotonic() - began < 60
    finally:
        _alive_again(lab)
        said(lab, "ctl01", "DROP DATABASE IF EXISTS referee")


def test_a_survivor_without_majority_is_made_primary(operating: Operating, lab: RealLab) -> None:
    try:
        for host in MEMBERS[1:]:
            lab.on(host, "systemctl", "kill", "-s", "KILL", "mariadb")
        for host in MEMBERS[1:]:
            lab.on(host, "systemctl", "stop", "mariadb", check=False)
            lab.on(host, "systemctl", "reset-failed", "mariadb", check=False)
        until(lambda: status(lab, "ctl01", "cluster_status"), lambda told: told == "non-Primary", 20)
        closed = {guard.name for guard in operating.plan("galera-member.start", ("ctl02",)).closed}
        assert "primary" in closed, "nobody is there whom it could join"
        operating.do("galera-member.bootstrap", "ctl01")
        assert status(lab, "ctl01", "cluster_status") == "Primary"
        refused = {guard.name for guard in operating.plan("galera-member.bootstrap", ("ctl01",)).closed}
        assert {"sense", "primary-nowhere"} <= refused
        for host in MEMBERS[1:]:
            operating.do("galera-member.start", host)
        assert [status(lab, host, "local_state_comment") for host in MEMBERS] == ["Synced"] * 3
    finally:
        _alive_again(lab)


def _alive_again(lab: RealLab) -> None:
    """Whatever happened: a cluster of three."""
    if all(lab.on(host, "systemctl", "is-active", "mariadb", check=False).strip() == "active" for host in MEMBERS):
        return
    lab.on("ctl01", "sed", "-i", "'s/^safe_to_bootstrap:.*/safe_to_bootstrap: 1/'", "/var/lib/mysql/grastate.dat")
    for host in MEMBERS:
        lab.on(host, "systemctl", "stop", "mariadb", check=False)
    lab.on("ctl01", "galera_new_cluster")
    for host in MEMBERS[1:]:
        lab.on(host, "systemctl", "start", "mariadb")
