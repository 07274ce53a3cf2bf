"""One real cloud for all tests that are marked `lab`."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from tests.ground import Ground, simulator
from tests.lab.real import RealLab, brought_up, impossible, taken_away


@pytest.fixture(scope="session")
def lab() -> Iterator[RealLab]:
    """The lab in profile `full`. Skips only where there is no root, or no Debian packages."""
    if why := impossible():
        pytest.skip(why)
    found, ours = brought_up(os.environ)
    yield found
    if ours:
        taken_away(found)


@pytest.fixture(scope="session")
def simulated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    """A simulated cloud with as many computes as the lab has."""
    with simulator(tmp_path_factory.mktemp("simulated"), "--computes", "3") as ground:
        yield ground
