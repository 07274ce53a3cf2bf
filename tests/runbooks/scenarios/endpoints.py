"""Keystone's endpoints."""

from __future__ import annotations

from tests.runbooks.scenario import Closed, Did, Scenario

GLANCE = ("name=glance admin", "region_id=RegionOne")
KEYSTONE = ("type=identity", "ours=true", "region_id=RegionOne")
DISABLED = Did("endpoint.disable", GLANCE)
NOWHERE = "http://127.0.0.1:9/image"
ELSEWHERE = {"url": NOWHERE, "answers": "curl on cmp01 was answered"}

SCENARIOS = (
    Scenario(
        "endpoint.enable", GLANCE, before=(DISABLED,), closed=(Closed("sense", GLANCE),), restores=("enabled", "url")
    ),
    Scenario(
        "endpoint.disable",
        GLANCE,
        closed=(Closed("sense", GLANCE, before=(DISABLED,)), Closed("way-back", KEYSTONE)),
        restores=("enabled", "url"),
    ),
    Scenario(
        "endpoint.set-url",
        GLANCE,
        ELSEWHERE,
        closed=(
            Closed("answers", GLANCE, {"url": NOWHERE}),
            Closed("sense", GLANCE, ELSEWHERE, (Did("endpoint.set-url", GLANCE, ELSEWHERE),)),
        ),
        restores=("url", "enabled"),
    ),
    Scenario(
        "endpoint.set-region",
        GLANCE,
        {"region": "RegionTwo"},
        closed=(
            Closed("sense", GLANCE, {"region": "RegionOne"}),
            Closed("way-back", KEYSTONE, {"region": "RegionTwo"}),
        ),
        restores=("region_id", "url"),
    ),
    Scenario(
        "endpoint.set-interface",
        GLANCE,
        {"interface": "internal"},
        closed=(
            Closed("sense", GLANCE, {"interface": "admin"}),
            Closed("way-back", KEYSTONE, {"interface": "admin"}),
        ),
        restores=("interface", "url"),
    ),
    Scenario("endpoint.delete", GLANCE, before=(DISABLED,), closed=(Closed("sense", GLANCE),)),
)
