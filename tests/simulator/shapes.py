"""Comparing what the simulator answers with what a real service answered: same keys in the same order, same types."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

WIRE = Path(__file__).resolve().parent.parent / "wire" / "openstack"

MAPS = frozenset(
    {
        "addresses",
        "extra_specs",
        "hosts",
        "allocations",
        "provider_summaries",
        "resources",
        "metadata",
        "unknown",
        "scope",
    }
)
"""Objects whose keys are data, not names of fields."""


def recorded(name: str) -> dict[str, Any]:
    """The recording `identity/users.json`: request, status, headers, body."""
    found: dict[str, Any] = json.loads((WIRE / name).read_text())
    return found


STATES = ("progress", "security_groups", "fault")
"""Fields of a server that are there in some states only."""


def differences(real: object, ours: object, where: str = "") -> list[str]:
    """Where `ours` is shaped otherwise than `real`; null stands for any type.

    Every item of our list is compared with the recorded item that it is most like.
    """
    if real is None or ours is None:
        return []
    if isinstance(real, dict) and isinstance(ours, dict):
        name = where.rpartition(".")[2].partition("[")[0]
        if name in MAPS or where.rpartition(".")[0].rpartition(".")[2] == "hosts":
            model = next(iter(real.values()), None)
            return [line for key in ours for line in differences(real.get(key, model), ours[key], f"{where}.{key}")]
        keys, mine = ([key for key in each if key not in STATES] for each in (real, ours))
        if keys != mine:
            missing, more = [key for key in keys if key not in ours], [key for key in mine if key not in real]
            return [f"{where}: missing {missing}, more {more}, order {mine}"]
        return [line for key in real if key in ours for line in differences(real[key], ours[key], f"{where}.{key}")]
    if isinstance(real, list) and isinstance(ours, list):
        found = []
        for place, item in enumerate(ours):
            tries = [differences(model, item, f"{where}[{place}]") for model in real]
            found += sorted(tries, key=len)[0] if tries else []
        return found
    if type(real) is not type(ours):
        return [f"{where}: {type(real).__name__} there, {type(ours).__name__} here ({ours!r})"]
    return []
