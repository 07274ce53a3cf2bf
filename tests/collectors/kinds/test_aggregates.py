"""Host aggregates: hosts and metadata as text."""

from __future__ import annotations

from typing import Any

from collectors import registry
from collectors.snapshot import OddRow
from tests.collectors.kinds.recordings import decoded, joined, row, rows, verdict


def test_the_recording_is_empty() -> None:
    assert rows("aggregates") == []


def test_an_aggregate() -> None:
    made = row(
        "aggregates",
        id=3,
        uuid="u",
        name="ssd",
        availability_zone="az-2",
        hosts=["cmp02", "cmp01"],
        metadata={"availability_zone": "az-2", "ssd": "true", "rack": "a"},
        created_at="2026-11-20T22:00:00.000000",
        updated_at=None,
    )
    assert (made.id, made.host_count, made.hosts, made.metadata) == ("3", 2, "cmp02, cmp01", "rack=a, ssd=true")
    assert (made.created_at, made.updated_at) == (1795212000.0, None)
    assert verdict(made, "aggregates") == ("ok", "")


def test_an_empty_aggregate_says_so() -> None:
    assert verdict(row("aggregates", id=1), "aggregates") == ("ok", "no hosts in it")


def test_what_its_hosts_have_and_have_promised() -> None:
    hypervisors: dict[str, Any] = joined("hypervisors")
    one = next(iter(hypervisors["hypervisors"].values()))
    (made,) = decoded(registry.kind("aggregates"), [{"id": 1, "hosts": [one.host, "gone"]}], joins=hypervisors)
    assert not isinstance(made, OddRow)
    found: Any = made
    assert (found.servers, found.vcpus, found.vcpus_used) == (one.running_vms, one.vcpus, one.vcpus_used)
    assert (found.memory, found.memory_percent) == (one.memory, one.memory_percent)
    assert one.vcpus, "the recording tells what there is"


def test_two_hosts_are_summed_up() -> None:
    hypervisors: dict[str, Any] = joined("hypervisors")
    several = list(hypervisors["hypervisors"].values())[:2]
    assert len(several) == 2
    (made,) = decoded(registry.kind("aggregates"), [{"id": 1, "hosts": [h.host for h in several]}], joins=hypervisors)
    found: Any = made
    assert (found.vcpus, found.memory) == (sum(h.vcpus for h in several), sum(h.memory for h in several))


def test_without_hypervisors_nothing_is_known() -> None:
    made = row("aggregates", id=1, hosts=["cmp01"])
    assert (made.servers, made.vcpus, made.memory_percent) == (None, None, None)
