"""chrony's own measure of a host's clock: `chronyc -c tracking`."""

from __future__ import annotations

from typing import Any

_LEAST_FIELDS = 14


def tracking(output: bytes) -> dict[str, Any]:
    """One line of values between commas, in the order of `chronyc tracking`.

    chrony says how much the clock is *slow*; here a clock that is ahead has a positive offset.
    """
    text = output.decode("utf-8", "replace").strip()
    fields = text.split(",")
    if "\n" in text or len(fields) < _LEAST_FIELDS:
        raise ValueError(f"not what chronyc -c prints: {text[:60]!r}")
    try:
        return {
            "reference": fields[1] or None,
            "stratum": int(fields[2]),
            "updated": float(fields[3]) or None,
            "kept_offset": -float(fields[4]),
            "kept_error": float(fields[10]) / 2 + float(fields[11]),
            "leap": fields[13],
        }
    except ValueError as error:
        raise ValueError(f"not what chronyc -c prints: {text[:60]!r}") from error
