"""Capacity by flavor as a whole read: five lists whatever there is, places, hosts that take nothing, refusals."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from collectors import registry
from collectors.errors import Refused
from collectors.read import read
from collectors.snapshot import Snapshot
from tests.collectors.kinds.recordings import NOW
from tests.wire_cloud import WireCloud, recorded, wire_cloud
from tests.wire_server import json_reply

CANDIDATES = "/placement/allocation_candidates"


@pytest.fixture
def cloud(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[WireCloud]:
    """A cloud that answers as the recorded one did, with two aggregates, one of them a zone."""
    with wire_cloud(tmp_path, monkeypatch) as running:
        answers: dict[str, Any] = {
            "/compute/v2.1/flavors/detail": recorded("compute/flavors_detail_is_public_None@2.96"),
            "/compute/v2.1/os-hypervisors/detail": recorded("compute/os-hypervisors_detail@2.87"),
            "/compute/v2.1/os-services": recorded("compute/os-services@2.96"),
            "/compute/v2.1/os-aggregates": {
                "aggregates": [
                    {"name": "ssd", "hosts": ["cmp01"], "metadata": {"ssd": "true"}},
                    {"name": "empty", "hosts": [], "metadata": {}},
                ]
            },
            CANDIDATES: recorded("placement/allocation_candidates@1.39"),
        }
        for path, body in answers.items():
            running.on(path, json_reply(body))
        yield running


def snapshot(cloud: WireCloud) -> Snapshot:
    """What the kind reads from what is answered now."""
    connections = cloud.connections()
    try:
        return read(registry.kind("capacity"), connections, clock=lambda: NOW)
    finally:
        connections.close()


def fits(found: Snapshot) -> dict[tuple[str, str, str], tuple[int, str | None]]:
    """(flavor, level, place) → servers, tight."""
    rows: Any = found.rows
    return {(row.flavor, row.level, row.place): (row.servers, row.tight) for row in rows}


def changed(cloud: WireCloud, path: str, recording: str, **of: dict[str, Any]) -> None:
    """Answer the recording with members of some rows (by host) replaced."""
    body = recorded(recording)
    (rows,) = body.values()
    for each in rows:
        if each.get("binary", "nova-compute") == "nova-compute":
            each.update(of.get(each["host"], {}))
    cloud.on(path, json_reply(body))


def test_every_flavor_in_every_place(cloud: WireCloud) -> None:
    found = snapshot(cloud)
    assert (found.complete, found.odd, found.errors) == (True, 0, ())
    told = fits(found)
    assert told["lab.small", "cloud", "everywhere"] == (3 * 63, "MEMORY_MB")
    assert told["lab.small", "zone", "nova"] == (3 * 63, "MEMORY_MB")
    assert told["lab.small", "aggregate", "ssd"] == (63, "MEMORY_MB")
    assert told["lab.tiny", "aggregate", "ssd"] == (63, "VCPU")
    assert told["lab.tiny", "aggregate", "empty"] == (0, None)
    assert {place for _, _, place in told} == {"everywhere", "nova", "ssd", "empty"}, "no zone of controllers"


def test_five_requests_however_much_there_is(cloud: WireCloud) -> None:
    found = snapshot(cloud)
    asked = [seen.path for seen in cloud.seen if "identity" not in seen.path]
    assert len(asked) == 5, asked
    assert found.targets[0].calls == 5
    (candidates,) = cloud.asked(CANDIDATES)
    assert candidates.headers["openstack-api-version"] == "placement 1.39"
    assert candidates.query == {"resources": "MEMORY_MB:1"}


@pytest.mark.parametrize("state", [{"state": "down"}, {"status": "disabled"}])
def test_a_host_that_takes_nothing_has_no_room(cloud: WireCloud, state: dict[str, str]) -> None:
    changed(cloud, "/compute/v2.1/os-services", "compute/os-services@2.96", cmp01=state)
    found = snapshot(cloud)
    assert fits(found)["lab.small", "cloud", "everywhere"][0] == 2 * 63
    full = next(i for i, row in enumerate(found.rows) if getattr(row, "place", "") == "ssd")
    assert found.healths[full].level == "ok"
    assert found.healths[full].reason == "none fits here: no host takes new servers"


def test_a_host_that_placement_left_out_is_full(cloud: WireCloud) -> None:
    body = recorded("placement/allocation_candidates@1.39")
    body["provider_summaries"] = {}
    cloud.on(CANDIDATES, json_reply(body))
    found = snapshot(cloud)
    told = zip(found.rows, found.healths, strict=True)
    everywhere: list[Any] = [(row, health) for row, health in told if getattr(row, "level", "") == "cloud"]
    assert everywhere
    for row, health in everywhere:
        assert row.servers == 0
        assert health.level == "warning"
        assert health.reason == "fits nowhere: every host is full"


def test_without_the_right_to_ask_placement_nothing_is_guessed(cloud: WireCloud) -> None:
    cloud.on(CANDIDATES, json_reply({"errors": [{"status": 403, "title": "Forbidden", "detail": "admin only"}]}, 403))
    found = snapshot(cloud)
    (error,) = found.errors
    assert isinstance(error, Refused)
    assert len(found.rows) == 0
