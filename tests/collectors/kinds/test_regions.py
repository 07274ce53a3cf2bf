"""Regions: a word and what is in it."""

from __future__ import annotations

from tests.collectors.kinds.recordings import row, rows, verdict


def test_the_recorded_region() -> None:
    (region,) = rows("regions")
    assert region == row("regions", id="RegionOne", description="", parent_region_id=None)
    assert verdict(region, "regions") == ("ok", "")


def test_a_region_below_another() -> None:
    assert row("regions", id="az1", parent_region_id="eu", description="Frankfurt").parent_region_id == "eu"
