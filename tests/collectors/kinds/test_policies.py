"""Policies: to what they apply, operator's ones, mirrors on brokers that have or lost them."""

from __future__ import annotations

from typing import Any

import pytest

from collectors.snapshot import OddRow
from tests.collectors.kinds.cluster_recordings import Joins, by_id, decoded, listed, verdict

KIND = "policies"
MIRRORS: dict[str, Any] = {
    "name": "ha-all",
    "vhost": "/",
    "pattern": "^",
    "apply-to": "queues",
    "definition": {"ha-mode": "all"},
}
LIMIT: dict[str, Any] = {
    "name": "cap",
    "vhost": "/",
    "pattern": "^x",
    "apply-to": "all",
    "definition": {"max-length": 5},
}
OPERATOR = {"listed_in": "operator-policies"}


def joined(*queues: dict[str, Any], exchanges: tuple[dict[str, Any], ...] = (), version: str = "3.13.7") -> Joins:
    """Everything that a policy is seen with."""
    nodes = decoded(
        "rabbitmq-nodes", [{"name": f"rabbit@ctl0{n}", "running": True, "version": version} for n in (1, 2)]
    )
    return {
        "queues": by_id(decoded("queues", list(queues))),
        "exchanges": by_id(decoded("exchanges", list(exchanges))),
        "rabbitmq-nodes": {node.name: node for node in nodes},
    }


def policy(wire: dict[str, Any], joins: Joins) -> Any:
    (found,) = decoded(KIND, [wire], joins=joins)
    return found


def test_the_recorded_policy_applies_to_the_recorded_queues() -> None:
    queues = by_id(listed("queues", "healthy-ctl01-queues.json"))
    (found,) = listed(KIND, "healthy-ctl01-policies.json", {"queues": queues, "exchanges": {}})
    assert (found.name, found.apply_to, found.priority, found.queues) == ("ha-all", "queues", 0, 3)
    assert (found.definition, found.mirrors, found.operator) == ("ha-mode=all", True, False)
    assert verdict(KIND, found) == ("ok", "mirrors classic queues, which RabbitMQ 4 no longer does")


@pytest.mark.parametrize(
    ("wire", "joins", "expected"),
    [
        (
            MIRRORS,
            joined({"name": "q", "policy": "ha-all"}, version="4.0.2"),
            ("warning", "mirroring is gone since RabbitMQ 4: 1 queue has one copy; use quorum queues"),
        ),
        (
            MIRRORS,
            joined({"name": "q", "policy": "ha-all"}),
            ("ok", "mirrors classic queues, which RabbitMQ 4 no longer does"),
        ),
        (
            LIMIT,
            joined({"name": "q", "policy": "ha-all"}),
            ("warning", "applies to nothing: no name matches its pattern, or another policy goes before it"),
        ),
        (LIMIT, joined(exchanges=({"name": "x", "policy": "cap"},)), ("ok", "")),
        (LIMIT, joined({"name": "x", "policy": "cap"}), ("ok", "")),
        (LIMIT, {}, ("ok", "")),
        (LIMIT | OPERATOR, joined({"name": "x", "operator_policy": "cap"}), ("ok", "")),
        (
            LIMIT | OPERATOR,
            joined({"name": "x", "policy": "cap"}),
            ("warning", "applies to nothing: no name matches its pattern, or another policy goes before it"),
        ),
        (LIMIT | {"pattern": None}, {}, ("unknown", "the broker does not say what it matches")),
    ],
)
def test_health(wire: dict[str, Any], joins: Joins, expected: tuple[str, str]) -> None:
    assert verdict(KIND, policy(wire, joins)) == expected


def test_a_policy_of_another_vhost_is_another_one() -> None:
    found = policy(LIMIT, joined({"name": "x", "policy": "cap", "vhost": "other"}))
    assert found.queues == 0


def test_an_operators_policy_of_the_same_name_is_another_row() -> None:
    first, second = decoded(KIND, [LIMIT, LIMIT | OPERATOR])
    assert (first.id, second.id) == ("//cap", "operator //cap")


def test_mixed_versions_still_mirror_somewhere() -> None:
    joins = dict(joined({"name": "q", "policy": "ha-all"}, version="4.0.2"))
    (old,) = decoded("rabbitmq-nodes", [{"name": "rabbit@ctl03", "running": True, "version": "3.13.7"}])
    joins["rabbitmq-nodes"] = {**joins["rabbitmq-nodes"], "rabbit@ctl03": old}
    found = policy(MIRRORS, joins)
    assert (found.version, verdict(KIND, found)[0]) == ("3.13.7, 4.0.2", "ok")


@pytest.mark.parametrize("changes", [{"definition": "none"}, {"priority": "high"}, {"name": None}, {"pattern": 4}])
def test_odd_policies(changes: dict[str, Any]) -> None:
    (found,) = decoded(KIND, [LIMIT | changes])
    assert isinstance(found, OddRow)
