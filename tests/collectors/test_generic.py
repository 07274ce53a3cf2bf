"""Collections of services that have no kind of their own."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from collectors import registry
from collectors.decode import rows_of
from collectors.errors import BadConfiguration, UsageError
from collectors.generic import KNOWN, AnyObject, generic_kind, health, row
from collectors.kind import Reading
from collectors.projects import PROJECTS, purpose, retired
from collectors.read import read
from collectors.request import Rest
from collectors.sources.base import Page
from tests.wire_cloud import PROJECT, WireCloud, wire_cloud
from tests.wire_server import json_reply

READING = Reading("wire", 0.0)


def made(**found: Any) -> AnyObject:
    """The row of one object."""
    return row(found, READING)


@pytest.fixture
def cloud(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[WireCloud]:
    """A scripted cloud."""
    with wire_cloud(tmp_path, monkeypatch) as running:
        yield running


@pytest.mark.parametrize(
    ("word", "name", "request_"),
    [
        ("orchestration/stacks", "orchestration/stacks", Rest("orchestration", "/stacks", "stacks")),
        ("heat/stacks", "orchestration/stacks", Rest("orchestration", "/stacks", "stacks")),
        ("volumev3/types", "block-storage/types", Rest("block-storage", "/types", "volume_types")),
        ("load-balancer/pools", "load-balancer/pools", Rest("load-balancer", "/lbaas/pools", "pools")),
        ("dns/tsigkeys", "dns/tsigkeys", Rest("dns", "/tsigkeys", "")),
        ("made-up/things", "made-up/things", Rest("made-up", "/things", "")),
        ("Metric/Archive-Policies", "metric/archive-policies", Rest("metric", "/archive_policy", "")),
    ],
)
def test_a_word_with_a_slash_is_a_collection(word: str, name: str, request_: Rest) -> None:
    kind = registry.kind(word)
    assert kind.name == name
    assert kind.read == request_
    assert registry.kind(word) is registry.kind(word)


@pytest.mark.parametrize("word", ["/", "a/", "/b", "a/../b", "a/b?c=d", "a/b c", "a/%2e", "a/\x1b", "é/b"])
def test_what_names_no_collection(word: str) -> None:
    with pytest.raises(UsageError, match="names no collection of a service"):
        registry.kind(word)


def test_a_retired_project_is_said_to_be_retired() -> None:
    assert generic_kind("data-processing/clusters").about == (
        "clusters as data-processing lists them. Sahara: Hadoop and Spark clusters (retired upstream in 2024)"
    )
    assert "retired" not in generic_kind("orchestration/stacks").about


@pytest.mark.parametrize(("word", "expected"), [("events", "Panko"), ("policy", "Congress"), ("search", "Searchlight")])
def test_retired_projects_by_the_catalogues_spellings(word: str, expected: str) -> None:
    assert (retired(word) or "").startswith(f"{expected} was retired upstream in 20")


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("database/instances", "Trove: databases for tenants, each on a server of its own"),
        ("messaging/queues", "Zaqar: message queues for tenants' applications"),
        ("metric/resources", "Gnocchi: time series of measurements (developed outside OpenStack)"),
    ],
)
def test_a_collection_says_what_its_service_is(word: str, expected: str) -> None:
    assert generic_kind(word).about.endswith(f". {expected}")


def test_a_service_that_nobody_told_us_of_is_only_called_by_its_type() -> None:
    assert purpose("made-up") is None
    assert generic_kind("made-up/things").about == "things as made-up lists them"


def test_every_service_of_the_authority_is_told_of() -> None:
    from os_service_types import ServiceTypes

    known = {service["service_type"] for service in ServiceTypes().services}
    assert known - set(PROJECTS) == set()
    for service in ServiceTypes().services:
        for alias in (service["service_type"], *(service.get("aliases") or ())):
            assert purpose(alias) == purpose(service["service_type"]), alias


@pytest.mark.parametrize("word", ["compute", "image", "orchestration", "nonsense", ""])
def test_living_projects_are_not_called_retired(word: str) -> None:
    assert retired(word) is None


def test_members_by_the_names_that_services_give_them() -> None:
    stack = made(
        id="s1",
        stack_name="web",
        stack_status="CREATE_FAILED",
        stack_status_reason="quota exceeded",
        creation_time="2026-11-20T22:00:00Z",
        updated_time=None,
        parent=None,
        description="",
        tags=["a"],
        links=[{"rel": "self"}],
    )
    assert (stack.id, stack.name, stack.status, stack.created_at) == ("s1", "web", "CREATE_FAILED", 1795212000.0)
    assert stack.rest == '{"tags":["a"]}'
    verdict = health(stack, 0)
    assert (verdict.level, verdict.reason) == ("critical", "CREATE_FAILED: quota exceeded")


@pytest.mark.parametrize(
    ("found", "identity", "name"),
    [
        ({"uuid": "u1", "name": "node"}, "u1", "node"),
        ({"secret_ref": "https://x/v1/secrets/abc", "name": None}, "abc", ""),
        ({"name": "bucket", "count": 3, "bytes": 7}, "bucket", "bucket"),
        ({"id": 7}, "7", ""),
        ({"keypair": {"name": "mine", "fingerprint": "ab"}}, "mine", "mine"),
        ("HW_CPU_X86_AVX", "HW_CPU_X86_AVX", "HW_CPU_X86_AVX"),
    ],
)
def test_what_an_object_is_known_by(found: Any, identity: str, name: str) -> None:
    made_row = row(found, READING)
    assert (made_row.id, made_row.name) == (identity, name)


def test_objects_without_any_name_are_told_apart_by_what_they_hold() -> None:
    first, again, other = (made(role={"id": r}, user={"id": "u"}) for r in ("a", "a", "b"))
    assert first.id == again.id != other.id
    assert len(first.id) == 12


def test_times_that_are_none_stay_in_the_rest() -> None:
    odd = made(id="a", created_at="yesterday", updated_at="2026-11-20T22:00:00")
    assert (odd.created_at, odd.updated_at, odd.rest) == (None, 1795212000.0, '{"created_at":"yesterday"}')


@pytest.mark.parametrize(
    ("status", "level"),
    [
        ("ACTIVE", "ok"), ("CREATE_COMPLETE", "ok"), (None, "ok"), ("ERROR", "critical"),
        ("error_deleting", "critical"), ("clean failed", "critical"), ("UNKNOWN", "unknown"),
        ("powered-down", "critical"), ("downloading", "ok"),
    ],
)  # fmt: skip
def test_health_of_any_object(status: str | None, level: str) -> None:
    assert health(made(id="a", status=status), 0).level == level


def test_rows_that_are_no_objects_are_odd() -> None:
    found = rows_of(Page(raw=b'[{"id": "a"}, 7, null, [1]]'), generic_kind("dns/zones"), READING)
    assert [type(item).__name__ for item in found] == ["AnyObject", "OddRow", "OddRow", "OddRow"]


def test_every_known_collection_makes_a_kind() -> None:
    for service, collections in KNOWN.items():
        for collection in collections:
            assert generic_kind(f"{service}/{collection}").name == f"{service}/{collection}"


def test_stacks_from_the_wire(cloud: WireCloud) -> None:
    stacks = [{"id": "s1", "stack_name": "web", "stack_status": "CREATE_COMPLETE"}]
    cloud.on(f"/orchestration/v1/{PROJECT}/stacks", json_reply({"stacks": stacks, "links": []}))
    connections = cloud.connections()
    found = read(registry.kind("heat/stacks"), connections, clock=time.time)
    connections.close()
    assert (found.errors, [found.id_at(0)]) == ((), ["s1"])


def test_a_bare_list_from_the_wire(cloud: WireCloud) -> None:
    cloud.on(f"/orchestration/v1/{PROJECT}/alarms", json_reply([{"alarm_id": "a1", "name": "hot", "state": "alarm"}]))
    connections = cloud.connections()
    found = read(registry.kind("orchestration/alarms"), connections, clock=time.time)
    connections.close()
    assert [found.id_at(0)] == ["a1"]


def test_a_service_that_is_not_in_the_catalogue(cloud: WireCloud) -> None:
    connections = cloud.connections()
    found = read(registry.kind("dns/zones"), connections, clock=time.time)
    connections.close()
    assert isinstance(found.errors[0], BadConfiguration)
    assert "the catalogue has no dns" in found.errors[0].why


def test_the_rest_is_json(cloud: WireCloud) -> None:
    found = made(id="a", vip={"address": "192.0.2.1"}, empty=None, count=0)
    assert msgspec.json.decode(found.rest or "") == {"vip": {"address": "192.0.2.1"}, "count": 0}
