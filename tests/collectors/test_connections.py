"""What a site says decides which kinds can be asked at all."""

from __future__ import annotations

import time

import pytest

from collectors import registry
from collectors.connections import Connections
from collectors.errors import BadConfiguration
from collectors.read import read
from collectors.site import HaproxySite, Site, SiteHost, WebSite

PAGES = HaproxySite(("ctl01",), pages=WebSite((("ctl01", "http://192.0.2.1:1984"),)))
"""Statistics pages of a site that tells no hosts: nobody logs in there."""


def with_roles(*roles: str) -> Connections:
    """A site of one host."""
    return Connections(Site("test", hosts={"a": SiteHost("a", "192.0.2.1", roles)}))


@pytest.mark.parametrize(
    ("connections", "asked"),
    [
        (Connections(Site("test")), {"hosts": False, "bridges": False, "servers": True}),
        (with_roles("control"), {"hosts": True, "interfaces": True, "bridges": False, "namespaces": False}),
        (with_roles("control", "network"), {"hosts": True, "bridges": True, "galera-members": False}),
        (Connections(Site("test", haproxy=PAGES)), {"hosts": False, "haproxy-backends": True, "vips": False}),
    ],
)
def test_a_kind_can_be_asked_where_there_is_somebody_to_ask(connections: Connections, asked: dict[str, bool]) -> None:
    assert {name: connections.can_ask(registry.kind(name)) for name in asked} == asked


def test_without_a_host_of_the_role_the_way_out_is_told() -> None:
    connections = with_roles("control")
    with pytest.raises(BadConfiguration, match="none of test has the role network or compute") as caught:
        read(registry.kind("bridges"), connections, clock=time.time)
    assert "roles = " in caught.value.hint
    connections.close()
