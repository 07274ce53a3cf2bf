"""Replicas of quorum queues: what must be online before and after a change."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from runbooks.operations.queue_replicas import agreed, kept

ALL = "rabbit@a, rabbit@b, rabbit@c"


def queue(members: str, not_online: str = "") -> SimpleNamespace:
    return SimpleNamespace(members=members, not_online=not_online or None)


@pytest.mark.parametrize(
    ("members", "down", "state"),
    [
        (ALL, "", "open"),
        (ALL, "rabbit@c", "open"),
        (ALL, "rabbit@b, rabbit@c", "closed"),
        ("rabbit@a, rabbit@b", "rabbit@b", "closed"),
        ("rabbit@a", "", "open"),
    ],
)
def test_a_majority_agrees(members: str, down: str, state: str) -> None:
    assert agreed(queue(members, down)).state == state


@pytest.mark.parametrize(
    ("members", "down", "node", "state"),
    [
        (ALL, "", "rabbit@c", "open"),
        (ALL, "rabbit@c", "rabbit@c", "open"),  # what is gone for good is taken out
        (ALL, "rabbit@c", "rabbit@b", "closed"),  # one of two would be online
        ("rabbit@a, rabbit@b", "", "rabbit@b", "open"),
        ("rabbit@a", "", "rabbit@a", "closed"),
    ],
)
def test_what_is_left_works(members: str, down: str, node: str, state: str) -> None:
    assert kept(queue(members, down), node).state == state


def test_the_words_name_the_numbers() -> None:
    assert kept(queue(ALL, "rabbit@c"), "rabbit@b").words == (
        "without it 1 of 2 replicas are online, and a majority would be 2: the queue would stop"
    )
