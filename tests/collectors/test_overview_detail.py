"""Details of a system: silent while it is well, named beside what is as bad, told when nothing else says it."""

from __future__ import annotations

from msgspec.structs import replace

from collectors import registry
from collectors.errors import Unreachable
from collectors.health import Health, critical, ok, unknown, warning
from collectors.overview import SystemHealth, overview, watched
from collectors.rollup import Worst
from tests.rows import NOW
from tests.systems import NODES, kind, members, rows, seen

LIMITS = replace(kind("limits", "rabbitmq", Worst("limits", "kept")), detail=True)
WAYS = replace(kind("ways", "rabbitmq", Worst("ways", "open")), detail=True)


def line(nodes: dict[str, Health], limits: dict[str, Health], ways: dict[str, Health] | None = None) -> SystemHealth:
    """What the overview says of a broker of two nodes."""
    found = {
        NODES.name: seen(NODES, rows("one", "two", "three"), nodes),
        LIMITS.name: seen(LIMITS, rows("memory", "disk"), limits),
        WAYS.name: seen(WAYS, rows("a"), ways),
    }
    return overview([LIMITS, WAYS, NODES], found, NOW).systems[0]


def test_what_is_well_in_detail_is_not_told() -> None:
    assert line({}, {}).health == ok("3 of 3 nodes running")


def test_a_detail_that_is_as_bad_is_named_only() -> None:
    said = line({"one": critical("alarm")}, {"memory": critical("full")}, {"a": warning("slow")})
    assert said.health.level == "critical"
    assert said.text.startswith("1 of 2 limits kept; memory: full")
    assert said.text.endswith("also ways")


def test_a_detail_is_told_where_nothing_else_is_bad() -> None:
    said = line({}, {"memory": warning("nearly full")}, {"a": unknown("not asked")})
    assert said.health == warning("2 of 2 limits kept; memory: nearly full; also ways")


def test_details_alone_are_told() -> None:
    only = overview([LIMITS], {LIMITS.name: seen(LIMITS, rows("memory"))}, NOW).systems[0]
    assert only.text == "1 of 1 limits kept"


def test_what_is_silent_is_said_once_and_nothing_is_named_for_it() -> None:
    gone = Unreachable("rabbitmq at 10.0.0.10:15672", "connection refused", "nephoscope doctor")
    found = {
        NODES.name: members(NODES, {"one": gone}),
        LIMITS.name: seen(LIMITS, at=0.0, error=gone),
    }
    said = overview([NODES, LIMITS], found, NOW).systems[0]
    assert said.text.count("connection refused") == 1
    assert "also" not in said.text


def test_no_system_consists_of_details_only() -> None:
    """Somebody has to speak for each system."""
    speak = {k.system for k in registry.kinds() if not k.detail}
    assert {k.system for k in registry.kinds()} == speak


def test_a_list_that_is_only_counted_and_a_detail_is_not_what_its_system_is_judged_by() -> None:
    """Capacity takes five lists to read: that Placement answers is seen by a cheaper one."""
    asked = [k for k in registry.kinds() if k.system == "placement"]
    assert [k.name for k in asked] == ["capacities", "provider-summaries", "resource-providers"]
    assert [k.name for k in watched(asked, lambda _: True)] == ["resource-providers"]
