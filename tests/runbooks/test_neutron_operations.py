"""Neutron's operations in odd situations: what agents carry together, and a move that stops half-way."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from collectors.errors import Unreachable
from runbooks.operation import Asked
from runbooks.operations.agents import network_work
from runbooks.operations.hypervisor_guards import network_idle
from runbooks.registry import operation
from tests.runbooks.trial import Trial

L3_HERE = ("agent_type=L3 agent", "net01")
DHCP_THERE = ("agent_type=DHCP agent", "net02")
WHY = {"reason": "a test"}


def asked(trial: Trial, **row: Any) -> Asked:
    """For a guard that looks at a host."""
    trial.doing.cloud.forget()

    class Host:
        host = row["host"]

    return Asked(Host(), "1", row["host"], {}, trial.doing.cloud, trial.now())


def commands(trial: Trial, name: str, words: tuple[str, ...], values: dict[str, str]) -> list[str]:
    plan = trial.plan(operation(name), words, values)
    assert not plan.closed, plan.closed
    return [step.text for part in plan.parts for _, step in part.steps()]


def test_a_drain_moves_the_plain_router_and_leaves_the_ha_ones(trial: Trial) -> None:
    told = commands(trial, "agent.drain", L3_HERE, WHY)
    assert told == [
        "take router sandbox-router from net01",
        "give router sandbox-router to net02",
        "disable the L3 agent on net01",
    ]
    plan, outcome = trial.do(operation("agent.drain"), L3_HERE, WHY)
    assert outcome.result == "done"
    trial.doing.cloud.forget()
    assert "5 HA routers" in " ".join(plan.parts[0].notes)
    assert {row.active_on for row in trial.doing.cloud.rows("routers")} == {"net02"}


def test_a_network_that_nobody_else_serves_is_given_first(trial: Trial) -> None:
    trial.do(operation("network.remove-dhcp"), ("ci-net",), {"from": "net01"})
    told = commands(trial, "agent.drain", DHCP_THERE, WHY)
    assert told[:2] == ["give network ci-net to net01", "disable the DHCP agent on net02"]
    assert "take network ci-net from net02" in told[2:]
    trial.do(operation("agent.drain"), DHCP_THERE, WHY)
    trial.doing.cloud.forget()
    ports = trial.doing.cloud.rows("ports", query=(("device_owner", "network:dhcp"),))
    assert {row.host for row in ports if row.status == "ACTIVE"} == {"net01"}


def test_a_hostsnetwork_idle_is_what_its_agents_carry_alone(trial: Trial) -> None:
    closed = network_idle(asked(trial, host="net01"))
    assert closed.state == "closed"
    assert closed.words.startswith("sandbox-router (1 router) would stop with the L3 agent on net01: agent.drain ")
    assert network_idle(asked(trial, host="net02")).state == "open", "HA routers and shared networks need nothing"
    assert network_idle(asked(trial, host="cmp01")).state == "open"
    identity = closed.words.split("agent.drain ")[1].split()[0]
    assert trial.do(operation("agent.drain"), (identity,), WHY)[1].result == "done"
    assert network_idle(asked(trial, host="net01")).state == "open"


def test_without_agents_nothing_depends_on_them(trial: Trial) -> None:
    assert network_work(asked(trial, host="cmp01"), []).state == "open"


@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_router_that_was_taken_and_not_given_is_told_and_can_be_given(
    trial: Trial, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    """The second call fails: refused with nothing done, or answered by a 500 although it was carried out."""
    from collectors.call import Answer, Call, RestCall
    from collectors.errors import Refused, Unreachable

    cloud, write, calls = trial.doing.cloud, trial.doing.cloud.write, []

    def broken(call: Call, seconds: float) -> Answer:
        calls.append(call)
        if not (isinstance(call, RestCall) and call.method == "POST"):
            return write(call, seconds)
        if moment == "after":
            write(call, seconds)
            raise Unreachable("network", "answered 500", status=500)
        raise Refused("network", "Agent is not a L3 Agent or has been disabled", status=404)

    monkeypatch.setattr(cloud, "write", broken)
    plan = trial.plan(operation("router.move"), ("sandbox-router",), {})
    outcome = trial.perform(plan, operation("router.move"))
    assert [call.method for call in calls if isinstance(call, RestCall)] == ["DELETE", "POST"], "nothing is sent twice"
    if moment == "after":
        assert outcome.result == "done"
        return
    assert outcome.result == "failed"
    assert "give router sandbox-router to net02: not done" in outcome.words
    monkeypatch.setattr(cloud, "write", write)
    given = trial.plan(operation("router.move"), ("sandbox-router",), {"to": "net01"})
    assert not given.closed, given.closed
    assert given.count == 1, "no agent has it: it is only given"
    assert trial.perform(given, operation("router.move")).result == "done"
    trial.doing.cloud.forget()
    assert [agent.host for agent in cloud.rows("router-agents", parent=given.parts[0].target)] == ["net01"]


AGREED = SimpleNamespace(active_on="net01", active_hosts=1, silent=None)


@pytest.mark.parametrize(
    ("instances", "state", "words"),
    [
        ([AGREED], "open", "active on net01, and its addresses are there"),
        ([SimpleNamespace(active_on="net02", active_hosts=1, silent=None)], "closed", "its addresses are on net02"),
        ([SimpleNamespace(active_on="net01, net02", active_hosts=2, silent=None)], "closed", "are on net01, net02"),
        ([SimpleNamespace(active_on=None, active_hosts=0, silent=None)], "closed", "are on none of its hosts"),
        ([SimpleNamespace(active_on=None, active_hosts=0, silent="net01 (timed out)")], "open", "did not answer"),
        ([], "open", "its hosts did not answer"),
        (Unreachable("ssh", "no route to host", ""), "open", "its hosts were not asked: ssh"),
        (None, "open", "active on net01"),
    ],
)
def test_what_agents_told_last_is_compared_with_the_hosts(instances: Any, state: str, words: str) -> None:
    """Neutron's database is as old as the last report; a host that is silent closes nothing."""

    class Asks:
        def can_ask(self, kind: str) -> bool:
            return instances is not None

        def rows(self, kind: str, **more: object) -> list[Any]:
            if kind == "router-agents":
                return [
                    SimpleNamespace(host="net01", ha_state="active"),
                    SimpleNamespace(host="net02", ha_state="standby"),
                ]
            if isinstance(instances, Exception):
                raise instances
            return list(instances)

    (guard,) = [guard for guard in operation("router.failover").guards if guard.name == "one-active"]
    verdict = guard.check(Asked(SimpleNamespace(id="r"), "r", "router", {}, Asks(), 0.0))  # type: ignore[arg-type]
    assert verdict.state == state
    assert words in verdict.words


@pytest.mark.parametrize("name", ["agent.disable", "agent.restart"])
def test_ovns_agents_are_not_neutrons_to_switch(name: str) -> None:
    from tests.collectors.kinds.recordings import row

    closed = operation(name).closed
    assert "OVN" in closed(row("agents", id="1", agent_type="OVN Controller agent", admin_state_up=True, alive=True))
    assert not closed(row("agents", id="2", agent_type="Metadata agent", admin_state_up=True, alive=True))
