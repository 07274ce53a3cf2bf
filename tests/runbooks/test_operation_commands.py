"""The equivalent commands of every operation, run by hand with the real clients, do what the operation does."""

from __future__ import annotations

import pytest

from runbooks.command_words import equivalent
from runbooks.expect import looked
from runbooks.outcome import since
from runbooks.plan import Plan
from runbooks.registry import operation
from tests.runbooks.scenario import Scenario
from tests.runbooks.scenarios import all_scenarios
from tests.runbooks.trial import Trial


@pytest.mark.parametrize("scenario", [s for s in all_scenarios() if s.by_hand], ids=lambda each: each.operation)
def test_the_equivalent_commands_do_the_same(scenario: Scenario, trial: Trial) -> None:
    wanted = operation(scenario.operation)
    trial.prepare(scenario.before)
    plan = trial.plan(wanted, scenario.words, scenario.values)
    began = trial.now()
    commands = [command for part in plan.parts for _, step in part.steps() if (command := equivalent(step))]
    assert commands
    status, said = trial.by_hand(commands)
    assert status == 0, said
    _as_expected(trial, plan, began, said)


def _as_expected(trial: Trial, plan: Plan, began: float, said: str) -> None:
    for part in plan.parts:
        for told in part.verify:
            expect = since(told, began)
            for _ in range(30):
                look = looked(expect, trial.doing.cloud)
                if look.state == "reached":
                    break
                trial.pause(5)
            assert look.state == "reached", f"{expect.words}: {look.words}\n{said}"
