"""A cloud whose time stands still, and its Neutron."""

from __future__ import annotations

import pytest

from runbooks.simulator.http.neutron import API
from runbooks.simulator.model.cloud import Cloud
from tests.simulator.calls import Client, cloud


@pytest.fixture
def model() -> Cloud:
    return cloud()


@pytest.fixture
def neutron(model: Cloud) -> Client:
    return Client(model, API)


@pytest.fixture
def owner(model: Cloud) -> Client:
    """The owner of the tenant web-shop."""
    return Client(model, API, "web-shop-owner", "web-shop")
