"""What a run looks like, from either side; how far it is, in words."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from msgspec.structs import replace

from collectors.call import RestCall
from runbooks.expect import Expect
from runbooks.operation import Stage, Step
from runbooks.past import past_runs
from runbooks.plan import Part, Plan, encoded
from runbooks.seen import RunSeen, StepSeen, of_past, progress_words
from views.text.plan import head, script
from views.text.plan import lines as plan_lines
from views.text.run import lines, outcome_words


def step(text: str) -> Step:
    return Step(text, RestCall("compute", "POST", f"/{text}"), f"do {text}", Expect("servers", "a", "status=ACTIVE"))


def plan(*names: str, many: int = 0) -> Plan:
    stages = (
        Stage((step("disable it"),)),
        *((Stage(tuple(step(f"move web-{n}") for n in range(many)), 2),) if many else ()),
    )
    parts = tuple(Part(f"id-{name}", name, f"drain {name}", name, stages) for name in names)
    return Plan("h.drain", "hypervisors", "prod", "RegionOne", "R2", "openstack", ("admin",), {}, parts)


def going(found: Plan, **steps: str) -> RunSeen:
    seen = {("id-cmp1", number.replace("_", ".")[1:]): StepSeen(state) for number, state in steps.items()}
    return RunSeen(run="0f6a", title=found.title, plan=found, steps=seen, live=True)


def test_how_far_it_is_counts_the_stage() -> None:
    found = plan("cmp1", many=23)
    assert progress_words(going(found)) == "drain cmp1: looks at the cloud once more before it begins"
    assert progress_words(going(found, s1_1="running")) == "1.1 disable it: 0 of 24 done"
    moving = {f"s2_{n}": "done" for n in range(1, 8)}
    assert progress_words(going(found, s1_1="done", **moving, s2_8="running")) == "2.8 move web-7: 7 of 23 done"


def test_of_several_targets_it_says_which() -> None:
    seen = going(plan("cmp1", "cmp2"), s1_1="running")
    assert progress_words(seen) == "cmp1 1.1 disable it: 0 of 2 done"


def records(*events: tuple[str, dict[str, Any]]) -> list[Any]:
    return [SimpleNamespace(event=e, run="0f6a", data=d, at=100.0 + n) for n, (e, d) in enumerate(events)]


BEGAN = {"operation": "h.drain", "cloud": "prod", "region": "RegionOne", "reason": "INC", "plan": encoded(plan("cmp1"))}
WHO = {"user": "ana", "host": "bastion", "from": "10.0.0.5", "pid": 7}


def test_a_past_run_has_its_steps_times_and_request_ids() -> None:
    about = {"target": "id-cmp1", "step": "1.1"}
    did = about | {"outcome": "done", "took": 0.4, "request_id": "req-1", "words": "status=disabled"}
    ended = {"outcome": "done", "words": "all well", "parts": [{"name": "cmp1", "outcome": "done", "words": ""}]}
    (past,) = past_runs(
        records(("began", BEGAN | {"who": WHO}), ("about", about), ("did", did), ("ended", ended))
    ).values()
    seen = of_past(past, live=False)
    assert (seen.who, seen.reason, seen.at, seen.state) == ("ana@bastion from 10.0.0.5", "INC", 100.0, "done")
    assert seen.steps["id-cmp1", "1.1"] == StepSeen("done", "status=disabled", 101.0, 0.4, "req-1")
    told = [line.text for line in lines(seen)]
    assert "● 1.1 disable it: done in 0.4 s" in told
    assert any("00:01:41Z  req-1  status=disabled" in text for text in told)


def test_one_that_never_ended_is_interrupted_and_its_step_in_flight() -> None:
    (past,) = past_runs(records(("began", BEGAN), ("about", {"target": "id-cmp1", "step": "1.1"}))).values()
    assert of_past(past, live=True).state == "running"
    seen = of_past(past, live=False)
    assert seen.state == "interrupted"
    assert "nobody works on it" in outcome_words(seen)
    assert any("in flight when it stopped" in line.text for line in lines(seen))


def test_a_plan_that_was_changed_is_told() -> None:
    bad = BEGAN | {"plan": encoded(plan("cmp1")) | {"risk": "R0"}}
    (past,) = past_runs(records(("began", bad))).values()
    seen = of_past(past, live=False)
    assert seen.plan is None
    assert "changed after it was made" in seen.problem
    assert any("changed after it was made" in line.text for line in lines(seen))


def test_an_answer_is_told_in_the_plan_and_in_the_run() -> None:
    """What goes on in a further line stands right of its figure; nothing in it moves a terminal."""
    told = ("its memory holds:", "  66.9 GiB   85 %  bodies of messages", "  evil\x1b[2J\nqueue")
    made = plan("cmp1")
    made = replace(made, risk="R0", parts=(replace(made.parts[0], answer=told),))
    found = list(plan_lines(made))[:3]
    assert [line.label for line in found] == ["found", "", ""]
    assert [line.style for line in found] == ["strong", "plain", "plain"]
    assert found[1].text[found[1].hang :] == "bodies of messages"
    assert "\x1b" not in found[2].text
    assert "\n" not in found[2].text
    assert head(made)[1] == "risk R0, only reads"
    (past,) = past_runs(records(("began", BEGAN | {"plan": encoded(made)}))).values()
    assert found[1] in list(lines(of_past(past, live=False)))


def test_a_script_of_what_tenants_wrote_runs_nothing_of_theirs() -> None:
    evil = replace(plan("cmp1").parts[0], name="x\nrm -rf /", title="y\x1b[2J\nreboot")
    text = script(replace(plan("cmp1"), parts=(evil,)))
    assert [line for line in text.splitlines() if not line.startswith("#")] == ["do disable it"]
    assert "\x1b" not in text
