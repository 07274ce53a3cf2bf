"""A cloud to try operations on, as it was made for each test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.ground import Ground, simulator
from tests.runbooks.trial import OpenStack, Signers, Trial


@pytest.fixture(scope="session")
def small_cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    """A simulator for operations only, of default size."""
    with simulator(tmp_path_factory.mktemp("operations") / "state") as found:
        yield found


@pytest.fixture(scope="session")
def client(small_cloud: Ground) -> Iterator[OpenStack]:
    """python-openstackclient on that cloud."""
    made = OpenStack(small_cloud.environment())
    yield made
    made.close()


@pytest.fixture(scope="session")
def signers(tmp_path_factory: pytest.TempPathFactory) -> Signers:
    """Who may approve."""
    return Signers(tmp_path_factory.mktemp("signers"))


@pytest.fixture
def trial(
    small_cloud: Ground, client: OpenStack, signers: Signers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Trial]:
    """The cloud as it is when it is new."""
    small_cloud.ask("reset")
    for name, value in small_cloud.environment().items():
        if name.startswith(("OS_", "NEPHOSCOPE_")):
            monkeypatch.setenv(name, value)
    made = Trial(small_cloud, tmp_path, client, signers)
    yield made
    made.close()
