"""Each guard of every operation closes where its scenario says so; nothing begins then."""

from __future__ import annotations

import pytest

from runbooks.registry import operation
from runbooks.running import NotBegun
from tests.runbooks.scenario import Closed, Scenario
from tests.runbooks.scenarios import all_scenarios
from tests.runbooks.trial import Trial


@pytest.mark.parametrize(
    ("scenario", "closed"),
    [(scenario, closed) for scenario in all_scenarios() for closed in scenario.closed],
    ids=lambda each: each.operation if isinstance(each, Scenario) else each.guard,
)
def test_a_closed_guard_refuses(scenario: Scenario, closed: Closed, trial: Trial) -> None:
    wanted = operation(scenario.operation)
    trial.prepare(closed.before)
    plan = trial.plan(wanted, closed.words, closed.values)
    assert closed.guard in {guard.name for guard in plan.closed}, plan.guards
    writes = trial.writes()
    with pytest.raises(NotBegun):
        trial.perform(plan, wanted)
    assert trial.writes() == writes, "nothing was done"
