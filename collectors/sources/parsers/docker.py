"""`docker ps --all --format '{{json .}}'`: one JSON object a line.

docker gives no start time here, only words (`Up 5 weeks (healthy)`, `Exited (137) 4 minutes ago`). They are precise
where it matters, in the first minutes, and cost no inspection of each container.
"""

from __future__ import annotations

import re
from typing import Any

import msgspec

_SECONDS = {
    "second": 1.0,
    "minute": 60.0,
    "hour": 3600.0,
    "day": 86400.0,
    "week": 604800.0,
    "month": 2592000.0,
    "year": 31536000.0,
}
_STATUS = re.compile(
    r"(Up|Exited|Restarting|Created|Dead|Removal In Progress)(?: \((-?\d+)\))?(?: (.*?))?(?: ago)?(?: \(([^)]*)\))?"
)
_DURATION = re.compile(r"(?:About )?(an?|\d+) (second|minute|hour|day|week|month|year)s?")


def containers(output: bytes) -> list[dict[str, Any]]:
    """One mapping per container: name, state in docker's word, health, exit code, age of the state, image."""
    found: list[dict[str, Any]] = []
    for line in output.splitlines():
        if not line.strip():
            continue
        try:
            listed = msgspec.json.decode(line)
        except msgspec.DecodeError:
            found.append({"raw": line[:200].decode("utf-8", "replace")})
            continue
        if not isinstance(listed, dict) or not isinstance(listed.get("Names"), str):
            found.append({"raw": line[:200].decode("utf-8", "replace")})
            continue
        status = str(listed.get("Status") or "")
        health, exit_code, age = status_of(status)
        found.append(
            {
                "name": listed["Names"].partition(",")[0],
                "engine": "docker",
                "state": listed.get("State") or status.partition(" ")[0].lower(),
                "detail": health,
                "exit_code": exit_code,
                "age": age,
                "image": listed.get("Image"),
                "container": listed.get("ID"),
            }
        )
    return found


def status_of(text: str) -> tuple[str | None, int | None, float | None]:
    """(health in docker's word, exit code, seconds since the state began) of `Up 5 weeks (healthy)` and its like."""
    found = _STATUS.fullmatch(text)
    if found is None:
        return None, None, None
    word, code, lasting, health = found.groups()
    if health is not None:
        health = health.removeprefix("health: ").lower()  # `health: starting`
    exited = word in ("Exited", "Restarting", "Dead")
    return health, int(code) if exited and code else None, duration(lasting or "")


def duration(words: str) -> float | None:
    """`5 weeks`, `About a minute`, `Less than a second` in seconds; None for anything else."""
    if words == "Less than a second":
        return 0.0
    found = _DURATION.fullmatch(words)
    if found is None:
        return None
    number = 1.0 if found[1] in ("a", "an") else float(found[1])
    return number * _SECONDS[found[2]]
