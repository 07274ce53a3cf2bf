"""Host aggregates: hosts and metadata as text."""

from __future__ import annotations

from tests.collectors.kinds.recordings import row, rows, verdict


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
