"""What must be typed before a plan begins."""

from __future__ import annotations

import pytest

from runbooks.plan import Part, Plan
from views.consent import confirming, questions


def plan(*names: str, demands: tuple[str, ...] = ()) -> Plan:
    parts = tuple(Part(f"id-{n}-0000000000", name, f"do it to {name}", name) for n, name in enumerate(names))
    return Plan("x.do", "servers", "prod", "RegionOne", "R2", "openstack", ("admin",), {}, parts, demands=demands)


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (plan("cmp12"), ["cmp12"]),
        (plan("cmp12", "cmp13"), ["2"]),
        (plan("cmp12", "cmp13", demands=("named",)), ["cmp12", "cmp13"]),
        (plan("two  words"), ["two words"]),
        (plan("прод"), ["id-0-000"]),
        (plan("x" * 80), ["id-0-000"]),
        (plan("\u202eevil", demands=("named",)), ["id-0-0000000000"]),
    ],
)
def test_the_name_or_how_many(found: Plan, words: list[str]) -> None:
    assert confirming(found) == words


def test_anything_but_the_word_is_refused() -> None:
    (question,) = questions(plan("cmp12"), reason="")
    for text in ("", "y", "yes", "cmp1", "CMP12", "cmp122"):
        assert question.wrong(text)
    assert question.wrong("cmp12") == ""
    assert question.default == ""


def test_a_reason_is_asked_first_with_that_of_the_window() -> None:
    asked = questions(plan("cmp12", demands=("reason",)), reason="INC-4711", production="PRODUCTION")
    assert [q.prompt for q in asked] == ["reason", "PRODUCTION: type cmp12 to do it"]
    assert asked[0].default == "INC-4711"
    assert asked[0].wrong("")
