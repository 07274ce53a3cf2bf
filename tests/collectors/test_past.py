"""What Prometheus remembers of a row: the query that is sent, curves out of recorded answers, and every failure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from collectors.connections import Connections
from collectors.curve import Curve, figures
from collectors.errors import NoSuchObject, NotUnderstood, Refused, TooLate, Unreachable
from collectors.kinds.hosts import KIND as HOSTS
from collectors.kinds.queues import KIND as QUEUES
from collectors.past import SPANS, past, points_of, step_of
from collectors.site import Site, SiteHost, WebSite
from collectors.trend import Trend
from tests.collectors.kinds.monitoring_recordings import recorded
from tests.wire_server import HANG, Reply, WireServer, closed_port, json_reply

RANGE = "/api/v1/query_range"
LOAD, MEMORY, DISK = HOSTS.trends
SITE_HOSTS = {"cmp01": SiteHost("cmp01", "10.77.0.31")}


@pytest.fixture
def server() -> Iterator[WireServer]:
    with WireServer() as running:
        yield running


def host(**values: Any) -> Any:
    empty: dict[str, Any] = dict.fromkeys(HOSTS.fields.__struct_fields__)
    return HOSTS.fields(**empty | {"name": "cmp01"} | values)


def asked(url: str, trend: Trend = LOAD, row: Any = None, span: float = 3600.0, seconds: float = 5.0) -> Curve:
    connections = Connections(Site("t", hosts=SITE_HOSTS, prometheus=WebSite((("mon01", url),))))
    try:
        return past(connections, trend, host() if row is None else row, "cmp01", span, seconds)
    finally:
        connections.close()


def answer(*series: dict[str, Any]) -> Reply:
    return json_reply({"status": "success", "data": {"resultType": "matrix", "result": list(series)}})


def test_a_recorded_range_is_a_curve(server: WireServer) -> None:
    server.on(RANGE, json_reply(recorded("range-load")))
    one = recorded("range-load")["data"]["result"][:1]
    server.on(RANGE, answer(*one))
    curve = asked(server.url)
    assert (curve.name, curve.step, len(curve.points)) == ("cmp01", 30.0, 11)
    assert curve.points[0] == (one[0]["values"][0][0], float(one[0]["values"][0][1]))


def test_the_query_is_about_the_row_and_the_time_about_the_span(server: WireServer) -> None:
    server.on(RANGE, answer({"metric": {}, "values": [[1.0, "2"]]}))
    asked(server.url, DISK, host(disk='/var/"odd"'), span=21600.0)
    query = server.seen[0].query
    assert r'instance=~"(?:cmp01(?:[.][^:]*)?|10\\.77\\.0\\.31)(?::[0-9]+)?"' in query["query"]
    assert r'mountpoint="/var/\"odd\""' in query["query"]
    assert int(query["end"]) - int(query["start"]) == 21600
    assert query["step"] == "180"


@pytest.mark.parametrize("span", SPANS)
def test_a_span_has_as_many_values_as_a_screen_can_show(span: float) -> None:
    assert 60 <= span / step_of(span) <= 120


def test_what_is_no_number_is_no_point(server: WireServer) -> None:
    server.on(RANGE, answer({"metric": {}, "values": [[1.0, "NaN"], [2.0, "+Inf"], [3.0, "4.5"]]}))
    assert asked(server.url).points == ((3.0, 4.5),)


def test_several_series_are_added_up() -> None:
    assert points_of([{"values": [[1.0, "1"], [2.0, "2"]]}, {"values": [[2.0, "3"]]}]) == ((1.0, 1.0), (2.0, 5.0))


@pytest.mark.parametrize("found", [["x"], [{"values": [["a", "b"]]}], [{"values": [[1.0, "many"]]}], [{"values": 3}]])
def test_an_answer_of_another_shape_is_told(found: list[Any]) -> None:
    with pytest.raises(NotUnderstood):
        points_of(found)


def test_no_series_is_no_such_object(server: WireServer) -> None:
    server.on(RANGE, answer())
    with pytest.raises(NoSuchObject, match="no such values"):
        asked(server.url)


def test_what_cannot_be_bound_is_not_asked(server: WireServer) -> None:
    with pytest.raises(NoSuchObject):
        asked(server.url, DISK, host(disk=None))
    with pytest.raises(NoSuchObject):
        asked(server.url, QUEUES.trends[2], host())
    assert server.seen == []


def test_the_ways_in_which_it_fails(server: WireServer) -> None:
    server.on(RANGE, Reply(401, b"Unauthorized"))
    with pytest.raises(Refused):
        asked(server.url)
    server.on(RANGE, HANG)
    with pytest.raises(TooLate):
        asked(server.url, seconds=0.4)
    with pytest.raises(Unreachable):
        asked(f"http://127.0.0.1:{closed_port()}")


def test_a_curve_is_broken_where_values_are_missing() -> None:
    curve = Curve("a", tuple((30.0 * n, 1.0) for n in (0, 1, 2, 6, 7, 20)), 30.0)
    assert [len(part) for part in curve.stretches()] == [3, 2, 1]
    assert list(Curve("a", (), 30.0).stretches()) == []
    assert curve.since(180.0).points == ((180.0, 1.0), (210.0, 1.0), (600.0, 1.0))


def test_the_figures_of_a_curve() -> None:
    found = figures(Curve("a", ((1.0, 4.0), (2.0, 1.0), (3.0, 4.0)), 1.0))
    assert found is not None
    assert (found.last, found.at, found.least, found.mean, found.most) == (4.0, 3.0, 1.0, 3.0, 4.0)
    assert figures(Curve("a", (), 1.0)) is None
