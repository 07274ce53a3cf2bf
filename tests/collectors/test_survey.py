"""A survey reads what its kinds are judged with before them, once, and only where it can be read whole."""

from __future__ import annotations

from typing import Any, cast

import pytest

from collectors import registry, survey
from collectors.connections import Connections
from collectors.errors import Unreachable
from collectors.kind import AnyKind
from collectors.site import Site
from collectors.snapshot import Snapshot


def surveyed(
    monkeypatch: pytest.MonkeyPatch, names: list[str], broken: str = ""
) -> tuple[list[str], dict[str, set[str]]]:
    """(the kinds in the order in which they were read, kind → what was at hand when it was)."""
    order: list[str] = []
    beside: dict[str, set[str]] = {}

    def read(kind: AnyKind, connections: Connections, **told: Any) -> Snapshot:
        order.append(kind.name)
        beside[kind.name] = set(told["joined"])
        if kind.name == broken:
            raise Unreachable(kind.name, "no answer")
        return Snapshot(kind, (), (), (), 1.0)

    monkeypatch.setattr(survey, "read", read)
    connections = Connections(Site("test"))
    found = survey.survey([registry.kind(name) for name in names], connections, cast(Any, lambda: 0.0))
    assert set(found) == set(names)
    return order, beside


def test_what_health_rules_look_at_is_at_hand(monkeypatch: pytest.MonkeyPatch) -> None:
    order, beside = surveyed(monkeypatch, ["namespaces", "bridges", "agents", "interfaces", "hosts"])
    assert sorted(order) == sorted(
        {"namespaces", "bridges", "agents", "interfaces", "hosts", "networks", "routers", "subnets"}
    )
    assert beside["namespaces"] == {"networks", "routers", "subnets"}
    assert (beside["bridges"], beside["interfaces"], beside["hosts"]) == ({"agents"}, {"networks"}, set())


def test_what_cannot_be_read_is_not_at_hand(monkeypatch: pytest.MonkeyPatch) -> None:
    _, beside = surveyed(monkeypatch, ["bridges", "interfaces"], broken="networks")
    assert (beside["bridges"], beside["interfaces"]) == ({"agents"}, set())
