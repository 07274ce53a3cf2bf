"""Snapshots from the wire: growing, refreshed by changes, kept when a service fails."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from collectors import registry
from collectors.connections import Connections
from collectors.errors import Refused, TooLate, Unreachable
from collectors.read import read
from collectors.reader import FULL_READ_EVERY
from collectors.snapshot import OddRow, Snapshot
from collectors.sources.base import Where
from tests.wire_cloud import WireCloud, wire_cloud
from tests.wire_server import DRIP, Reply, json_reply

PATH = "/compute/v2.1/servers/detail"
NOW = 1795232839.0
DATE = "Sat, 21 Nov 2026 03:47:19 GMT"
"""The same moment, as Nova's clock says it."""

SERVERS = registry.kind("servers")


@pytest.fixture
def cloud(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[WireCloud]:
    """A scripted cloud."""
    with wire_cloud(tmp_path, monkeypatch) as running:
        yield running


@pytest.fixture
def connections(cloud: WireCloud) -> Iterator[Connections]:
    """The real sources on it."""
    made = cloud.connections()
    yield made
    made.close()


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self, now: float = NOW) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


def servers(*found: dict[str, Any], marker: str = "", date: str = DATE) -> Reply:
    """A page of servers."""
    body: dict[str, Any] = {"servers": list(found)}
    if marker:
        body["servers_links"] = [{"rel": "next", "href": f"http://x/?marker={marker}"}]
    return json_reply(body, Date=date)


def server(identity: str, status: str = "ACTIVE", **more: Any) -> dict[str, Any]:
    """One server."""
    return {"id": identity, "name": identity, "status": status, **more}


def statuses(snapshot: Snapshot) -> dict[str, str]:
    """Id → status."""
    return {snapshot.id_at(i): getattr(row, "status", "odd") for i, row in enumerate(snapshot.rows)}


def test_a_snapshot_of_one_page(cloud: WireCloud, connections: Connections) -> None:
    cloud.on(PATH, servers(server("a"), server("b", "ERROR", fault={"message": "no host"})))
    found = read(SERVERS, connections, clock=Clock())
    assert statuses(found) == {"a": "ACTIVE", "b": "ERROR"}
    assert [(h.level, h.reason) for h in found.healths] == [("ok", ""), ("critical", "no host")]
    assert found.keys == {"a": 0, "b": 1}
    assert (found.complete, found.at, found.full_at, found.cloud) == (True, NOW, NOW, "wire")
    (target,) = found.targets
    assert (target.target, target.rows, target.calls, target.error) == ("wire", 2, 1, None)


def test_the_services_clock_judges_ages(cloud: WireCloud, connections: Connections) -> None:
    # Our clock is ten minutes slow; Nova's own says that this build began a minute ago.
    cloud.on(PATH, servers(server("a", "BUILD", updated="2026-11-21T03:46:19Z")))
    found = read(SERVERS, connections, clock=Clock(NOW - 600))
    assert found.targets[0].skew == 600.0
    assert found.healths[0].level == "ok"


def test_a_difference_below_the_clocks_grain_is_none(cloud: WireCloud, connections: Connections) -> None:
    cloud.on(PATH, servers(server("a")))
    assert read(SERVERS, connections, clock=Clock(NOW + 1.4)).targets[0].skew == 0.0


def test_a_row_that_arrives_twice_is_one_row(cloud: WireCloud, connections: Connections) -> None:
    cloud.on(PATH, servers(server("a"), server("b", "BUILD"), marker="b"), servers(server("b"), server("c")))
    assert statuses(read(SERVERS, connections, clock=Clock())) == {"a": "ACTIVE", "b": "ACTIVE", "c": "ACTIVE"}


def test_a_first_read_grows(cloud: WireCloud, connections: Connections) -> None:
    many = [server(f"c{i}") for i in range(9)]
    pages = [servers(server("a"), marker="a"), servers(server("b"), marker="b"), servers(*many)]
    cloud.on(PATH, *pages)
    grown: list[Snapshot] = []
    last = read(SERVERS, connections, clock=count(NOW).__next__, partial=grown.append)
    assert [(len(s.rows), s.complete) for s in grown] == [(1, False), (2, False), (11, False)]
    assert (len(last.rows), last.complete) == (11, True)


def test_a_growing_list_is_shown_only_when_it_has_grown_by_a_good_part(
    cloud: WireCloud, connections: Connections
) -> None:
    first = [server(f"a{i}") for i in range(9)]
    cloud.on(PATH, servers(*first, marker="a8"), servers(server("b"), marker="b"), servers(server("c"), server("d")))
    grown: list[Snapshot] = []
    read(SERVERS, connections, clock=count(NOW).__next__, partial=grown.append)
    assert [len(s.rows) for s in grown] == [9, 12]


def test_a_refresh_does_not_grow(cloud: WireCloud, connections: Connections) -> None:
    cloud.on(PATH, servers(server("a"), marker="a"), servers(server("b")))
    before = read(SERVERS, connections, clock=Clock())
    grown: list[Snapshot] = []
    read(SERVERS, connections, clock=Clock(), previous=before, partial=grown.append)
    assert grown == []


# -- changes ----------------------------------------------------------------------------------------------------------


def test_a_refresh_asks_only_for_changes_and_lays_them_over(cloud: WireCloud, connections: Connections) -> None:
    clock = Clock()
    cloud.on(PATH, servers(server("a"), server("b"), server("c")))
    before = read(SERVERS, connections, clock=clock)
    clock.now = NOW + 30
    cloud.on(PATH, servers(server("b", "ERROR"), server("c", "DELETED"), server("d"), date=""))
    after = read(SERVERS, connections, clock=clock, previous=before)
    # Ten seconds of overlap before the moment at which the first read began.
    assert cloud.asked(PATH)[-1].query["changes-since"] == "2026-11-21T03:47:09Z"
    assert statuses(after) == {"a": "ACTIVE", "b": "ERROR", "d": "ACTIVE"}
    assert [h.level for h in after.healths] == ["ok", "critical", "ok"]
    assert (after.at, after.full_at, after.complete) == (NOW + 30, NOW, True)
    assert after.keys == {"a": 0, "b": 1, "d": 2}


def test_a_softly_deleted_server_leaves_as_it_does_from_the_list(cloud: WireCloud, connections: Connections) -> None:
    cloud.on(PATH, servers(server("a")), servers(server("a", "SOFT_DELETED")))
    before = read(SERVERS, connections, clock=Clock())
    assert statuses(read(SERVERS, connections, clock=Clock(), previous=before)) == {}


def test_changes_are_asked_on_the_services_clock(cloud: WireCloud, connections: Connections) -> None:
    cloud.on(PATH, servers(server("a")))
    before = read(SERVERS, connections, clock=Clock(NOW - 600))
    read(SERVERS, connections, clock=Clock(NOW - 600), previous=before)
    assert cloud.asked(PATH)[-1].query["changes-since"] == "2026-11-21T03:47:09Z"


def test_now_and_then_the_list_is_read_whole(cloud: WireCloud, connections: Connections) -> None:
    cloud.on(PATH, servers(server("a")))
    clock = Clock()
    before = read(SERVERS, connections, clock=clock)
    clock.now = NOW + FULL_READ_EVERY + 1
    after = read(SERVERS, connections, clock=clock, previous=before)
    assert "changes-since" not in cloud.asked(PATH)[-1].query
    assert after.full_at == clock.now


def test_a_filtered_list_is_always_read_whole(cloud: WireCloud, connections: Connections) -> None:
    # A server that moved to another host would not be among the changes of this one, and would stay for ever.
    cloud.on(PATH, servers(server("a")), servers())
    where = Where(query=(("host", "cmp01"),))
    before = read(SERVERS, connections, where, clock=Clock())
    after = read(SERVERS, connections, where, clock=Clock(), previous=before)
    assert "changes-since" not in cloud.asked(PATH)[-1].query
    assert statuses(after) == {}


def test_an_incomplete_list_is_read_whole_next_time(cloud: WireCloud, connections: Connections) -> None:
    cloud.on(PATH, servers(server("a"), marker="a"), json_reply({"x": {"message": "down"}}, 500), servers(server("a")))
    before = read(SERVERS, connections, clock=Clock())
    assert not before.complete
    read(SERVERS, connections, clock=Clock(), previous=before)
    assert "changes-since" not in cloud.asked(PATH)[-1].query


def test_names_that_become_known_reach_the_unchanged_rows(cloud: WireCloud, connections: Connections) -> None:
    cloud.on(PATH, servers(server("a", tenant_id="p1")))
    cloud.on("/identity/v3/projects", json_reply({"projects": [{"id": "p1", "name": "shop"}]}))
    before = read(SERVERS, connections, clock=Clock())
    assert before.rows[0].project is None  # type: ignore[union-attr]
    projects = read(registry.kind("projects"), connections, clock=Clock())
    after = read(SERVERS, connections, clock=Clock(), previous=before, joined={"projects": projects})
    assert after.rows[0].project == "shop"  # type: ignore[union-attr]
    assert "changes-since" not in cloud.asked(PATH)[-1].query
    read(SERVERS, connections, clock=Clock(), previous=after, joined={"projects": projects})
    assert "changes-since" in cloud.asked(PATH)[-1].query


def test_an_odd_row_among_the_changes_replaces_its_row(cloud: WireCloud, connections: Connections) -> None:
    cloud.on(PATH, servers(server("a"), server("b")), servers({"id": "a", "name": 7}))
    before = read(SERVERS, connections, clock=Clock())
    after = read(SERVERS, connections, clock=Clock(), previous=before)
    assert isinstance(after.rows[0], OddRow)
    assert (after.odd, len(after.rows)) == (1, 2)
    assert after.healths[0].level == "unknown"


# -- failures ---------------------------------------------------------------------------------------------------------


def test_a_first_read_that_fails_is_a_snapshot_with_an_error(cloud: WireCloud, connections: Connections) -> None:
    cloud.on(PATH, json_reply({"forbidden": {"message": "policy"}}, 403))
    found = read(SERVERS, connections, clock=Clock())
    assert (list(found.rows), found.complete, found.at) == ([], False, 0.0)
    assert isinstance(found.errors[0], Refused)


def test_what_a_failed_service_gave_before_stays_with_its_age(cloud: WireCloud, connections: Connections) -> None:
    clock = Clock()
    cloud.on(PATH, servers(server("a"), server("b")), json_reply({"x": {"message": "down"}}, 500))
    before = read(SERVERS, connections, clock=clock)
    clock.now = NOW + 30
    after = read(SERVERS, connections, clock=clock, previous=before)
    assert statuses(after) == {"a": "ACTIVE", "b": "ACTIVE"}
    assert (after.at, after.targets[0].at, after.complete) == (NOW, NOW, False)
    assert type(after.errors[0]) is Unreachable


def test_rows_of_a_read_that_broke_off_are_merged_over_the_old_ones(cloud: WireCloud, connections: Connections) -> None:
    clock = Clock()
    cloud.on(PATH, servers(server("a"), server("b")))
    before = read(SERVERS, connections, clock=clock)
    clock.now = NOW + FULL_READ_EVERY + 1
    cloud.on(PATH, servers(server("b", "ERROR"), server("c"), marker="c"), json_reply({"x": {"message": "m"}}, 500))
    after = read(SERVERS, connections, clock=clock, previous=before)
    assert statuses(after) == {"a": "ACTIVE", "b": "ERROR", "c": "ACTIVE"}
    assert not after.complete


def test_a_read_that_drips_ends_at_its_deadline_with_what_it_had(cloud: WireCloud, connections: Connections) -> None:
    cloud.on(PATH, servers(server("a"), marker="a"), DRIP)
    found = read(SERVERS, connections, clock=Clock(), deadline=0.5)
    assert statuses(found) == {"a": "ACTIVE"}
    assert isinstance(found.errors[0], TooLate)
    assert "did not finish within 0.5 s" in found.errors[0].why


def test_an_error_does_not_keep_what_it_came_through(cloud: WireCloud, connections: Connections) -> None:
    cloud.on(PATH, json_reply({"x": {"message": "down"}}, 500))
    error = read(SERVERS, connections, clock=Clock()).errors[0]
    assert (error.__traceback__, error.__cause__, error.__context__) == (None, None, None)


def test_closing_the_connections_ends_a_read_that_hangs(cloud: WireCloud) -> None:
    import threading

    from tests.wire_server import HANG, Seen

    made, asked, found = cloud.connections(), threading.Event(), []

    def hang(seen: Seen) -> Reply:
        asked.set()
        return HANG

    cloud.on(PATH, hang)
    reading = threading.Thread(target=lambda: found.append(read(SERVERS, made, clock=Clock())))
    reading.start()
    assert asked.wait(10)
    made.close()
    reading.join(5)
    assert not reading.is_alive()
    assert found[0].errors


def test_where_a_kind_below_a_parent_is_read(cloud: WireCloud, connections: Connections) -> None:
    action = {"request_id": "req-1", "action": "create", "start_time": "2026-11-20T22:33:52.000000"}
    cloud.on("/compute/v2.1/servers/s1/os-instance-actions", json_reply({"instanceActions": [action]}))
    found = read(registry.kind("server-actions"), connections, Where(parent="s1"), clock=Clock())
    assert found.rows[0].server == "s1"  # type: ignore[union-attr]
