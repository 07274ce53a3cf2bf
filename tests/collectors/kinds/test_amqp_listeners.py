"""Listeners: which of a node's two doors is shut, who is refused, who is slow."""

from __future__ import annotations

from typing import Any

import pytest

from collectors.snapshot import OddRow
from tests.collectors.kinds.cluster_recordings import decoded, one, verdict

KIND = "amqp-listeners"
WELL: dict[str, Any] = {
    "host": "ctl01",
    "address": "10.0.0.11",
    "port": 5672,
    "tls": False,
    "answers": True,
    "logged_in": True,
    "version": "3.13.7",
    "round_trip": 0.002,
}
SHUT = {"answers": False, "logged_in": False, "why": "Connection refused"}


def listener(node: dict[str, Any] | None = None, **changes: Any) -> Any:
    """The probe's row beside the node's."""
    joins: dict[str, dict[str, Any]] = {}
    if node is not None:
        found = one("rabbitmq-nodes", **({"name": "rabbit@ctl01", "running": True} | node))
        joins["rabbitmq-nodes"] = {found.name: found}
    (row,) = decoded(KIND, [WELL | changes], joins=joins)
    return row


@pytest.mark.parametrize(
    ("node", "changes", "expected"),
    [
        (None, {}, ("ok", "")),
        ({"answers": True}, {}, ("ok", "")),
        ({"answers": False}, {}, ("ok", "serves its clients, although its management API does not answer")),
        (
            {"answers": True},
            SHUT,
            ("critical", "no client gets in: Connection refused; its management API answers"),
        ),
        ({"answers": False}, SHUT, ("critical", "no client gets in: Connection refused")),
        (None, SHUT, ("critical", "no client gets in: Connection refused")),
        (
            {"answers": True},
            {"logged_in": False, "why": "ACCESS_REFUSED - Login was refused"},
            ("warning", "answers, but refuses us: ACCESS_REFUSED - Login was refused"),
        ),
        (None, {"blocked": "low on memory"}, ("critical", "takes no messages from us: low on memory")),
        (None, {"round_trip": 2.5}, ("warning", "one round trip takes 2.5 s")),
        (None, {"answers": None}, ("unknown", "was not asked")),
    ],
)
def test_health(node: dict[str, Any] | None, changes: dict[str, Any], expected: tuple[str, str]) -> None:
    assert verdict(KIND, listener(node, **changes)) == expected


def test_the_node_of_the_host_is_joined() -> None:
    found = listener({"answers": True})
    assert (found.node, found.management) == ("rabbit@ctl01", True)
    stranger = listener({"name": "rabbit@ctl09", "answers": True})
    assert (stranger.node, stranger.management) == (None, None)


@pytest.mark.parametrize("changes", [{"port": "many"}, {"answers": "yes"}, {"round_trip": "fast"}, {"host": None}])
def test_odd_listeners(changes: dict[str, Any]) -> None:
    (found,) = decoded(KIND, [WELL | changes])
    assert isinstance(found, OddRow)
