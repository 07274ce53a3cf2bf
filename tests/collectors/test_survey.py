"""A survey reads what its kinds are judged with before them, once, and only where it can be read whole."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, cast

import pytest

from collectors import registry, survey
from collectors.connections import Connections
from collectors.errors import Unreachable
from collectors.read import Outcome
from collectors.reader import Ask
from collectors.site import Site
from collectors.snapshot import Snapshot


def surveyed(
    monkeypatch: pytest.MonkeyPatch, names: list[str], broken: str = ""
) -> tuple[list[str], dict[str, set[str]], list[list[str]]]:
    """(the kinds in the order in which they were read, kind → what was at hand when it was, what went together)."""
    order: list[str] = []
    batches: list[list[str]] = []
    beside: dict[str, set[str]] = {}

    def read_together(asks: Sequence[Ask], connections: Connections, **_: Any) -> Iterator[tuple[int, Outcome]]:
        batches.append([ask.kind.name for ask in asks])
        for index, ask in enumerate(asks):
            order.append(ask.kind.name)
            beside[ask.kind.name] = set(ask.joined)
            broke = ask.kind.name == broken
            yield index, Unreachable(broken, "no answer") if broke else Snapshot(ask.kind, (), (), (), 1.0)

    monkeypatch.setattr(survey, "read_together", read_together)
    connections = Connections(Site("test"))
    found = survey.survey([registry.kind(name) for name in names], connections, cast(Any, lambda: 0.0))
    assert set(found) == set(names)
    return order, beside, batches


def test_what_health_rules_look_at_is_at_hand(monkeypatch: pytest.MonkeyPatch) -> None:
    order, beside, _ = surveyed(monkeypatch, ["namespaces", "bridges", "agents", "interfaces", "hosts"])
    once = ["namespaces", "bridges", "agents", "interfaces", "hosts", "networks", "routers", "subnets", "bridge-ports"]
    assert sorted(order) == sorted([*once, "agents"])  # these are compared with each other: the second read decides
    assert beside["agents"] == {"agents", "networks"}
    assert beside["namespaces"] == {"networks", "routers", "subnets"}
    assert (beside["interfaces"], beside["hosts"]) == ({"networks"}, set())
    # what something is judged with may be judged with something itself
    assert (beside["bridges"], beside["bridge-ports"]) == ({"agents", "bridge-ports"}, {"agents"})
    assert order.index("agents") < order.index("bridge-ports") < order.index("bridges")


def test_what_cannot_be_read_is_not_at_hand(monkeypatch: pytest.MonkeyPatch) -> None:
    _, beside, _ = surveyed(monkeypatch, ["bridges", "interfaces"], broken="networks")
    assert (beside["bridges"], beside["interfaces"]) == ({"agents", "bridge-ports"}, set())


def test_hosts_are_asked_once_for_what_waits_for_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    *_, batches = surveyed(monkeypatch, ["hosts", "namespaces", "units", "interfaces", "agents"])
    assert ["hosts", "units"] in batches
    assert ["namespaces", "interfaces"] in batches
    assert ["agents"] in batches
