"""One real cloud for all tests that are marked `lab`."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.ground import Ground, simulator
from tests.lab.openstack_client import Client
from tests.lab.operating import Operating
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


@pytest.fixture
def operating(lab: RealLab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Operating]:
    """A console on the lab, with a journal and locks of its own."""
    made = Operating(lab, tmp_path, monkeypatch)
    yield made
    made.close()


@pytest.fixture(scope="module")
def client(lab: RealLab) -> Iterator[Client]:
    """The openstack client on the lab."""
    made = Client(lab)
    yield made
    made.close()
