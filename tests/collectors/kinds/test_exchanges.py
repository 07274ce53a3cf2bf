"""Exchanges: the broker's own ones, rates, what is thrown away."""

from __future__ import annotations

from typing import Any

import pytest

from collectors.snapshot import OddRow
from tests.collectors.kinds.cluster_recordings import decoded, listed, one, verdict

KIND = "exchanges"


def stats(incoming: float, outgoing: float | None) -> dict[str, Any]:
    found: dict[str, Any] = {"publish_in": 9, "publish_in_details": {"rate": incoming}}
    return found if outgoing is None else found | {"publish_out": 9, "publish_out_details": {"rate": outgoing}}


def test_the_recorded_exchanges() -> None:
    found = {row.name: row for row in listed(KIND, "openstack-exchanges.json")}
    nova = found["nova"]
    assert (nova.type, nova.durable, nova.in_rate, nova.messages_in, nova.messages_out) == (
        "topic",
        False,
        0.6,
        471,
        471,
    )
    assert {row.name for row in found.values() if row.built_in} == {
        *("(default)", "amq.direct", "amq.fanout", "amq.headers", "amq.match", "amq.rabbitmq.trace", "amq.topic")
    }
    assert [row.name for row in found.values() if row.internal] == ["amq.rabbitmq.trace"]
    quiet = found["compute_fanout"]
    assert (quiet.in_rate, quiet.out_rate, quiet.messages_in) == (0.0, 0.0, 0)
    assert {verdict(KIND, row) for row in found.values()} == {("ok", "")}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"message_stats": stats(2.0, 2.0)}, ("ok", "")),
        (
            {"message_stats": stats(2.0, None)},
            ("warning", "2.0 messages/s arrive and go nowhere: no queue is bound for their keys, they are thrown away"),
        ),
        (
            {"message_stats": stats(2.0, 0), "arguments": {"alternate-exchange": "rest"}},
            ("ok", "nothing is bound for what arrives; rest catches it"),
        ),
        (
            {"message_stats": stats(2.0, 0), "type": "fanout"},
            ("ok", "messages arrive and nobody listens: they are thrown away"),
        ),
        ({"message_stats": stats(0, None)}, ("ok", "")),
        ({"name": "amq.topic", "message_stats": stats(2.0, None)}, ("ok", "")),
        ({"type": None}, ("unknown", "the broker does not say its type")),
    ],
)
def test_health(changes: dict[str, Any], expected: tuple[str, str]) -> None:
    assert verdict(KIND, one(KIND, **({"name": "nova", "type": "topic"} | changes))) == expected


@pytest.mark.parametrize("changes", [{"durable": "yes"}, {"message_stats": 1}, {"name": None}, {"arguments": "none"}])
def test_odd_exchanges(changes: dict[str, Any]) -> None:
    (found,) = decoded(KIND, [{"name": "nova", "type": "topic"} | changes])
    assert isinstance(found, OddRow)
