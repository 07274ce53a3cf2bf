"""systemd's services: `systemctl list-units --output=json` and `systemctl show`."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import msgspec


def units(output: bytes) -> list[dict[str, Any]]:
    """One mapping per service that exists; `not-found` ones (only referred to by others) are left out."""
    try:
        listed = msgspec.json.decode(output)
    except msgspec.DecodeError as error:
        raise ValueError(f"no JSON ({error}): systemd is older than 246?") from error
    if not isinstance(listed, list):
        raise ValueError(f"no list of units: {output[:60]!r}")
    found: list[dict[str, Any]] = []
    for unit in listed:
        if not isinstance(unit, dict) or not isinstance(unit.get("unit"), str):
            found.append({"raw": str(unit)[:200]})
        elif unit.get("load") != "not-found":
            found.append(
                {
                    "name": unit["unit"].removesuffix(".service"),
                    "engine": "systemd",
                    "load": unit.get("load"),
                    "state": unit.get("active"),
                    "detail": unit.get("sub"),
                    "description": unit.get("description"),
                }
            )
    return found


def stamp(text: str) -> float | None:
    """`Fri 2026-11-20 22:28:54 UTC` (commands run with TZ=UTC) as seconds since the epoch; None for nothing."""
    words = text.split()
    if len(words) != 4 or words[3] not in ("UTC", "GMT"):
        return None
    return datetime.fromisoformat(f"{words[1]}T{words[2]}").replace(tzinfo=UTC).timestamp()


def properties(output: bytes) -> list[dict[str, Any]]:
    """Blocks of `Name=value` lines, one per unit: when it changed, how it ended, how often systemd restarted it."""
    found: list[dict[str, Any]] = []
    for block in output.decode("utf-8", "replace").strip("\n").split("\n\n"):
        values = dict(line.partition("=")[::2] for line in block.splitlines())
        if not values:
            continue
        if "Id" not in values:
            raise ValueError(f"no Id: {block[:80]!r}")
        found.append(
            {
                "name": values["Id"].removesuffix(".service"),
                "engine": "systemd",
                "since": stamp(values.get("StateChangeTimestamp", "")),
                "result": values.get("Result") or None,
                "exit_code": _number(values.get("ExecMainStatus")),
                "restarts": _number(values.get("NRestarts")),
            }
            | ({"can_reload": values["CanReload"] == "yes"} if "CanReload" in values else {})
            | ({"state": values["ActiveState"], "detail": values.get("SubState")} if "ActiveState" in values else {})
            | ({"description": values["Description"]} if "Description" in values else {})
        )
    return found


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isdigit() else None
