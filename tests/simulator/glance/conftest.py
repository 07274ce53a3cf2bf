"""A cloud whose time stands still, and its Glance."""

from __future__ import annotations

import pytest

from runbooks.simulator.http.glance import API
from runbooks.simulator.model.cloud import Cloud
from tests.simulator.calls import Client, cloud


@pytest.fixture
def model() -> Cloud:
    return cloud()


@pytest.fixture
def glance(model: Cloud) -> Client:
    return Client(model, API)


@pytest.fixture
def owner(model: Cloud) -> Client:
    """The owner of the tenant web-shop."""
    return Client(model, API, "web-shop-owner", "web-shop")


@pytest.fixture
def partner(model: Cloud) -> Client:
    """The owner of the tenant analytics."""
    return Client(model, API, "analytics-owner", "analytics")
