"""Rows of Prometheus' and Alertmanager's kinds from what real ones answered."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

WIRE = Path(__file__).parents[2] / "wire" / "prometheus"
NOW = 1_795_214_576.0
"""2026-11-20 22:42:56 UTC: when the first recordings were made."""
FIRING = 1_795_803_360.0
"""2026-11-27 18:16:00 UTC: about when those with alerts were made."""


def recorded(name: str) -> Any:
    """The body of an answer."""
    return msgspec.json.decode((WIRE / f"{name}.json").read_bytes())
