"""Flavors: sizes in bytes."""

from __future__ import annotations

from typing import Any

from tests.collectors.kinds.recordings import row, rows, verdict


def test_the_recorded_flavors() -> None:
    found: dict[str, Any] = {flavor.name: flavor for flavor in rows("flavors")}  # type: ignore[union-attr]
    big = found["lab.big"]
    assert (big.vcpus, big.ram, big.disk, big.swap, big.is_public) == (4, 8 * 2**30, 40 * 2**30, 0, True)
    assert big.extra_specs is None


def test_extra_specs_are_one_text_in_order() -> None:
    made = row("flavors", id="f", extra_specs={"hw:numa_nodes": "2", "hw:cpu_policy": "dedicated"})
    assert made.extra_specs == "hw:cpu_policy=dedicated, hw:numa_nodes=2"


def test_no_swap_was_an_empty_text_once() -> None:
    assert row("flavors", id="f", swap="").swap == 0
    assert row("flavors", id="f", swap=512).swap == 512 * 2**20


def test_a_disabled_flavor_says_so() -> None:
    disabled = row("flavors", id="f", **{"OS-FLV-DISABLED:disabled": True})
    assert verdict(disabled, "flavors") == ("ok", "disabled: no new servers of this size")


def test_who_may_use_a_private_one() -> None:
    (first, second) = rows("flavor-access", joins={"projects": {}})
    made: Any = first
    assert (made.project_id, made.flavor, made.project) == (
        "ba12bdf57859444181e050c7545be5ab",
        "2b6fa4d8-3d18-4fb1-8d0a-3e2b1d5b6b0e",
        None,
    )
    assert verdict(second, "flavor-access") == ("ok", "")
