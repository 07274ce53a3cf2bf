"""The cloud as operations see it: which region it is, and that what is read fresh is no kept answer."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from collectors.errors import BadConfiguration
from runbooks.cloud import Cloud


class Connections:
    """A site that names no region; the cloud's own configuration does, once it was opened."""

    def __init__(self, fails: bool = False) -> None:
        self.site = SimpleNamespace(region="", cloud="lab")
        self.opened = False
        self._fails = fails

    def system(self, name: str) -> object:
        if self._fails:
            raise BadConfiguration(name, "there is no such cloud", "")
        self.opened = True
        return object()

    @property
    def region(self) -> str:
        return "RegionOne" if self.opened else ""


@pytest.mark.parametrize(("fails", "region"), [(False, "RegionOne"), (True, "")])
def test_the_region_is_known_before_openstack_was_asked_for_anything(fails: bool, region: str) -> None:
    """Else `undo` does not find what was done a moment ago: the journal tells runs apart by it."""
    cloud = Cloud(Connections(fails), lambda: 0.0)  # type: ignore[arg-type]
    assert cloud.region == region
