"""One real cloud for all tests that are marked `lab`."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

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
