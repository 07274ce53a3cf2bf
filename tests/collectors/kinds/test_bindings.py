"""Bindings: where messages go, and whether anybody reads there."""

from __future__ import annotations

from typing import Any

import pytest

from collectors.snapshot import OddRow
from tests.collectors.kinds.cluster_recordings import by_id, decoded, listed, one, verdict

KIND = "bindings"
ONE: dict[str, Any] = {
    "source": "nova",
    "vhost": "/",
    "destination": "conductor",
    "destination_type": "queue",
    "routing_key": "conductor",
    "properties_key": "conductor",
}


def bound(queue: dict[str, Any], **changes: Any) -> Any:
    """The binding with its queue read."""
    row = one("queues", **({"name": "conductor", "state": "running"} | queue))
    (found,) = decoded(KIND, [ONE | {"destination": row.name} | changes], joins={"queues": {row.id: row}})
    return found


def test_the_recorded_bindings_with_their_queues() -> None:
    queues = by_id(listed("queues", "openstack-queues.json"))
    found = listed(KIND, "openstack-bindings.json", {"queues": queues})
    assert len(found) == len({row.id for row in found}) > 60
    assert {row.source for row in found} >= {"(default)", "nova", "neutron"}
    conductor = next(row for row in found if (row.source, row.destination) == ("nova", "conductor"))
    assert (conductor.routing_key, conductor.destination_type, conductor.role) == ("conductor", "queue", "rpc")
    assert conductor.consumers == queues["//conductor"].consumers > 0
    told = {(row.destination, verdict(KIND, row)[0]) for row in found if verdict(KIND, row)[0] != "ok"}
    assert told == {
        ("notifications.error", "warning"),
        ("notifications.info", "warning"),
        ("versioned_notifications.error", "warning"),
    }


def test_without_its_queue_nothing_is_claimed() -> None:
    found = one(KIND, **ONE)
    assert (found.consumers, found.messages, found.expires) == (None, None, None)
    assert verdict(KIND, found) == ("ok", "")


@pytest.mark.parametrize(
    ("queue", "expected"),
    [
        ({"consumers": 1}, ("ok", "")),
        ({"consumers": 0}, ("warning", "nobody listens to conductor: messages with this key stay there")),
        (
            {"consumers": 0, "messages": 1200},
            ("warning", "nobody listens to conductor: messages with this key stay there, 1,200 wait"),
        ),
        (
            {"consumers": 0, "arguments": {"x-expires": 1800000}},
            ("ok", "nobody listens there; the queue expires by itself"),
        ),
        ({"name": "notifications.info", "consumers": 0, "messages": 0}, ("ok", "")),
    ],
)
def test_health(queue: dict[str, Any], expected: tuple[str, str]) -> None:
    assert verdict(KIND, bound(queue)) == expected


def test_a_binding_to_an_exchange_has_no_queue_of_that_name() -> None:
    found = bound({"consumers": 0}, destination_type="exchange")
    assert (found.consumers, found.role, verdict(KIND, found)) == (None, None, ("ok", ""))


def test_headers_and_several_keys_make_several_bindings() -> None:
    one_key, other = ONE | {"properties_key": "~h1", "arguments": {"x": 1, "x-match": "all"}}, ONE
    rows = decoded(KIND, [one_key, other])
    first, second = rows
    assert first.id != second.id
    assert first.arguments == "x=1, x-match=all"


@pytest.mark.parametrize("changes", [{"source": None}, {"destination": 5}, {"arguments": []}, {"routing_key": {}}])
def test_odd_bindings(changes: dict[str, Any]) -> None:
    (found,) = decoded(KIND, [ONE | changes])
    assert isinstance(found, OddRow)
