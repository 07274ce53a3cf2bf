"""The Ceph source over SSH: the resident program, the program `ceph` after it, and what each failure says."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from collectors.connections import Connections
from collectors.deadline import Deadline, working
from collectors.errors import NotUnderstood, Refused, SourceError, TooLate, Unreachable, UsageError
from collectors.kind import Scope
from collectors.request import Ceph
from collectors.site import CephSite, Site
from collectors.sources.base import EVERYWHERE, Where
from collectors.sources.ceph import CephSource
from tests.ceph_host import MONS, WIRE, CephHost, ceph_host


@pytest.fixture
def host(tmp_path: Path) -> Iterator[CephHost]:
    with ceph_host(tmp_path) as running:
        yield running


@pytest.fixture
def connections(host: CephHost) -> Iterator[Connections]:
    made = host.connections()
    yield made
    made.close()


def items(connections: Connections, view: str, seconds: float = 15) -> list[dict[str, Any]]:
    source = connections.source(Ceph(view))
    with working(Deadline(seconds)) as deadline:
        return [each for page in source.read(Ceph(view), "ceph", deadline, EVERYWHERE) for each in page.items]


def set_flags(connections: Connections) -> list[dict[str, Any]]:
    """The flags that somebody set."""
    return [each for each in items(connections, "flags") if each.get("set", True)]


def one(connections: Connections, view: str, identity: str) -> list[dict[str, Any]]:
    """The items of a view of one row."""
    source = connections.source(Ceph(view))
    with working(Deadline(15)) as deadline:
        pages = source.read(Ceph(view), "ceph", deadline, Where(parent=identity))
        return [each for page in pages for each in page.items]


def failure(connections: Connections, view: str, seconds: float = 15) -> SourceError:
    with pytest.raises(SourceError) as caught:
        items(connections, view, seconds)
    return caught.value


def test_one_osd_is_asked_whether_it_may_stop(host: CephHost, connections: Connections) -> None:
    host.recorded("osd-ok-to-stop", "ok-to-stop-0-1.json")
    host.recorded("osd-safe-to-destroy", "safe-to-destroy-0.json")
    (host.answers / "osd-ok-to-stop.status").write_text("-16")  # its no comes with an error, and is an answer
    (found,) = one(connections, "osd", "1")
    assert found["osd"] == 1
    assert found["stop"]["ok_to_stop"] is False
    assert found["destroy"]["safe_to_destroy"] == []
    asked = (host.answers / "asked").read_text()
    assert '{"prefix": "osd ok-to-stop", "format": "json", "ids": ["1"]}' in asked


def test_one_group_is_found_among_those_of_its_pool(host: CephHost, connections: Connections) -> None:
    host.recorded("pg-ls", "pg-ls.json")
    listed = json.loads((WIRE / "pg-ls.json").read_text())
    wanted = (listed["pg_stats"] if isinstance(listed, dict) else listed)[0]["pgid"]
    (found,) = one(connections, "pg", wanted)
    assert found["pgid"] == wanted
    assert f'"pool": {wanted.partition(".")[0]}' in (host.answers / "asked").read_text()
    assert one(connections, "pg", f"{wanted}00") == []
    with pytest.raises(UsageError, match="no id"):
        one(connections, "pg", "vms")


def lose_quorum(host: CephHost) -> None:
    """Two of three monitors are gone."""
    host.monitor("ceph01", 0, "fault-quorum-mon-status.json")
    host.down("ceph02", "ceph03")


def test_the_resident_program_answers_all_reads_over_one_session(host: CephHost, connections: Connections) -> None:
    osds = items(connections, "osds")
    assert [each["osd"] for each in osds] == [0, 1, 2]
    assert {each["via"] for each in osds} == {"rados on ceph01"}
    assert items(connections, "health") == []
    assert host.sessions == ["python3"]
    assert (host.answers / "as").read_text() == "viewer /etc/ceph/ceph.conf"


def test_nothing_but_the_table_s_commands_is_asked(host: CephHost, connections: Connections) -> None:
    for view in ("osds", "pools", "pgs", "flags", "health", "mgrs", "crashes", "mons"):
        items(connections, view)
    assert {str(each["prefix"]) for each in host.asked} == {
        *(
            "osd dump",
            "osd tree",
            "osd metadata",
            "osd df",
            "osd perf",
            "osd pool ls",
            "df",
            "pg ls",
            "health",
            "status",
        ),
        *("mgr stat", "mgr metadata", "mgr services", "crash ls", "time-sync-status", "mon metadata", "quorum_status"),
    }
    assert {each["format"] for each in host.asked} == {"json"}


def test_a_program_that_died_is_started_again(host: CephHost, connections: Connections) -> None:
    items(connections, "flags")
    host.state("dies")
    host.without("ceph")
    assert "the program there ended" in str(failure(connections, "flags"))
    host.state("dies", on=False)
    assert set_flags(connections) == []
    assert host.sessions == ["python3", "ceph", "python3"]


def test_without_the_bindings_the_program_ceph_is_run(host: CephHost, connections: Connections) -> None:
    (host.answers.parent / "modules" / "rados.py").write_text("raise ImportError('No module named rados')")
    osds = items(connections, "osds")
    assert {each["via"] for each in osds} == {"ceph on ceph01"}
    assert [each["df"]["pgs"] for each in osds] == [40, 38, 37]
    assert host.sessions == ["python3", "ceph"]
    items(connections, "health")
    assert host.sessions == ["python3", "ceph"], "the way that answered is kept"


def test_without_python_the_program_ceph_is_run(host: CephHost, connections: Connections) -> None:
    host.without("python3")
    assert set_flags(connections) == []


def test_the_best_way_is_tried_again_after_a_minute(host: CephHost, connections: Connections) -> None:
    now = [1000.0]
    source = CephSource(connections.site, connections, clock=lambda: now[0])
    connections._sources["ceph"] = source
    (host.answers.parent / "modules" / "rados.py").rename(host.answers.parent / "modules" / "away.py")
    items(connections, "flags")
    (host.answers.parent / "modules" / "away.py").rename(host.answers.parent / "modules" / "rados.py")
    items(connections, "flags")
    assert host.sessions == ["python3", "ceph"]
    now[0] += 61
    items(connections, "flags")
    assert host.sessions == ["python3", "ceph", "python3"]


def test_who_is_not_let_in_is_told_what_to_do(host: CephHost, connections: Connections) -> None:
    host.state("refuses")
    host.without("ceph")
    error = failure(connections, "flags")
    assert isinstance(error, Refused)
    assert error.why.startswith("client.viewer is not let in")
    assert "ceph.client.viewer.keyring on ceph01" in error.hint


def test_a_command_that_is_refused_is_told_as_such(host: CephHost, connections: Connections) -> None:
    host.fails("crash-ls", -13)
    (host.answers / "crash-ls.json").unlink()
    error = failure(connections, "crashes")
    assert isinstance(error, Refused)
    assert "mon 'allow r' mgr 'allow r'" in error.hint


def test_what_a_view_can_do_without_may_be_missing(host: CephHost, connections: Connections) -> None:
    host.fails("osd-df", -110)
    osds = items(connections, "osds")
    assert [each["df"] for each in osds] == [{}, {}, {}]
    assert {each["unread"] for each in osds} == {"no answer within 5 s (not today)"}


def test_without_a_manager_its_commands_are_not_waited_for(host: CephHost, connections: Connections) -> None:
    host.answer("mgr-stat", '{"epoch":9,"available":false,"active_name":"","num_standby":0}')
    osds = items(connections, "osds")
    assert {each["unread"] for each in osds} == {"no manager is active"}
    error = failure(connections, "pgs")
    assert (error.why, error.hint) == ("no manager is active", "nephoscope get mgrs")
    assert "osd df" not in {each["prefix"] for each in host.asked}
    assert host.sessions == ["python3"], "the other ways would hear the same"


def test_a_lost_quorum_is_found_on_the_monitors_hosts(host: CephHost, connections: Connections) -> None:
    host.state("late")
    lose_quorum(host)
    error = failure(connections, "health")
    assert isinstance(error, Unreachable)
    assert error.why == "the monitors have no quorum: ceph01 probing, ceph02 does not run, ceph03 does not run"


def test_a_lost_quorum_while_the_program_runs(host: CephHost, connections: Connections) -> None:
    items(connections, "health")
    host.fails("health", -110)
    lose_quorum(host)
    assert (
        "have no quorum: ceph01 probing, ceph02 does not run, ceph03 does not run" in failure(connections, "health").why
    )


def test_waiting_is_no_lost_quorum_when_the_monitors_say_otherwise(host: CephHost, connections: Connections) -> None:
    host.state("late")
    error = failure(connections, "health")
    assert isinstance(error, TooLate)
    assert error.why.startswith("no monitor let us in within 5 s")


def test_a_program_that_hangs_is_cut_off(host: CephHost, connections: Connections) -> None:
    host.without("ceph")
    items(connections, "flags")
    host.state("hangs")
    error = failure(connections, "flags", seconds=1.5)
    assert isinstance(error, TooLate)
    host.state("hangs", on=False)
    assert set_flags(connections) == []


def test_ratios_of_nothing_are_no_json_and_do_no_harm(host: CephHost, connections: Connections) -> None:
    host.answer("df", '{"pools":[{"id":1,"name":"vms","stats":{"stored":0,"percent_used":nan,"max_avail":-inf}}]}')
    (vms, *_) = items(connections, "pools")
    assert vms["stats"] == {"stored": 0, "percent_used": None, "max_avail": None}


def test_an_answer_that_is_no_json(host: CephHost, connections: Connections) -> None:
    host.answer("osd-dump", "<html>\x1b[31m")
    error = failure(connections, "flags")
    assert isinstance(error, NotUnderstood)
    assert "\x1b" not in str(error)


def test_what_a_login_shell_prints_first_is_passed_over(host: CephHost, connections: Connections) -> None:
    script = (host.ssh.bin / "python3").read_text().replace("#!/bin/sh\n", "#!/bin/sh\necho Welcome to ceph01\n")
    (host.ssh.bin / "python3").write_text(script)
    assert set_flags(connections) == []
    assert host.sessions == ["python3"]


def test_images_that_we_may_not_list_are_told(host: CephHost, connections: Connections) -> None:
    (host.answers.parent / "modules" / "rbd.py").write_text("")
    host.ssh.program("rbd", 'echo "rbd: listing images failed: (1) Operation not permitted" >&2; exit 1')
    error = failure(connections, "rbd-images")
    assert isinstance(error, Refused)


# -- the monitors


def test_the_monitors_speak_for_themselves(host: CephHost, connections: Connections) -> None:
    first, second, third = items(connections, "mons")
    assert (first["name"], first["state"], first["quorum"]) == ("ceph01", "leader", True)
    assert (second["name"], second["state"], second["quorum"], second["asked"]) == ("ceph02", "peon", True, True)
    assert third["ceph_version"].startswith("ceph version 16.2.15")


def test_a_clock_that_is_off_is_known_from_the_health_checks_too(host: CephHost, connections: Connections) -> None:
    words = "mon.ceph03 clock skew 0.999503s > max 0.05s (latency 0.00295559s)"
    check = {"severity": "HEALTH_WARN", "summary": {"message": "x", "count": 1}, "detail": [{"message": words}]}
    host.answer("health", json.dumps({"status": "HEALTH_WARN", "checks": {"MON_CLOCK_SKEW": check}, "mutes": []}))
    (host.answers / "time-sync-status.json").unlink()
    found = {each["name"]: (each["skew"], each["skew_health"]) for each in items(connections, "mons")}
    assert found == {"ceph01": (None, None), "ceph02": (None, None), "ceph03": (0.999503, "HEALTH_WARN")}


def test_a_monitor_that_does_not_run(host: CephHost, connections: Connections) -> None:
    host.down("ceph01")
    found = {each["name"]: each for each in items(connections, "mons")}
    assert (found["ceph01"]["runs"], found["ceph01"]["why"]) == (False, "no monitor runs on ceph01")
    assert (found["ceph01"]["by_peers"], found["ceph01"]["by_cluster"]) == (True, True), "told for some time yet"


def test_without_a_quorum_each_monitor_of_the_map_is_listed(host: CephHost, connections: Connections) -> None:
    lose_quorum(host)
    found = items(connections, "mons")
    assert [(each["name"], each["state"], each["quorum"]) for each in found] == [
        ("ceph01", "probing", False),
        ("ceph02", None, None),
        ("ceph03", None, None),
    ]
    assert [each["runs"] for each in found] == [True, False, False]
    assert host.asked == [], "the cluster would only be waited for"


def test_a_monitor_that_is_in_no_map(host: CephHost, connections: Connections) -> None:
    said = (host.answers / "mon.ceph01.json").read_text()
    for name in MONS:
        host.answer(f"mon.{name}", said.replace("ceph01", "other"))
    host.answer("quorum_status", (WIRE / "quorum-by-host.json").read_text().replace("ceph01", "other"))
    found = {each["name"]: each for each in items(connections, "mons")}
    assert set(found) == {"other", *MONS}
    assert found["ceph01"]["why"] == "its socket is that of mon.other"


def test_doctor_says_which_way_is_used(host: CephHost, connections: Connections) -> None:
    facts = list(connections.system("ceph").doctor(Deadline(20)))
    assert [(each.address, each.level) for each in facts] == [("rados on ceph01", "ok"), ("ceph on ceph01", "ok")]
    assert facts[0].identity == "client.viewer"
    assert facts[0].detail == "this way is used"
    assert facts[0].version == "1d165a34-7462-4f58-b65b-a6265305ed1c"


def test_doctor_says_that_the_quorum_is_lost(host: CephHost, connections: Connections) -> None:
    host.state("late")
    lose_quorum(host)
    *ways, last = connections.system("ceph").doctor(Deadline(20))
    assert {each.level for each in ways} == {"warning"}
    assert (last.level, last.detail) == (
        "critical",
        "the monitors have no quorum: ceph01 probing, ceph02 does not run, ceph03 does not run",
    )


def test_a_site_that_names_nothing_to_ask() -> None:
    connections = Connections(Site("test", ceph=CephSite(())))
    assert "names neither monitors nor a dashboard nor a ceph.conf here" in str(failure(connections, "flags"))


def test_daemons_are_not_asked_one_by_one(connections: Connections) -> None:
    with pytest.raises(UsageError, match="not asked one by one"):
        connections.system("ceph").targets(Scope(), Where(targets=("a",)))


def test_that_nobody_orchestrates_is_asked_once(host: CephHost, connections: Connections) -> None:
    """The program `ceph` would say the same, half a second later."""
    host.fails("orch-ls", -2)
    text = (host.answers.parent / "modules" / "rados.py").read_text()
    (host.answers.parent / "modules" / "rados.py").write_text(text.replace("not today", "No orchestrator configured"))
    error = failure(connections, "orders")
    assert (type(error).__name__, error.why) == ("NotThere", "no orchestrator deploys this cluster")
    assert host.sessions == ["python3"]


def test_file_systems_and_gateways_are_told_by_both_ways(host: CephHost, connections: Connections) -> None:
    host.recorded("fs-dump", "fs-dump.json")
    host.recorded("service-dump", "service-dump.json")
    assert items(connections, "filesystems") == []
    assert items(connections, "services") == []
    host.without("python3")
    other = host.connections()
    try:
        assert items(other, "filesystems") == []
    finally:
        other.close()
