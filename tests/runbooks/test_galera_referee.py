"""Who may lead a cluster that has no Primary component: the referee's own logic, and a statement that hangs."""

from __future__ import annotations

import pytest

from collectors.errors import TooLate
from collectors.write import may_have_happened
from runbooks.operations.entries import host_call, sql_call
from runbooks.operations.galera_standing import Standing, fenced, may_lead, nobody_leads
from tests.runbooks.scenario import Fault, Passed
from tests.runbooks.trial import Trial

UUID = "1be5655b-eaa8-11f1-b92f-8fd5770a6eef"


def stopped(member: str, position: int | None, uuid: str = UUID, why: str = "") -> Standing:
    return Standing(member, "stopped", position, uuid, why)


def test_the_one_with_most_leads() -> None:
    found = [stopped("ctl01", 350), stopped("ctl02", 350), stopped("ctl03", 345)]
    assert may_lead("ctl01", found).words == "ctl01 350, ctl02 350, ctl03 345; ctl02 might as well"
    assert may_lead("ctl01", found[::2]).words == "ctl01 350, ctl03 345: only ctl01 may lead"
    refused = may_lead("ctl03", found)
    assert refused.state == "closed"
    assert refused.words == "ctl01 must lead: ctl01 350, ctl02 350, ctl03 345; ctl03 would lose 5 transactions"


def test_what_is_not_known_closes() -> None:
    found = [stopped("ctl01", 350), stopped("ctl02", None, why="its logs tell no position")]
    assert may_lead("ctl01", found).state == "unknown"
    assert "ctl02 stands is not known: its logs tell no position" in may_lead("ctl01", found).words
    assert may_lead("ctl01", [found[0], Standing("ctl02", "fenced")]).state == "open"


def test_two_histories_are_nobodys_to_lead() -> None:
    other = "00000001-eaa8-11f1-b92f-8fd5770a6eef"
    refused = may_lead("ctl01", [stopped("ctl01", 350), stopped("ctl02", 20, other)])
    assert (refused.state, "2 different clusters" in refused.words) == ("closed", True)


def test_nobody_leads_beside_a_primary() -> None:
    assert nobody_leads([Standing("ctl01", "running", 5), Standing("ctl02", "primary", 9)], "").state == "closed"
    assert nobody_leads([Standing("ctl01", "running", 5), stopped("ctl02", 5)], "").state == "open"
    assert nobody_leads([Standing("ctl01", "running", 5), stopped("ctl02", 5)], "stopped").state == "closed"
    unseen = nobody_leads([stopped("ctl01", 5), Standing("ctl02", "unknown", why="no route to host")], "stopped")
    assert (unseen.state, "no route to host" in unseen.words) == ("unknown", True)
    stated = nobody_leads([stopped("ctl01", 5), Standing("ctl02", "fenced")], "stopped")
    assert stated.words == "1 of 2 members looked at: none is Primary; ctl02 stated to be fenced"


@pytest.mark.parametrize(
    ("words", "named"),
    [("ctl02: power is off", True), ("ctl02", True), ("ctl020 is off", False), ("", False), ("my-ctl02 is", False)],
)
def test_a_fenced_member_is_named(words: str, named: bool) -> None:
    assert fenced(words, "ctl02") is named


def test_a_member_on_a_dead_host_closes_until_it_is_fenced(trial: Trial) -> None:
    from runbooks.registry import operation

    trial.prepare((Fault("galera-all-down"), Passed(20), Fault("host-down", {"host": "ctl03"}), Passed(20)))
    wanted, copy = operation("galera-member.recover"), {"backup": "snapshot"}
    guards = {guard.name: guard for guard in trial.plan(wanted, ("ctl01",), copy).guards}
    assert guards["stopped"].state == "unknown"
    assert "fenced='ctl03" in guards["stopped"].words
    plan = trial.plan(wanted, ("ctl01",), copy | {"fenced": "ctl03: its power is off, seen at the rack"})
    assert not plan.closed, plan.closed
    assert not any("ctl03" in step.text for part in plan.parts for _, step in part.steps())
    assert any("only the fenced members had is lost" in note for note in plan.parts[0].notes)


def test_under_flow_control_desyncing_hangs_and_is_not_known(trial: Trial) -> None:
    trial.prepare((Fault("galera-flow-control", {"host": "ctl02"}), Passed(60)))
    with pytest.raises(TooLate) as caught:
        trial.doing.cloud.write(sql_call("ctl02", "galera-desync"), 1.0)
    assert may_have_happened(caught.value)
    assert trial.row("galera-members", "ctl02")["desync"] is False


def test_a_new_cluster_wants_a_member_that_may_lead(trial: Trial) -> None:
    trial.prepare((Fault("galera-all-down"), Passed(20)))
    image = "quay.io/openstack.kolla/mariadb-server:2025.1-debian-bookworm"
    trial.doing.cloud.write(host_call("ctl01", "galera-new-cluster-container", engine="docker", image=image), 10.0)
    trial.pause(10)
    assert trial.row("galera-members", "ctl01")["answers"] is False, "its server ended: safe_to_bootstrap is 0"
    assert trial.row("galera-positions", "ctl01")["runs"] is False


def test_all_that_crashed_together_come_back_by_themselves(trial: Trial) -> None:
    trial.prepare((Fault("galera-all-down"), Passed(20)))
    assert trial.row("galera-positions", "ctl02")["view"] == 3
    for host in ("ctl01", "ctl02", "ctl03"):
        trial.doing.cloud.write(host_call(host, "container-start", engine="docker", container="mariadb"), 10.0)
    for _ in range(4):
        trial.pause(5)
    row = trial.doing.cloud.fresh("galera-members", insist=True)
    assert [getattr(each, "state", None) for each in row.rows] == ["Synced"] * 3


def test_who_stops_last_may_lead(trial: Trial) -> None:
    for host in ("ctl02", "ctl03", "ctl01"):
        call = host_call(host, "container-stop", engine="docker", container="mariadb", seconds="60")
        trial.doing.cloud.write(call, 10.0)
        trial.pause(2)
    found = {host: trial.row("galera-positions", host) for host in ("ctl01", "ctl02", "ctl03")}
    assert [row["safe"] for row in found.values()] == [True, False, False]
    assert found["ctl01"]["position"] > found["ctl02"]["position"] > 0  # type: ignore[operator]
    assert [row["view"] for row in found.values()] == [0, 0, 0]
