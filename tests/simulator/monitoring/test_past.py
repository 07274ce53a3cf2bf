"""The past of real rows, from the simulated Prometheus: every query that kinds declare is one that it understands."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest

from collectors import registry
from collectors.connections import Connections
from collectors.errors import NoSuchObject
from collectors.past import past
from collectors.read import read
from collectors.snapshot import OddRow
from console.config import load_site
from tests.ground import Ground, simulator

WITHOUT = {"queues": "RabbitMQ tells of single queues only where it is set up to", "hypervisors": "no exporter of Nova"}


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    """A small cloud."""
    with simulator(tmp_path_factory.mktemp("past") / "state", "--computes", "2") as found:
        yield found


@pytest.fixture
def ways(own: Ground, monkeypatch: pytest.MonkeyPatch) -> Iterator[Connections]:
    """The console's connections to it."""
    for name, value in own.environment().items():
        monkeypatch.setenv(name, value)
    with closing(Connections(load_site("simulator", "RegionOne", own.environment()))) as found:
        yield found


@pytest.mark.parametrize(
    "name", [kind.name for kind in registry.kinds() if any(t.query or t.queries for t in kind.trends)]
)
def test_what_a_kind_follows_has_a_past(ways: Connections, name: str) -> None:
    kind = registry.kind(name)
    rows: list[Any] = [row for row in read(kind, ways, clock=time.time).rows if not isinstance(row, OddRow)]
    if name == "haproxy-backends":  # what is not HTTP has no codes
        rows = [row for row in rows if row.type == "server" and row.mode == "http"]
    if name == "hosts":  # those of Ceph are scraped by Ceph's own monitoring
        rows = [row for row in rows if row.name.startswith(("ctl", "cmp"))]
    assert rows
    for trend in kind.trends:
        if not trend.query_for(rows[0]):
            continue
        if name in WITHOUT:
            with pytest.raises(NoSuchObject):
                past(ways, trend, rows[0], "it", 3600.0, 20.0)
            continue
        curve = past(ways, trend, rows[0], "it", 3600.0, 20.0)
        assert len(curve.points) > 100
        now = getattr(rows[0], trend.field, None)
        if trend.role_in(kind) == "percent":
            assert curve.points[-1][1] == pytest.approx(now, abs=8)
