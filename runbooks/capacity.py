"""Whether displaced servers fit elsewhere: packed host by host into what Placement says is left. Pure.

Sums over hosts would promise room that no single host has, so each server is placed: the largest first, where most is
left. That is no promise either (the scheduler has filters of its own), but a refusal that is right.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec


class Room(msgspec.Struct):
    """What one host has left; memory and disk in bytes."""

    host: str
    vcpus: int
    memory: int
    disk: int


class Load(msgspec.Struct, frozen=True):
    """What one server takes."""

    name: str
    vcpus: int
    memory: int
    disk: int


def packed(loads: Sequence[Load], rooms: Sequence[Room]) -> list[Load]:
    """The loads that do not fit, after the others were placed."""
    left = [msgspec.structs.replace(room) for room in rooms]
    lacking = []
    for load in sorted(loads, key=lambda each: (each.memory, each.vcpus, each.disk), reverse=True):
        fitting = [room for room in left if _fits(load, room)]
        if not fitting:
            lacking.append(load)
            continue
        best = max(fitting, key=lambda room: (room.memory, room.vcpus))
        best.vcpus -= load.vcpus
        best.memory -= load.memory
        best.disk -= load.disk
    return lacking


def _fits(load: Load, room: Room) -> bool:
    return load.vcpus <= room.vcpus and load.memory <= room.memory and load.disk <= room.disk
