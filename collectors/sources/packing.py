"""How many more servers of a flavor fit on each host: what Placement and Nova's scheduler would still let in.

Host by host, never from sums: four hosts with half a server's memory each have room for none. Pure. What of a flavor's
extra specs only a filter of the scheduler or the hypervisor can judge is not guessed at but named (`unjudged`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import msgspec

_GIB: Final = 1024
_OF_AGGREGATES: Final = "aggregate_instance_extra_specs:"
_NO_MATTER: Final = ("quota:", "hw_video:", "hw_rng:", "os:", "accounting:")
"""Extra specs that say how a server runs, and never where."""
_JUDGED: Final = (("hw:cpu_policy", "dedicated"), ("hw:cpu_policy", "shared"))
_OPERATORS: Final = ("<", "=", "s=", "s!", "s<", "s>", "!")
"""How values begin that are no plain words (Nova's `extra_specs_ops`)."""


class Size(msgspec.Struct, frozen=True):
    """What one server of a flavor asks for."""

    id: str
    name: str
    needs: Mapping[str, int]
    """Resource class → amount (Nova's `ResourceRequest`): `{"VCPU": 2, "MEMORY_MB": 4096, "DISK_GB": 20}`."""
    required: frozenset[str] = frozenset()
    forbidden: frozenset[str] = frozenset()
    """Traits."""
    metadata: tuple[tuple[str, str], ...] = ()
    """What an aggregate of the host must say of itself, each."""
    unjudged: tuple[str, ...] = ()
    """Extra specs that may shut out further hosts."""


class Room(msgspec.Struct, frozen=True):
    """What one host can still give: the providers of its tree together."""

    host: str
    free: Mapping[str, Sequence[int]]
    """Resource class → what is free in each provider that has it."""
    largest: Mapping[str, int]
    """Resource class → the most that one server may have of it, where that is known (`max_unit`)."""
    traits: frozenset[str] = frozenset()
    metadata: frozenset[tuple[str, str]] = frozenset()
    """Of all aggregates that it is in."""


class Fit(msgspec.Struct, frozen=True):
    """How a flavor fits in a place."""

    servers: int
    hosts: int
    """On how many hosts at least one fits."""
    most: int
    """On the one with most room."""
    best: str
    """That host; empty when it fits nowhere."""
    suited: int
    """Hosts that have the traits, the metadata and the resource classes at all."""
    tight: str
    """The resource class that ends it on most hosts; empty when no host is suited."""
    left: int = 0
    """Hosts that have anything left at all."""
    lacking: tuple[str, ...] = ()
    """Resource classes that it needs and no host has."""


def size(flavor: str, name: str, vcpus: int, ram: int, disk: int, swap: int, specs: Mapping[str, str]) -> Size:
    """What a server of the flavor asks Placement for. `ram` and `swap` in MiB, `disk` (with ephemeral) in GiB.

    As `nova/scheduler/utils.py` does: swap is rounded up to whole GiB, a dedicated CPU is a PCPU, `resources:CLASS`
    replaces an amount. A root disk counts, although a server that boots from a volume takes none.
    """
    cpu = "PCPU" if specs.get("hw:cpu_policy") == "dedicated" else "VCPU"
    needs = {cpu: vcpus, "MEMORY_MB": ram, "DISK_GB": disk + -(-swap // _GIB)}
    required: set[str] = set()
    forbidden: set[str] = set()
    metadata, unjudged = [], []
    for key, value in sorted(specs.items()):
        before, _, after = key.partition(":")
        if before == "resources" and after and value.isdecimal():
            needs[after] = int(value)
        elif before == "trait" and value in ("required", "forbidden"):
            (required if value == "required" else forbidden).add(after)
        elif key.startswith(_OF_AGGREGATES) and not value.startswith(_OPERATORS):
            metadata.append((key.removeprefix(_OF_AGGREGATES), value))
        elif not key.startswith(_NO_MATTER) and (key, value) not in _JUDGED:
            unjudged.append(key)
    asked = {name: amount for name, amount in needs.items() if amount > 0}
    return Size(flavor, name, asked, frozenset(required), frozenset(forbidden), tuple(metadata), tuple(unjudged))


def suits(wanted: Size, room: Room) -> bool:
    """Whether the host may take such a server at all, however full it is."""
    return (
        wanted.required <= room.traits
        and not wanted.forbidden & room.traits
        and all(each in room.metadata for each in wanted.metadata)
        and all(name in room.free for name in wanted.needs)
    )


def on_one(wanted: Size, room: Room) -> dict[str, int]:
    """Resource class → how many servers it alone would let onto the host; each takes it all from one provider."""
    found = {}
    for name, amount in wanted.needs.items():
        too_large = amount > room.largest.get(name, amount)
        found[name] = 0 if too_large else sum(max(free, 0) // amount for free in room.free[name])
    return found


def packed(wanted: Size, rooms: Iterable[Room]) -> Fit:
    """How many servers of the size fit on these hosts together, and what ends it."""
    servers = hosts = most = suited = 0
    best = ""
    ends: Counter[str] = Counter()
    sums: Counter[str] = Counter()
    lacking, left = set(wanted.needs), 0
    for room in rooms:
        left += 1
        lacking -= room.free.keys()
        if not wanted.needs or not suits(wanted, room):
            continue
        suited += 1
        each = on_one(wanted, room)
        fits = min(each.values())
        sums.update(each)
        ends.update(name for name, number in each.items() if number == fits)
        servers, hosts = servers + fits, hosts + (fits > 0)
        if fits > most:
            most, best = fits, room.host
    tight = min(ends, key=lambda name: (-ends[name], sums[name], name)) if ends else ""
    return Fit(servers, hosts, most, best, suited, tight, left, tuple(sorted(lacking)) if left else ())
