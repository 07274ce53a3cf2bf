"""Connections to the bus: programs, states, oddities."""

from __future__ import annotations

from typing import Any

import pytest

from collectors.kinds.connections import program_of
from collectors.snapshot import OddRow
from tests.collectors.kinds.cluster_recordings import decoded, listed, one, verdict

KIND = "connections"


def test_the_recorded_connections() -> None:
    found = listed(KIND, "openstack-connections.json")
    assert found
    first = found[0]
    assert (first.program, first.pid, first.peer_host, first.peer_port) == ("nova-compute", 27801, "10.66.0.11", 32780)
    assert (first.state, first.user, first.channels, first.tls) == ("running", "lab", 1, False)
    assert first.product == "py-amqp 5.4.2"
    assert first.connected_at == 1795214032.906
    assert {verdict(KIND, row) for row in found} == {("ok", "")}


def test_the_recorded_alarm() -> None:
    (found,) = listed(KIND, "memalarm-ctl02-connections.json")
    assert found.program == "lab"
    assert verdict(KIND, found) == ("warning", "blocking: an alarm on some node will keep it from sending")


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        ("running", ("ok", "")),
        ("blocked", ("critical", "blocked: an alarm on some node keeps it from sending")),
        ("flow", ("ok", "flow: slowed down by the broker, it sends too fast")),
        ("closing", ("ok", "closing")),
        ("dreaming", ("unknown", "state is dreaming")),
        (None, ("unknown", "no statistics yet")),
    ],
)
def test_health(state: str | None, expected: tuple[str, str]) -> None:
    assert verdict(KIND, one(KIND, name="a -> b", state=state)) == expected


@pytest.mark.parametrize(
    ("label", "expected"),
    [
        ("nova-compute:27801:53999ad2-5cee", ("nova-compute", 27801)),
        ("lab:blocked", ("lab", None)),
        ("plain", ("plain", None)),
        ("", (None, None)),
        (None, (None, None)),
        (":7", (None, 7)),
        ("x:99999999999999999999", ("x", None)),
    ],
)
def test_what_a_label_says(label: str | None, expected: tuple[str | None, int | None]) -> None:
    assert program_of(label) == expected


@pytest.mark.parametrize("changes", [{"channels": "one"}, {"client_properties": "pika"}, {"name": None}, {"ssl": "no"}])
def test_odd_connections(changes: dict[str, Any]) -> None:
    (found,) = decoded(KIND, [{"name": "a -> b", "state": "running"} | changes])
    assert isinstance(found, OddRow)
