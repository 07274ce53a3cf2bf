"""What every operation keeps to, tried on the simulated cloud by its scenario: planned, done, proved, taken back.

Its guards and its equivalent commands are tried beside this (`test_operation_guards`, `test_operation_commands`).
"""

from __future__ import annotations

import pytest

from collectors import registry as kinds
from collectors.query import parse
from runbooks.operation import Operation
from runbooks.plan import decoded, encoded
from runbooks.planning import values_of
from runbooks.registry import entries, operation, operations
from tests.runbooks.scenario import Scenario
from tests.runbooks.scenarios import all_scenarios
from tests.runbooks.trial import Trial

SCENARIOS = {scenario.operation: scenario for scenario in all_scenarios()}


def named(scenario: Scenario) -> str:
    return scenario.operation


def test_every_operation_has_a_scenario() -> None:
    assert set(SCENARIOS) == set(entries())


@pytest.mark.parametrize("declared", list(operations()), ids=lambda each: each.name)
def test_declarations_hold_together(declared: Operation) -> None:
    kind = kinds.kind(declared.kind)
    parse(kind, declared.rows)
    for name in declared.reads:
        assert kinds.kind(name).name == name
    assert declared.name == declared.name.lower()
    assert declared.name.count(".") == 1
    assert declared.risk != "R4" or declared.guards, "what may lose data is guarded"
    assert len(declared.about) <= 90, "one line of a menu"
    for offer in declared.offers:
        there = set(kinds.kind(offer.kind).fields.__struct_fields__)
        assert {offer.field(declared.kind), *offer.given.values()} <= there
        assert set(offer.given) <= {parameter.name for parameter in declared.parameters}


@pytest.mark.parametrize("scenario", SCENARIOS.values(), ids=named)
def test_it_is_planned_done_proved_and_taken_back(scenario: Scenario, trial: Trial) -> None:
    wanted = operation(scenario.operation)
    trial.prepare(scenario.before)
    writes = trial.writes()
    plan = trial.plan(wanted, scenario.words, scenario.values)
    assert not plan.closed, [f"{guard.name}: {guard.words}" for guard in plan.closed]
    assert trial.writes() == writes, "a plan changes nothing"
    assert decoded(encoded(plan)) == plan, "the journal can hold it"
    assert plan.count
    assert all(part.verify for part in plan.parts)
    before = {part.target: trial.row(plan.kind, part.target) for part in plan.parts}
    outcome = trial.perform(plan, wanted)
    assert outcome.result == "done", outcome.words
    if plan.only_reads:
        assert trial.writes() == writes, "what only reads changes nothing"
        assert not outcome.inverse
    else:
        assert trial.writes() > writes, "something was changed"
    if not scenario.restores:
        return
    assert outcome.inverse, "it can be taken back"
    _taken_back(trial, outcome.run)
    for target, row in before.items():
        now = trial.row(plan.kind, target)
        assert {name: now.get(name) for name in scenario.restores} == {name: row[name] for name in scenario.restores}


def _taken_back(trial: Trial, run: str) -> None:
    past, found = trial.doing.undo_plans(run)
    for back, plan in found:
        assert not plan.closed, [f"{guard.name}: {guard.words}" for guard in plan.closed]
        undone = trial.perform(plan, back, past.run)
        assert undone.result == "done", undone.words


@pytest.mark.parametrize("declared", list(operations()), ids=lambda each: each.name)
def test_what_must_be_given_is_asked_for(declared: Operation, trial: Trial) -> None:
    from collectors.errors import UsageError

    if any(parameter.default is None for parameter in declared.parameters):
        with pytest.raises(UsageError):
            values_of(declared, {}, trial.doing.cloud)
    with pytest.raises(UsageError, match="no parameter"):
        values_of(declared, {"no-such-parameter": "1"}, trial.doing.cloud)
