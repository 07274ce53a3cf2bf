"""What makes a lab, in order. A step can be repeated, and taken up again wherever it was interrupted.

A new service is one more line here and its file in `services/`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from runbooks.lab import hosts, image
from runbooks.lab.lab import Lab
from runbooks.lab.layout import PROFILES

ALL = frozenset(PROFILES)
NETWORK = frozenset({"network", "full"})
STORAGE = frozenset({"storage", "full"})
FULL = frozenset({"full"})


@dataclass(frozen=True, slots=True)
class Step:
    """One step: its name, what it does in words, and the profiles that have it."""

    name: str
    title: str
    profiles: frozenset[str]
    run: Callable[[Lab], None]


STEPS: tuple[Step, ...] = (
    Step("image", "the image of the hosts", ALL, image.make),
    Step("hosts", "the hosts", ALL, hosts.up),
)


def of(profile: str) -> tuple[Step, ...]:
    """The steps of a profile."""
    return tuple(step for step in STEPS if profile in step.profiles)
