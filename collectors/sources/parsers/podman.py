"""`podman ps --all --format json`: a JSON list; times in seconds since the epoch."""

from __future__ import annotations

import re
from typing import Any

import msgspec


def containers(output: bytes) -> list[dict[str, Any]]:
    """One mapping per container; pods' infrastructure containers are left out."""
    text = output.strip()
    try:
        listed = msgspec.json.decode(text) if text else []
    except msgspec.DecodeError as error:
        raise ValueError(f"no JSON ({error})") from error
    if listed is None:
        return []  # older ones print null for none
    if not isinstance(listed, list):
        raise ValueError(f"no list of containers: {output[:60]!r}")
    return [
        _container(container) for container in listed if not (isinstance(container, dict) and container.get("IsInfra"))
    ]


def _container(listed: object) -> dict[str, Any]:
    names = listed.get("Names") if isinstance(listed, dict) else None
    if not isinstance(listed, dict) or not isinstance(names, list) or not names:
        return {"raw": str(listed)[:200]}
    state = str(listed.get("State") or "")
    running = state in ("running", "paused")
    health = re.search(r"\((healthy|unhealthy|starting)\)", str(listed.get("Status") or ""))
    return {
        "name": names[0],
        "engine": "podman",
        "state": state,
        "detail": health[1] if health else None,
        "exit_code": None if running else _number(listed.get("ExitCode")),
        "since": _moment(listed.get("StartedAt" if running else "ExitedAt")),
        "image": listed.get("Image"),
        "container": listed.get("Id"),
        "restarts": _number(listed.get("Restarts")),
    }


def _number(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _moment(value: object) -> float | None:
    """Go's zero time (year 1) means never."""
    return float(value) if isinstance(value, int) and value > 0 else None
