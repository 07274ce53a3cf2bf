"""A cloud whose time stands still, and its Cinder."""

from __future__ import annotations

import pytest

from runbooks.simulator.http.cinder import API
from runbooks.simulator.model.cloud import Cloud
from tests.simulator.calls import Client, cloud


@pytest.fixture
def model() -> Cloud:
    return cloud()


@pytest.fixture
def cinder(model: Cloud) -> Client:
    return Client(model, API)


@pytest.fixture
def owner(model: Cloud) -> Client:
    """The owner of the tenant ci."""
    return Client(model, API, "ci-owner", "ci")
