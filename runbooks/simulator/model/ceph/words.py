"""How Ceph writes moments, spans of time, sizes and shares."""

from __future__ import annotations

from datetime import UTC, datetime


def stamp(at: float) -> str:
    """`2026-11-20T22:30:28.430409+0000`, as maps and reports have it."""
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%S.%f+0000")


def stamp_z(at: float) -> str:
    """`2026-11-20T22:30:16.592815Z`, as the monitors' map and crash reports have it."""
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def span(seconds: float) -> str:
    """`1.67s`, `63s`, `4m`, `5h`, `3d`, `2w`: one unit, cut off."""
    if seconds < 2:
        return f"{max(seconds, 0.0):.6g}s"
    whole = int(seconds)
    if whole < 120:
        return f"{whole}s"
    if (minutes := whole // 60) < 120:
        return f"{minutes}m"
    if (hours := minutes // 60) < 48:
        return f"{hours}h"
    if (days := hours // 24) < 14:
        return f"{days}d"
    if (weeks := days // 7) < 12:
        return f"{weeks}w"
    return f"{days // 30}M" if days // 30 < 24 else f"{days // 365}y"


def size(number: int) -> str:
    """`0 B`, `26 MiB`, `8.9 GiB`, `3 GiB`: two significant digits below ten, none after the point above."""
    value, units = number, ("B", "KiB", "MiB", "GiB", "TiB", "PiB")
    place = 0
    while value >= 1024 and place < len(units) - 1:
        value >>= 10
        place += 1
    if place == 0:
        return f"{number} B"
    exact = number / (1 << 10 * place)
    if number % (1 << 10 * place) == 0:
        return f"{int(exact)} {units[place]}"
    return f"{exact:.1f} {units[place]}" if exact < 10 else f"{exact:.0f} {units[place]}"


def counted(number: int) -> str:
    """`0`, `960`, `12.50k`, `1.20M`: objects in tables and in the status."""
    for limit, unit in ((1_000_000_000, "G"), (1_000_000, "M"), (1000, "k")):
        if number >= limit:
            return f"{number // limit}{unit}" if number % limit == 0 else f"{number / limit:.2f}{unit}"
    return str(number)


def percent(part: int, whole: int) -> str:
    """`32.331`."""
    return f"{100 * part / whole if whole else 0:.3f}"
