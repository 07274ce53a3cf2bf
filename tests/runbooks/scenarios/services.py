"""Keystone's services and their accounts."""

from __future__ import annotations

from tests.runbooks.scenario import Closed, Did, Ran, Scenario

KEYSTONE = ("keystone",)
NEW = {"name": "designate", "type": "dns", "description": "names"}
CREATED = Did("service.create", KEYSTONE, NEW)
ENDPOINT = {
    "interface": "public", "region": "RegionOne", "url": "http://127.0.0.1:9/dns", "answers": "curl was answered",
}  # fmt: skip
DISABLED = Did("service.disable", ("heat",))

SCENARIOS = (
    Scenario(
        "service.check",
        ("glance",),
        closed=(
            Closed("service-user", ("heat",), {"user": "nobody"}),
            Closed("service-user", ("glance",), before=(Ran("openstack user set --disable glance"),)),
            Closed("service-role", ("glance",), {"roles": "auditor"}),
        ),
    ),
    Scenario(
        "service.enable", ("heat",), before=(DISABLED,), closed=(Closed("sense", ("heat",)),), restores=("enabled",)
    ),
    Scenario(
        "service.disable",
        ("heat",),
        closed=(Closed("sense", ("heat",), before=(DISABLED,)), Closed("way-back", KEYSTONE)),
        restores=("enabled", "name", "description"),
    ),
    Scenario("service.create", KEYSTONE, NEW, closed=(Closed("sense", KEYSTONE, NEW, (CREATED,)),), restores=("name",)),
    Scenario("service.delete", ("designate",), before=(CREATED,), closed=(Closed("unused", ("heat",)),), restores=()),
    Scenario(
        "service.add-endpoint",
        ("designate",),
        ENDPOINT,
        before=(CREATED,),
        closed=(
            Closed("sense", ("glance",), ENDPOINT),
            Closed("answers", ("heat",), ENDPOINT | {"answers": "", "interface": "admin"}),
        ),
        restores=("name", "enabled"),
    ),
)
