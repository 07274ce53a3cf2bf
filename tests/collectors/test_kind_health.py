"""What a whole snapshot says about its system, beyond its rows."""

from __future__ import annotations

from msgspec.structs import replace

from collectors.errors import NotOffered
from collectors.kind_health import kind_health
from collectors.snapshot import TargetRead
from tests.rows import NOW, snapshot


def test_a_service_that_the_region_does_not_have_is_no_problem() -> None:
    missing = NotOffered("block-storage", "the catalogue has no block-storage in region RegionTwo")
    found = replace(snapshot([]), targets=(TargetRead("cloud", 0.0, 0, error=missing),))
    told = kind_health(found, NOW)
    assert (told.health.level, told.health.reason) == ("ok", missing.why)
