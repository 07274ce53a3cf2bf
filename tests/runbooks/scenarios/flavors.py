"""Flavors."""

from __future__ import annotations

from tests.runbooks.scenario import Closed, Scenario

SMALL, PINNED = ("m1.small",), ("p1.pinned",)
POLICY = {"property": "hw:cpu_policy", "value": "shared"}

LET, OUT = {"project": "web-shop"}, {"project": "research"}

SCENARIOS = (
    Scenario(
        "flavor.access-add",
        PINNED,
        LET,
        closed=(Closed("sense", PINNED, OUT), Closed("sense", SMALL, LET)),
        restores=("is_public",),
    ),
    Scenario(
        "flavor.access-remove",
        PINNED,
        OUT,
        closed=(Closed("sense", PINNED, LET), Closed("sense", SMALL, LET)),
        restores=("is_public",),
    ),
    Scenario(
        "flavor.create",
        SMALL,
        {"name": "m1.wide", "vcpus": "3"},
        closed=(Closed("sense", SMALL, {"name": "m1.tiny"}),),
        restores=("name", "vcpus"),
    ),
    Scenario("flavor.delete", PINNED),
    Scenario(
        "flavor.set",
        PINNED,
        POLICY,
        closed=(Closed("sense", PINNED, POLICY | {"value": "dedicated"}),),
        restores=("extra_specs", "vcpus"),
    ),
    Scenario(
        "flavor.unset",
        PINNED,
        {"property": "hw:mem_page_size"},
        closed=(Closed("sense", SMALL, {"property": "hw:mem_page_size"}),),
        restores=("extra_specs", "vcpus"),
    ),
)
