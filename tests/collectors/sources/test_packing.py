"""How many servers fit on hosts: Nova's arithmetic of flavors, host by host, one provider at a time."""

from __future__ import annotations

import pytest

from collectors.sources.packing import Fit, Room, packed, size

SMALL = size("s", "small", 2, 4096, 20, 0, {})


def room(host: str, cpus: int, memory: int, disk: int = 1000, **more: int) -> Room:
    """A host with that much free."""
    return Room(host, {"VCPU": [cpus], "MEMORY_MB": [memory], "DISK_GB": [disk]}, dict(more))


def test_servers_are_counted_host_by_host_and_never_from_sums() -> None:
    halves = [room(f"cmp{i}", 64, 3000) for i in range(4)]
    assert packed(SMALL, halves) == Fit(0, 0, 0, "", 4, "MEMORY_MB", 4)
    found = packed(SMALL, [*halves, room("cmp9", 7, 64_000)])
    assert (found.servers, found.hosts, found.most, found.best) == (3, 1, 3, "cmp9")


def test_what_ends_it_on_most_hosts_is_tight() -> None:
    found = packed(SMALL, [room("a", 4, 400_000), room("b", 6, 400_000), room("c", 100, 4096)])
    assert (found.servers, found.tight) == (2 + 3 + 1, "VCPU")


def test_of_two_that_end_it_equally_often_the_scarcer_one_is_tight() -> None:
    assert packed(SMALL, [room("a", 2, 40_000), room("b", 20, 8192)]).tight == "MEMORY_MB"


def test_one_server_never_gets_more_than_the_machine_has() -> None:
    """A host of 16 CPUs promises 64 of them, but no server of 32."""
    big = size("b", "big", 32, 1024, 1, 0, {})
    assert packed(big, [room("a", 64, 40_000)]).servers == 2
    assert packed(big, [room("a", 64, 40_000, VCPU=16)]).servers == 0


def test_each_class_comes_from_one_provider_of_the_tree() -> None:
    """Two halves of a GPU's units in two cards serve no flavor that wants three of one."""
    wanted = size("g", "gpu", 1, 1024, 1, 0, {"resources:VGPU": "3"})
    cards = Room("a", {"VCPU": [9], "MEMORY_MB": [90_000], "DISK_GB": [90], "VGPU": [2, 2]}, {})
    assert packed(wanted, [cards]).servers == 0
    more = Room("a", {**cards.free, "VGPU": [3, 7]}, {})
    assert packed(wanted, [more]).servers == 3


def test_a_class_that_no_host_has_is_named() -> None:
    pinned = size("p", "pinned", 4, 1024, 1, 0, {"hw:cpu_policy": "dedicated"})
    assert packed(pinned, [room("a", 64, 64_000)]) == Fit(0, 0, 0, "", 0, "", 1, ("PCPU",))
    other = Room("b", {"PCPU": [9], "MEMORY_MB": [9999], "DISK_GB": [9]}, {})
    assert packed(pinned, [room("a", 64, 64_000), other]) == Fit(2, 1, 2, "b", 1, "PCPU", 2)


def test_traits_and_metadata_shut_hosts_out() -> None:
    specs = {"trait:HW_GPU": "required", "trait:CUSTOM_OLD": "forbidden", "aggregate_instance_extra_specs:ssd": "true"}
    wanted = size("x", "x", 2, 4096, 20, 0, specs)
    free = room("a", 4, 8192).free
    good, ssd = frozenset({"HW_GPU"}), frozenset({("ssd", "true")})
    assert packed(wanted, [Room("a", free, {}, good, ssd)]).servers == 2
    assert packed(wanted, [Room("a", free, {}, good | {"CUSTOM_OLD"}, ssd)]).suited == 0
    assert packed(wanted, [Room("a", free, {}, frozenset(), ssd)]).suited == 0
    assert packed(wanted, [Room("a", free, {}, good, frozenset({("ssd", "no")}))]).suited == 0


@pytest.mark.parametrize(
    ("swap", "specs", "needs"),
    [
        (0, {}, {"VCPU": 2, "MEMORY_MB": 4096, "DISK_GB": 20}),
        (1, {}, {"VCPU": 2, "MEMORY_MB": 4096, "DISK_GB": 21}),
        (1025, {}, {"VCPU": 2, "MEMORY_MB": 4096, "DISK_GB": 22}),
        (0, {"resources:VCPU": "0"}, {"MEMORY_MB": 4096, "DISK_GB": 20}),
        (0, {"hw:cpu_policy": "dedicated"}, {"PCPU": 2, "MEMORY_MB": 4096, "DISK_GB": 20}),
        (0, {"resources:CUSTOM_IRON": "1"}, {"VCPU": 2, "MEMORY_MB": 4096, "DISK_GB": 20, "CUSTOM_IRON": 1}),
    ],
)
def test_what_a_flavor_asks_for(swap: int, specs: dict[str, str], needs: dict[str, int]) -> None:
    assert size("f", "f", 2, 4096, 20, swap, specs).needs == needs


def test_what_only_a_filter_can_judge_is_named_and_not_guessed_at() -> None:
    specs = {
        "hw:mem_page_size": "large",
        "pci_passthrough:alias": "t4:1",
        "aggregate_instance_extra_specs:rack": "<or> a <or> b",
        "resources1:VGPU": "1",
        "quota:disk_read_iops_sec": "100",
        "hw:cpu_policy": "shared",
    }
    found = size("f", "f", 1, 1, 1, 0, specs)
    assert found.unjudged == (
        "aggregate_instance_extra_specs:rack",
        "hw:mem_page_size",
        "pci_passthrough:alias",
        "resources1:VGPU",
    )
    assert found.metadata == ()


def test_what_is_promised_beyond_what_there_is_is_no_room() -> None:
    assert packed(SMALL, [room("a", -4, 9000)]).servers == 0
