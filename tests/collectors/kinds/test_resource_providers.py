"""Resource providers: the tree that Placement keeps."""

from __future__ import annotations

from typing import Any

from collectors import registry
from collectors.request import Rest
from tests.collectors.kinds.recordings import row, rows, verdict


def test_the_recorded_providers_are_the_hypervisors() -> None:
    found: dict[str, Any] = {p.name: p for p in rows("resource-providers")}  # type: ignore[union-attr]
    hypervisors = {h.name: h.id for h in rows("hypervisors")}  # type: ignore[union-attr]
    assert {name: found[name].id for name in hypervisors} == hypervisors
    assert found["cmp02"].generation == 4
    assert verdict(found["cmp02"], "resource-providers") == ("ok", "")


def test_a_provider_below_another() -> None:
    made = row("resource-providers", uuid="u", name="cmp01_gpu", parent_provider_uuid="p", root_provider_uuid="p")
    assert (made.id, made.parent, made.root) == ("u", "p", "p")


def test_usages_are_read_only_for_the_one_that_is_described() -> None:
    describe = registry.kind("resource-providers").describe
    assert isinstance(describe, Rest)
    assert describe.path == "/resource_providers/{parent}/usages"
    assert describe.single
